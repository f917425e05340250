"""Words for what files that the vendor made are refused for."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.words.pens import Pen, names, size
from store.rules.errors import DeskError
from store.rules.held_file_errors import (
    FilesSigned,
    HeldFileEmpty,
    HeldFileEnding,
    HeldFileTooLarge,
    NamesAnother,
    NotOneEnvironment,
    SerialNotNamed,
)


def _empty(_error: HeldFileEmpty, _pen: Pen) -> str:
    return "This file is empty. Nothing was uploaded. Choose the file as the vendor made it."


def _too_large(error: HeldFileTooLarge, _pen: Pen) -> str:
    return f"This file is too large: at most {size(error.most)} are taken. Nothing was uploaded."


def _ending(error: HeldFileEnding, pen: Pen) -> str:
    what = f"Files ending in .{pen.name(error.ending)} are" if error.ending else "A file without an ending is"
    return f"{what} not taken. Nothing was uploaded. Taken are: {names(pen, error.taken)}."


def _many(error: NotOneEnvironment, _pen: Pen) -> str:
    return (
        f"This file names more than {error.most:,} serial numbers, so it is not the license file of one environment. "
        "Nothing was uploaded."
    )


def _not_named(error: SerialNotNamed, _pen: Pen) -> str:
    return f"The file does not name the serial number of this environment, {error.serial}. Nothing was uploaded yet."


def _another(error: NamesAnother, pen: Pen) -> str:
    whose = f"which is that of {pen.name(error.other.name)}" if error.other else "which is in use elsewhere"
    return (
        f"This file names the serial number {error.serial}, {whose}. Nothing was uploaded for "
        f"{pen.name(error.slot.name)}. Choose the file that the vendor made for it."
    )


def _signed(error: FilesSigned, pen: Pen) -> str:
    return (
        f"License Desk makes the license files of {pen.name(error.name)} itself, so there is nothing to upload. "
        "Get them with `/license request`."
    )


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    HeldFileEmpty: _empty,
    HeldFileTooLarge: _too_large,
    HeldFileEnding: _ending,
    NotOneEnvironment: _many,
    SerialNotNamed: _not_named,
    NamesAnother: _another,
    FilesSigned: _signed,
}
