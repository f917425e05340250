"""What is wrong with a filter of the record; said at the command line."""

from dataclasses import dataclass

from store.rules.errors import DeskError


@dataclass(eq=False)
class InfrastructureUnknown(DeskError):
    """There is no infrastructure with this name or activation code."""

    typed: str

    def __str__(self) -> str:
        return f"{self.typed}: there is no infrastructure with this name or activation code."


@dataclass(eq=False)
class InfrastructureUnclear(DeskError):
    """Several infrastructures have this name; name it by its activation code."""

    typed: str
    activation_codes: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.typed}: several infrastructures have this name. "
            f"Name it by its activation code: {', '.join(self.activation_codes)}."
        )
