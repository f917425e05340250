"""What became of the rows of a table, in words and as a table again; for Slack and for the command line."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Final

from handlers.spreadsheet import harmless
from handlers.words import field_of, written
from handlers.words.pens import Pen, counted
from store.bulk import Report
from store.bulk_wishes import Outcome, Result
from store.rules.errors import DeskError
from store.rules.registration_errors import (
    CloudNeedsNothing,
    NoSubscription,
    SlotTaken,
    Suspended,
    TermEnded,
    VersionDiffers,
)
from store.rules.seeing_errors import NoRight, NotAssociated
from store.rules.sheet_errors import InfrastructureUnknown, NoSlotLeft
from store.rules.sheets import RESULT_COLUMNS, Column

_FIELDS: Final[Mapping[str, Column]] = {
    "serial": Column.SERIAL,
    "version": Column.VERSION,
    **{str(each): each for each in Column},
}
_COLUMNS: Final[Mapping[type[DeskError], Column]] = {
    CloudNeedsNothing: Column.INFRASTRUCTURE,
    InfrastructureUnknown: Column.INFRASTRUCTURE,
    NoRight: Column.INFRASTRUCTURE,
    NoSubscription: Column.INFRASTRUCTURE,
    NotAssociated: Column.INFRASTRUCTURE,
    Suspended: Column.INFRASTRUCTURE,
    TermEnded: Column.INFRASTRUCTURE,
    NoSlotLeft: Column.ENVIRONMENT_TYPE,
    SlotTaken: Column.SLOT,
}
_DONE: Final = {
    Result.REGISTERED: "registered",
    Result.AGAIN: "registered before",
    Result.WRONG: "not registered",
}
_CHECKED: Final = {
    Result.REGISTERED: "can be registered",
    Result.AGAIN: "registered before",
    Result.WRONG: "cannot be registered",
}


def summary(report: Report, *, all_or_nothing: bool) -> str:
    """What the whole came to, in one or two sentences."""
    rows = counted(len(report.outcomes), "row")
    new, again, faults = (report.count(each) for each in Result)
    before = f", {again:,} {_were(again)} registered like this before" if again else ""
    if report.done:
        now = f"{counted(new, 'environment')} of {rows} {_are(new)} registered now"
        return f"{now}{before}, {_cannot(faults, 'could not')}."
    said = f"{new:,} of {rows} can be registered{before}, {_cannot(faults, 'cannot')}."
    if faults and all_or_nothing:
        return f"{said} Nothing was registered, because you asked for all or nothing."
    return f"{said} Nothing was registered yet."


def column_of(error: DeskError) -> str:
    """The column that an error is about; empty when it is about the whole row."""
    return str(_FIELDS.get(field_of(error)) or _COLUMNS.get(type(error)) or "")


def explanation(error: DeskError, pen: Pen) -> str:
    """What is wrong with a row, and what to do."""
    if isinstance(error, VersionDiffers):
        return (
            f"This serial number is registered in {pen.name(error.slot.name)} with version {pen.name(error.present)}. "
            f"To change that to {pen.name(error.wanted)}, type /license register with both."
        )
    if isinstance(error, SlotTaken):
        return f"{pen.name(error.slot.name)} is taken. Name another slot, or none to get a free one."
    return written(error, pen)


def fault(outcome: Outcome, pen: Pen) -> str:
    """One row that cannot be registered, as a line."""
    if outcome.error is None:
        return ""
    column = column_of(outcome.error)
    place = f"Line {outcome.row.line:,}{f', {column}' if column else ''}"
    return f"{place}: {explanation(outcome.error, pen)}"


def result(outcome: Outcome, *, done: bool) -> str:
    """What became of a row, in two or three words."""
    return (_DONE if done else _CHECKED)[outcome.result]


def table(report: Report, pen: Pen) -> bytes:
    """Every row with its result: UTF-8 with its mark, and no cell that a spreadsheet would calculate."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*RESULT_COLUMNS, *Column])
    writer.writerows(_cells(each, pen, done=report.done) for each in report.outcomes)
    return text.getvalue().encode("utf-8-sig")


def _cells(outcome: Outcome, pen: Pen, *, done: bool) -> Sequence[str | int]:
    error, cells = outcome.error, outcome.row.cells
    if outcome.slot_name:
        cells[Column.SLOT] = outcome.slot_name
    why = (column_of(error), harmless(explanation(error, pen))) if error else ("", "")
    return [outcome.row.line, result(outcome, done=done), *why, *map(harmless, cells.values())]


def _cannot(faults: int, could_not: str) -> str:
    return f"{counted(faults, 'row')} {could_not} be" if faults else "and no row has a fault"


def _are(many: int) -> str:
    return "is" if many == 1 else "are"


def _were(many: int) -> str:
    return "was" if many == 1 else "were"
