"""What files that the vendor made are refused for; each class is one sentence for a person."""

from dataclasses import dataclass

from store.rules.errors import FieldError, Named, Refusal


class HeldFileEmpty(FieldError):
    """The file is empty."""

    field = "file"


@dataclass(eq=False)
class HeldFileTooLarge(FieldError):
    """The file is larger than the operators allow; `most` is in bytes."""

    most: int
    field = "file"


@dataclass(eq=False)
class HeldFileEnding(FieldError):
    """Files whose names end like this one's are not taken; `taken` are those that are."""

    ending: str
    taken: tuple[str, ...]
    field = "file"


@dataclass(eq=False)
class NotOneEnvironment(FieldError):
    """The file names more serial numbers than could belong to one environment."""

    most: int
    field = "file"


@dataclass(eq=False)
class SerialNotNamed(FieldError):
    """The file is text and does not name the serial number of the environment; taking it needs a confirmation."""

    serial: str
    field = "file"


@dataclass(eq=False)
class NamesAnother(Refusal):
    """The file names the serial number of another environment.

    `other` is that environment where it is of the same infrastructure; of one elsewhere nothing is told.
    """

    infrastructure_id: int
    slot: Named
    serial: str
    other: Named | None
    other_registration_id: int

    @property
    def subject(self) -> str:  # type: ignore[override] # what it is about depends on the slot
        """The slot that the file was meant for."""
        return f"slot {self.slot.id}"

    @property
    def audited(self) -> dict[str, object]:
        """The registration whose serial number the file names."""
        return {"registration": self.other_registration_id}


@dataclass(eq=False)
class FilesSigned(Refusal):
    """The license files of this infrastructure are made here, so none of the vendor's is taken."""

    infrastructure_id: int
    name: str
    subject: str = "license files"
