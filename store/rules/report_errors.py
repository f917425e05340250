"""What is wrong with the name of what a report is asked about."""

from dataclasses import dataclass

from store.rules.errors import DeskError


@dataclass(eq=False)
class ReportUnknown(DeskError):
    """No company or infrastructure that you oversee is called so."""

    typed: str

    def __str__(self) -> str:
        return f"{self.typed}: no company or infrastructure is called so."


@dataclass(eq=False)
class ReportUnclear(DeskError):
    """Several companies or infrastructures are called so; their names tell them apart."""

    typed: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.typed}: several are called so. Name one of them whole: {', '.join(self.names)}."
