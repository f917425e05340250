"""The figures of a report as CSV: one row for each infrastructure and type of environment."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from store.figures import Figures, Row

# What spreadsheets take for the beginning of a formula, also behind white space.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def spreadsheet(found: Figures) -> bytes:
    """A table that spreadsheets open as it is: UTF-8 with its mark, and no cell that could be a formula."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_head(found))
    writer.writerows(_cells(found))
    return text.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """A text that a spreadsheet shows instead of calculating it: one like a formula gets an apostrophe before it."""
    one_line = " ".join(text.split())
    return f"'{one_line}" if text.startswith(_FORMULA) or one_line.startswith(_FORMULA) else one_line


def _head(found: Figures) -> list[str]:
    months = [f"ending {month:%Y-%m}" for month in found.months]
    fixed = ["company", "infrastructure", "environment type", "slots", "used", "free"]
    return [*fixed, *months, "ending later", "term ended", "without an end", "without a license"]


def _cells(found: Figures) -> Iterator[list[str | int]]:
    for row in found.rows:
        yield [
            harmless(row.company),
            harmless(row.infrastructure),
            row.environment_type.short,
            row.total,
            row.used,
            row.free,
            *_ends(found, row),
        ]


def _ends(found: Figures, row: Row) -> list[int]:
    ending = [row.ending[month] for month in found.months]
    return [*ending, row.later, row.ended, row.endless, row.unlicensed]
