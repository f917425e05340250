"""Tables of environments to register, as spreadsheets write them: comma or semicolon, columns in any order."""

import codecs
import csv
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from typing import Final

from store.rules.environments import EnvironmentType
from store.rules.sheet_errors import (
    ColumnsMissing,
    ColumnUnknown,
    EncodingUnknown,
    RowsMissing,
    RowsTooMany,
    SheetBroken,
    TypeUnknown,
)


class Column(StrEnum):
    """The columns, by the names in the first line."""

    INFRASTRUCTURE = "infrastructure"
    ENVIRONMENT_TYPE = "environment type"
    SLOT = "slot"
    SERIAL = "serial number"
    VERSION = "platform version"


RESULT_COLUMNS: Final = ("line", "result", "column", "explanation")
"""What a table of results has besides, so that it can be corrected and handed in again; not read."""

OPTIONAL: Final = frozenset({Column.SLOT})
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS: Final = (",", ";", "\t")
_LIKE_A_FORMULA: Final = ("'=", "'+", "'-", "'@")


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its line in the file, from 1; cells are as they were typed, without white space around them.

    `surplus` tells that there were more cells than columns.
    """

    line: int
    infrastructure: str = ""
    environment_type: str = ""
    slot: str = ""
    serial: str = ""
    version: str = ""
    surplus: bool = False

    @property
    def cells(self) -> dict[Column, str]:
        """The cells by column."""
        return {
            Column.INFRASTRUCTURE: self.infrastructure,
            Column.ENVIRONMENT_TYPE: self.environment_type,
            Column.SLOT: self.slot,
            Column.SERIAL: self.serial,
            Column.VERSION: self.version,
        }


def read(content: bytes, most: int) -> list[Row]:
    """The rows of a table, `most` at most; empty ones are left out.

    Raises `EncodingUnknown`, `SheetBroken`, `ColumnsMissing`, `ColumnUnknown`, `RowsMissing` and `RowsTooMany`.
    """
    text = _decoded(content)
    if not text.strip():
        raise RowsMissing
    lines = _lines(text)
    head = next(lines, None)
    if head is None:
        raise RowsMissing
    places, width = _places(head[1]), len(head[1])
    rows = [_row(line, cells, places, width) for line, cells in _at_most(lines, most)]
    if not rows:
        raise RowsMissing
    return rows


def parse_type(text: str) -> EnvironmentType:
    """The environment type that a cell names in the words of lists or of import files. Raises `TypeUnknown`."""
    wanted = _plain(text)
    for each in EnvironmentType:
        if wanted in {_plain(each), _plain(each.short), _plain(each.label)}:
            return each
    raise TypeUnknown(text)


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise EncodingUnknown from None
    if "\0" in text:
        # So it looks when UTF-16 without its mark, or something that is no text at all, is read.
        raise EncodingUnknown
    return unicodedata.normalize("NFC", text)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty, with its number; a cell may have line breaks in it."""
    separator, said = _separator(text)
    # strict: what stands between a closed quotation mark and the separator would be taken for part of the cell.
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        begun = reader.line_num + 1
        try:
            cells = [each.strip() for each in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            raise SheetBroken(begun) from None
        if any(cells) and not (said and begun == 1):
            yield begun, cells


def _separator(text: str) -> tuple[str, bool]:
    """What separates cells, and whether the first line is nothing but the spreadsheet's word for it."""
    first = next(line for line in text.splitlines() if line.strip()).strip().lower()
    if first.startswith("sep=") and first[4:5] in _SEPARATORS:
        return first[4], text.lstrip().lower().startswith("sep=")
    return max(_SEPARATORS, key=first.count), False


def _places(head: Sequence[str]) -> dict[Column, int]:
    """Where each column stands."""
    named = [_plain(each) for each in head]
    known = {_plain(each): each for each in Column}
    for typed, name in zip(head, named, strict=True):
        if name and (named.count(name) > 1 or name not in known) and name not in RESULT_COLUMNS:
            raise ColumnUnknown(typed, tuple(Column))
    places = {known[name]: place for place, name in enumerate(named) if name in known}
    missing = [each for each in Column if each not in places and each not in OPTIONAL]
    if missing:
        raise ColumnsMissing(tuple(missing))
    return places


def _at_most(lines: Iterator[tuple[int, list[str]]], most: int) -> Iterator[tuple[int, list[str]]]:
    for number, each in enumerate(lines):
        if number >= most:
            raise RowsTooMany(most)
        yield each


def _row(line: int, cells: Sequence[str], places: dict[Column, int], width: int) -> Row:
    def cell(column: Column) -> str:
        place = places.get(column, len(cells))
        return _shown(cells[place]) if place < len(cells) else ""

    return Row(
        line,
        cell(Column.INFRASTRUCTURE),
        cell(Column.ENVIRONMENT_TYPE),
        cell(Column.SLOT),
        cell(Column.SERIAL),
        cell(Column.VERSION),
        surplus=any(cells[width:]),
    )


def _shown(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from calculating it."""
    return cell[1:] if cell.startswith(_LIKE_A_FORMULA) else cell


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())
