"""What each row of a table wishes for, and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from store.rules.environments import EnvironmentType
from store.rules.errors import DeskError, FieldError
from store.rules.serials import parse_serial
from store.rules.sheet_errors import CellMissing, CellsTooMany, SerialRepeated
from store.rules.sheets import OPTIONAL, Row, parse_type
from store.rules.versions import PlatformVersion, parse_version


class Result(StrEnum):
    """What became of a row: its environment is registered (or could be), was so before, or cannot be."""

    REGISTERED = "registered"
    AGAIN = "again"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Wish:
    """A row whose cells can be read."""

    row: Row
    environment_type: EnvironmentType
    serial: str
    version: PlatformVersion


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; `error` says why it is `WRONG`, `slot_name` where it is otherwise."""

    row: Row
    result: Result
    slot_name: str = ""
    error: DeskError | None = None


def wrong(row: Row, error: DeskError) -> Outcome:
    """The outcome of a row that cannot be registered."""
    # What was on the way when it was raised would be kept for as long as the outcome is.
    return Outcome(row, Result.WRONG, error=error.with_traceback(None))


def count(outcomes: Iterable[Outcome], result: Result) -> int:
    """How many rows came to this."""
    return sum(each.result is result for each in outcomes)


def read_wishes(rows: Sequence[Row]) -> tuple[list[Wish], list[Outcome]]:
    """What the rows wish for, and the outcomes of those whose cells say that they cannot be registered."""
    wishes: list[Wish] = []
    faults: list[Outcome] = []
    lines: dict[str, int] = {}
    for row in rows:
        try:
            wish = _wish(row)
            if wish.serial in lines:
                raise SerialRepeated(lines[wish.serial])
        except FieldError as error:
            faults.append(wrong(row, error))
        else:
            lines[wish.serial] = row.line
            wishes.append(wish)
    return wishes, faults


def _wish(row: Row) -> Wish:
    if row.surplus:
        raise CellsTooMany
    for column, cell in row.cells.items():
        if not cell and column not in OPTIONAL:
            raise CellMissing(column)
    return Wish(row, parse_type(row.environment_type), parse_serial(row.serial), parse_version(row.version))
