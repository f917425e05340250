"""Environment types and the words by which people know them."""

from enum import StrEnum


class EnvironmentType(StrEnum):
    """What a licensed environment is used for."""

    DEVELOPMENT = "development"
    NON_PRODUCTION = "non_production"
    PRODUCTION = "production"
    MANAGEMENT = "management"

    @property
    def label(self) -> str:
        """The name that people are shown in lists and forms."""
        return _LABELS[self]

    @property
    def short(self) -> str:
        """The name within a sentence."""
        return _LABELS[self].partition(":")[0]


_LABELS = {
    EnvironmentType.DEVELOPMENT: "Development",
    EnvironmentType.NON_PRODUCTION: "Non-production: quality, test, pre-production",
    EnvironmentType.PRODUCTION: "Production",
    EnvironmentType.MANAGEMENT: "Management",
}
