"""What can be wrong with a table of environments to register: with the whole of it, or with one of its rows."""

from dataclasses import dataclass

from store.rules.environments import EnvironmentType
from store.rules.errors import FieldError, Refusal


class EncodingUnknown(FieldError):
    """The file is neither UTF-8 nor UTF-16 with its mark; it has to be saved as UTF-8."""

    field = "file"


@dataclass(eq=False)
class SheetBroken(FieldError):
    """The file is no table from this line on, for example because a quotation mark is not closed."""

    line: int
    field = "file"


@dataclass(eq=False)
class ColumnsMissing(FieldError):
    """The first line does not name all columns that are needed."""

    missing: tuple[str, ...]
    field = "file"


@dataclass(eq=False)
class ColumnUnknown(FieldError):
    """The first line names a column that nothing is known of, or one twice."""

    typed: str
    known: tuple[str, ...]
    field = "file"


class RowsMissing(FieldError):
    """There is no row below the first line."""

    field = "file"


@dataclass(eq=False)
class RowsTooMany(FieldError):
    """The table has more rows than are taken at once; `most` are."""

    most: int
    field = "file"


@dataclass(eq=False)
class CellMissing(FieldError):
    """A cell that is needed is empty; `column` is its column's name."""

    column: str

    @property
    def field(self) -> str:  # type: ignore[override] # which field it is depends on the column
        """The column."""
        return self.column


class CellsTooMany(FieldError):
    """This row has more cells than there are columns, for example because of a separator within a name."""


@dataclass(eq=False)
class TypeUnknown(FieldError):
    """There is no such environment type; there are four."""

    typed: str
    field = "environment type"


@dataclass(eq=False)
class SerialRepeated(FieldError):
    """This serial number stands in an earlier row, too, whose line is named."""

    line: int
    field = "serial number"


@dataclass(eq=False)
class SlotRepeated(FieldError):
    """This slot stands in an earlier row, too, whose line is named."""

    line: int
    field = "slot"


@dataclass(eq=False)
class SlotUnknown(FieldError):
    """The infrastructure has no slot of this name."""

    typed: str
    infrastructure: str
    field = "slot"


@dataclass(eq=False)
class SlotOfOtherType(FieldError):
    """The slot of this name is of another environment type than the row says."""

    slot: str
    environment_type: EnvironmentType
    field = "environment type"


@dataclass(eq=False)
class InfrastructureUnclear(FieldError):
    """Several infrastructures that somebody sees are called so; the activation code tells them apart."""

    typed: str
    field = "infrastructure"


@dataclass(eq=False)
class InfrastructureUnknown(Refusal):
    """Somebody sees no infrastructure of this name or activation code, whether there is one or not."""

    typed: str
    subject: str = "bulk registration"


@dataclass(eq=False)
class NoSlotLeft(Refusal):
    """Every slot of that type is taken, or is used by the rows before this one."""

    infrastructure_id: int
    name: str
    environment_type: EnvironmentType
    account_manager: tuple[str, str]  # name, e-mail
    subject: str = "slots"

    @property
    def audited(self) -> dict[str, object]:
        """The type."""
        return {"environment_type": str(self.environment_type)}
