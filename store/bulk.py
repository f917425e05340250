"""Bulk registration: the rows of a table, each by the rules of registering, in batches or all of them or none.

Rows are worked through infrastructure by infrastructure. Each batch is a transaction of its own, so that a running
bot never waits long; a run that was interrupted goes on when the same table is handed in again.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from store import bulk_telling, infrastructures, people
from store.bulk_batches import Given, judged, worked
from store.bulk_places import by_infrastructure
from store.bulk_wishes import Outcome, Result, Wish, read_wishes
from store.desk import Act, Actor, Desk, intention
from store.reach import reach
from store.rules.seeing_errors import NotAssociated
from store.rules.sheets import Row

AT_ONCE: Final = 250
"""Rows in one transaction."""
PAUSE_SECONDS: Final = 0.005
"""After each transaction on SQLite, so that others find its one lock free; measured with imports."""

Progress = Callable[[int], None]
"""Told how many more rows are done."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every row, in the order of their lines; unless `done`, nothing was written."""

    outcomes: tuple[Outcome, ...]
    done: bool

    def count(self, result: Result) -> int:
        """How many rows came to this."""
        return sum(each.result is result for each in self.outcomes)


@dataclass(frozen=True, slots=True)
class Run:
    """One bulk registration: a key that no other one has, and when it began."""

    key: str
    begun_at: datetime


class _NotAll(Exception):
    """Not every row can be registered, so none is."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__()
        self.outcomes = outcomes


def check(desk: Desk, actor: Actor, rows: Sequence[Row], progress: Progress = lambda _rows: None) -> Report:
    """What registering these rows would come to at this moment. Raises `NotAssociated`."""
    placed, outcomes = _placed(desk, actor, rows)
    progress(len(outcomes))
    with desk.database.read() as connection:
        act = Act(connection, desk.clock(), actor, desk)
        for infrastructure_id, wishes in placed.items():
            given = _given(wishes)
            for piece in _pieces(wishes):
                found = judged(act, infrastructure_id, piece, given)
                outcomes += [each.outcome() for each in found.rows]
                given = found.given
                progress(len(piece))
    return _report(outcomes, done=False)


def register(
    desk: Desk, actor: Actor, rows: Sequence[Row], key: str, progress: Progress = lambda _rows: None
) -> Report:
    """Register the rows that can be, and say of each what became of it. Raises `NotAssociated`."""
    run = Run(key, desk.clock())
    placed, outcomes = _placed(desk, actor, rows)
    progress(len(outcomes))
    for infrastructure_id, wishes in placed.items():
        given = _given(wishes)
        for piece in _pieces(wishes):
            done, given = _register(desk, actor, infrastructure_id, piece, given, run)
            outcomes += done
            progress(len(piece))
            if desk.database.is_sqlite:
                time.sleep(PAUSE_SECONDS)
    return _ended(desk, actor, run, _report(outcomes, done=True))


def register_all(
    desk: Desk, actor: Actor, rows: Sequence[Row], key: str, progress: Progress = lambda _rows: None
) -> Report:
    """Register every row in one transaction, or none when one of them cannot be. Raises `NotAssociated`."""
    run = Run(key, desk.clock())
    found = check(desk, actor, rows)
    if found.count(Result.WRONG):
        bulk_telling.report_refused(desk, actor, found.outcomes)
        return found
    placed, _ = _placed(desk, actor, rows)
    try:
        outcomes = _register_all(desk, actor, placed, run, progress)
    except _NotAll as not_all:
        found = _report(not_all.outcomes, done=False)
        bulk_telling.report_refused(desk, actor, found.outcomes)
        return found
    return _ended(desk, actor, run, _report(outcomes, done=True))


@intention
def _register(
    act: Act, infrastructure_id: int, wishes: Sequence[Wish], given: Given, run: Run
) -> tuple[list[Outcome], Given]:
    return _worked(act, infrastructure_id, wishes, given, run)


@intention
def _register_all(
    act: Act, placed: Mapping[int, Sequence[Wish]], run: Run, progress: Progress
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for infrastructure_id, wishes in placed.items():
        given = _given(wishes)
        for piece in _pieces(wishes):
            done, given = _worked(act, infrastructure_id, piece, given, run)
            outcomes += done
            progress(len(piece))
    if any(each.result is Result.WRONG for each in outcomes):
        raise _NotAll(outcomes)
    return outcomes


def _worked(
    act: Act, infrastructure_id: int, wishes: Sequence[Wish], given: Given, run: Run
) -> tuple[list[Outcome], Given]:
    outcomes, given = worked(act, infrastructure_id, wishes, given)
    if any(each.result is Result.REGISTERED for each in outcomes):
        bulk_telling.tell(act, infrastructure_id, run.key, run.begun_at)
    return outcomes, given


def _ended(desk: Desk, actor: Actor, run: Run, report: Report) -> Report:
    bulk_telling.send(desk, actor, run.key)
    bulk_telling.report_refused(desk, actor, report.outcomes)
    return report


def _placed(desk: Desk, actor: Actor, rows: Sequence[Row]) -> tuple[dict[int, list[Wish]], list[Outcome]]:
    if actor.person_id is None:
        raise NotAssociated
    wishes, faults = read_wishes(rows)
    with desk.database.read() as connection:
        seen = reach(people.held_roles(connection, actor.person_id))
        if seen.nowhere:
            raise infrastructures.not_associated(connection, actor.person_id)
        placed, more = by_infrastructure(connection, seen, wishes)
    return placed, [*faults, *more]


def _given(wishes: Sequence[Wish]) -> Given:
    return Given(frozenset(each.row.slot for each in wishes if each.row.slot))


def _pieces(wishes: Sequence[Wish]) -> Iterator[Sequence[Wish]]:
    for start in range(0, len(wishes), AT_ONCE):
        yield wishes[start : start + AT_ONCE]


def _report(outcomes: list[Outcome], *, done: bool) -> Report:
    return Report(tuple(sorted(outcomes, key=lambda each: each.row.line)), done)
