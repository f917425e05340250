"""Whether the record holds: every entry that was changed, removed, inserted or moved is found and named.

An entry's hash covers its content, its number and the hash before it. So an entry whose hash does not match was
changed, or moved when the hash matches for another number near by; one whose successor follows another hash was
replaced as a whole, or put in. What is gone from the end shows against the note of the chain's last entry, and where
that note was changed as well, against heads that were exported before (`audit_heads`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection, select

from store.audit import DESK_CHAIN, GENESIS, Entry, digest
from store.database import AnyRow
from store.tables import audit_entries, audit_heads

Problem = Literal[
    "changed", "missing", "inserted", "moved", "cut off", "head missing", "cut off since", "changed since"
]
_PIECE = 1000
_NEAR = 200
"""How far from its place an entry is looked for that does not match there."""
_MOST_SEARCHES = 2000
"""Entries that are looked for elsewhere, in one chain; of more it is said that they were changed."""


@dataclass(frozen=True, slots=True)
class Break:
    """Entries of a chain, from `position` to `until` (absent: one alone), that are not as they were written."""

    chain: int
    position: int
    problem: Problem
    until: int | None = None


def verify(connection: Connection) -> Iterator[Break]:
    """Walk every chain and yield what does not hold, by chain and position."""
    heads = connection.execute(select(audit_heads).order_by(audit_heads.c.chain)).all()
    for chain, position, head in heads:
        yield from _Walk(chain).walked(connection, position, head)
    headless = select(audit_entries.c.chain).where(audit_entries.c.chain.not_in(select(audit_heads.c.chain)))
    for chain in connection.execute(headless.distinct().order_by(audit_entries.c.chain)).scalars().all():
        yield Break(chain, 0, "head missing")
        yield from _Walk(chain).walked(connection, None, None)


@dataclass
class _Walk:
    """A walk along one chain. `number` is that under which the last entry was written, wherever it stands now."""

    chain: int
    number: int = 0
    position: int = 0
    hash: str = GENESIS
    id: int = 0
    greatest: int = 0
    shift: int = 0
    searches: int = 0
    at_head: str | None = None
    found: dict[int, Problem] = field(default_factory=dict)
    missing: list[range] = field(default_factory=list)

    def walked(self, connection: Connection, length: int | None, head: str | None) -> list[Break]:
        """What does not hold; `length` and `head` are the note of the last entry."""
        for row in _entries(connection, self.chain):
            self._step(row)
            if row.position - self.shift == length:
                self.at_head = row.hash
        breaks = [Break(self.chain, *each) for each in self._ranges()]
        if length is not None:
            breaks += self._end(length, head)
        return sorted(breaks, key=lambda each: each.position)

    def _step(self, row: AnyRow) -> None:
        shift, number = self.shift, self._number_of(row)
        if row.position < 1 or (number is not None and (row.infrastructure_id or DESK_CHAIN) != self.chain):
            # It is whole, and of another chain; or it stands where nothing was ever written.
            self.found[row.position], self.shift = "inserted", shift
            return
        if number is None:
            self.found[row.position] = "changed"
        else:
            self._place(row, number)
        written = row.position - self.shift if number is None else number
        self._count(written)
        self.number, self.position, self.hash = written, row.position, row.hash

    def _place(self, row: AnyRow, number: int) -> None:
        """See whether an entry that is whole stands where it was written."""
        self._link(row, number)
        if number != row.position or row.id < self.id:
            self.found[row.position] = "moved"
        else:
            self.id = row.id

    def _link(self, row: AnyRow, number: int) -> None:
        """See whether an entry follows the one before it as it did when it was written."""
        if number == self.number and self.position:
            # Two stand under one number: this one is as it was written, so the other was put in.
            self.found[self.position] = "inserted"
        elif number == self.number + 1 and row.previous != self.hash:
            # The entry before is whole by itself and still another one than this one followed.
            self.found.setdefault(self.position or row.position, "changed")

    def _count(self, number: int) -> None:
        """Keep which numbers were not seen yet."""
        if number > self.greatest + 1:
            self.missing.append(range(self.greatest + 1, number))
        for each in [each for each in self.missing if number in each]:
            self.missing.remove(each)
            self.missing += [
                part for part in (range(each.start, number), range(number + 1, each.stop)) if part
            ]
        self.greatest = max(self.greatest, number)

    def _number_of(self, row: AnyRow) -> int | None:
        """The number under which an entry was written, if it is whole and not far from its place."""
        entry = Entry(row.infrastructure_id, row.actor_id, row.source, row.action, row.subject, row.facts)
        here: int = row.position - self.shift
        if row.hash == digest(row.previous, row.at, entry, here):
            return here
        self.searches += 1
        if self.searches > _MOST_SEARCHES:
            return None
        near: tuple[int, ...] = (row.position, *range(max(1, here - _NEAR), here + _NEAR))
        for number in near:
            if row.hash == digest(row.previous, row.at, entry, number):
                self.shift = row.position - number
                return number
        return None

    def _ranges(self) -> Iterator[tuple[int, Problem, int | None]]:
        for each in self.missing:
            yield each.start, "missing", _until(each.start, each.stop - 1)
        first, last, problem = 0, 0, None
        for position in sorted(self.found):
            if problem == self.found[position] and position == last + 1:
                last = position
                continue
            if problem:
                yield first, problem, _until(first, last)
            first = last = position
            problem = self.found[position]
        if problem:
            yield first, problem, _until(first, last)

    def _end(self, length: int, head: str | None) -> Iterator[Break]:
        """What the note of the last entry says against the end."""
        if self.greatest < length:
            yield Break(self.chain, self.greatest + 1, "cut off", _until(self.greatest + 1, length))
        elif self.greatest > length:
            yield Break(self.chain, length + 1, "inserted", _until(length + 1, self.greatest))
        elif self.at_head != head and self.found.get(length + self.shift) in {None, "moved"}:
            yield Break(self.chain, length, "changed")


def _until(first: int, last: int) -> int | None:
    return None if first == last else last


def _entries(connection: Connection, chain: int) -> Iterator[AnyRow]:
    """Every entry of a chain in order, read in pieces, so that a long chain does not fill the memory."""
    query = select(audit_entries).where(audit_entries.c.chain == chain).order_by(audit_entries.c.position)
    rows = connection.execute(query.limit(_PIECE)).all()
    while rows:
        yield from rows
        rows = connection.execute(
            query.where(audit_entries.c.position > rows[-1].position).limit(_PIECE)
        ).all()
