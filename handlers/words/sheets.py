"""Words for what is wrong with a table of environments, or with one of its rows."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.words.pens import Pen, manager, names
from store.rules.environments import EnvironmentType
from store.rules.errors import DeskError
from store.rules.sheet_errors import (
    CellMissing,
    CellsTooMany,
    ColumnsMissing,
    ColumnUnknown,
    EncodingUnknown,
    InfrastructureUnclear,
    InfrastructureUnknown,
    NoSlotLeft,
    RowsMissing,
    RowsTooMany,
    SerialRepeated,
    SheetBroken,
    SlotOfOtherType,
    SlotRepeated,
    SlotUnknown,
    TypeUnknown,
)

_NOTHING: Final = "Nothing was registered."


def _encoding(_error: EncodingUnknown, _pen: Pen) -> str:
    return (
        f"The letters in this file cannot be read. {_NOTHING} Save it once more as “CSV UTF-8”: in Excel, choose that "
        "at Save as; in LibreOffice, choose Unicode (UTF-8) as the character set."
    )


def _broken(error: SheetBroken, _pen: Pen) -> str:
    return (
        f"From line {error.line:,} on this file is no table; perhaps a quotation mark is not closed. {_NOTHING} "
        "Save it once more as CSV."
    )


def _columns_missing(error: ColumnsMissing, pen: Pen) -> str:
    missing, are = names(pen, error.missing, "and"), "is" if len(error.missing) == 1 else "are"
    return f"The first line has to name the columns; {missing} {are} missing. {_NOTHING}"


def _column_unknown(error: ColumnUnknown, pen: Pen) -> str:
    return (
        f"The first line names a column “{pen.name(error.typed)}” that is not known, or is there twice. {_NOTHING} "
        f"The columns are {names(pen, error.known, 'and')}."
    )


def _rows_missing(_error: RowsMissing, _pen: Pen) -> str:
    return f"There is no row below the first line. {_NOTHING} Write one row for each environment."


def _rows_too_many(error: RowsTooMany, _pen: Pen) -> str:
    return f"This table has more than {error.most:,} rows, which are the most at once. {_NOTHING} Cut it into several."


def _cell_missing(error: CellMissing, pen: Pen) -> str:
    return f"The {pen.name(error.column)} is missing."


def _cells_too_many(_error: CellsTooMany, _pen: Pen) -> str:
    return "This row has more cells than there are columns. Put a name with a comma or semicolon in quotation marks."


def _type_unknown(error: TypeUnknown, pen: Pen) -> str:
    types = names(pen, tuple(each.short for each in EnvironmentType))
    return f"“{pen.name(error.typed)}” is no environment type. Write {types}."


def _serial_repeated(error: SerialRepeated, _pen: Pen) -> str:
    return f"This serial number is in line {error.line:,}, too. Each environment has its own."


def _slot_repeated(error: SlotRepeated, _pen: Pen) -> str:
    return f"This slot is in line {error.line:,}, too. Name another one, or none to get a free one."


def _slot_unknown(error: SlotUnknown, pen: Pen) -> str:
    return (
        f"{pen.name(error.infrastructure)} has no slot called “{pen.name(error.typed)}”. Write the whole name, or none "
        "to get a free slot."
    )


def _slot_of_other_type(error: SlotOfOtherType, pen: Pen) -> str:
    return f"{pen.name(error.slot)} is a {error.environment_type.short} slot. Write that type, or name another slot."


def _unclear(error: InfrastructureUnclear, pen: Pen) -> str:
    return f"Several infrastructures are called “{pen.name(error.typed)}”. Write the activation code instead."


def _unknown(error: InfrastructureUnknown, pen: Pen) -> str:
    return (
        f"You see no infrastructure called “{pen.name(error.typed)}”. Write its whole name or its activation code; if "
        "it should be yours, ask an admin or the operators."
    )


def _no_slot_left(error: NoSlotLeft, pen: Pen) -> str:
    return (
        f"No {error.environment_type.short} slot of {pen.name(error.name)} is left: they are taken, or rows before "
        "this one need them. Release one that is no longer used, or for more write to "
        f"{manager(pen, error.account_manager)}."
    )


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    EncodingUnknown: _encoding,
    SheetBroken: _broken,
    ColumnsMissing: _columns_missing,
    ColumnUnknown: _column_unknown,
    RowsMissing: _rows_missing,
    RowsTooMany: _rows_too_many,
    CellMissing: _cell_missing,
    CellsTooMany: _cells_too_many,
    TypeUnknown: _type_unknown,
    SerialRepeated: _serial_repeated,
    SlotRepeated: _slot_repeated,
    SlotUnknown: _slot_unknown,
    SlotOfOtherType: _slot_of_other_type,
    InfrastructureUnclear: _unclear,
    InfrastructureUnknown: _unknown,
    NoSlotLeft: _no_slot_left,
}
