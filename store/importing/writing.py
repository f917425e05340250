"""Writing changes in batches, each in a transaction of its own, so that a running bot never waits long.

Whatever can be prepared is prepared before a transaction begins.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby, islice
from typing import TypeVar

from sqlalchemy import Column, Connection, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from store import home_redraws, suspensions
from store.audit import Entry
from store.desk import Actor, Desk
from store.importing.changes import ORDER, Change, Kind, Pending
from store.importing.recording import record
from store.rules.import_errors import ChangedMeanwhile
from store.tables import (
    companies,
    infrastructures,
    persons,
    products,
    registrations,
    roles,
    slots,
    subscriptions,
)

T = TypeVar("T")
Row = dict[str, object]

SLOTS_AT_ONCE = 1000
CHANGES_AT_ONCE = 250
"""Each has an audit entry, and perhaps the beginning of a chain: about a thousand rows as well."""

PAUSE_SECONDS = 0.005
"""After each transaction: who waits for SQLite's one lock looks for it now and then, and must find it free.

Measured: without a pause somebody else's write waits up to 0.6 s, with this one up to 0.08 s.
"""

_KINDS = [Kind.REMOVED, Kind.CHANGED, Kind.ADDED]  # what makes room comes first
_NAMED_BY: dict[Table, list[Column[str]]] = {
    products: [products.c.name],
    companies: [companies.c.name],
    persons: [persons.c.email, persons.c.slack_id],
    infrastructures: [infrastructures.c.activation_code],
}
# Plain values and ids that the record keeps; names are outside of it.
_AUDITED = {
    subscriptions: ("edition", "starts_at", "ends_at", "highest_version", "grace_days", "state"),
    infrastructures: ("hosting", "files", "flagged", "activation_code", "product_id", "approval_channel"),
    roles: ("role", "state"),
}


class Writer:
    """Writes the changes of many documents for one actor.

    `file` is named when somebody else changed the same rows meanwhile.
    """

    def __init__(self, desk: Desk, actor: Actor, file: str) -> None:
        self._desk = desk
        self._actor = actor
        self._file = file
        self._ids: dict[Pending, int] = {}
        self._late: list[Change] = []

    def write(self, changes: Iterable[Change]) -> None:
        """Write these changes. Raises `ChangedMeanwhile`; what was written before stays."""
        self._ids.clear()
        wanted = [change for change in changes if change.kind is not Kind.SURPLUS]
        wanted.sort(key=lambda change: (ORDER.index(change.table), _KINDS.index(change.kind)))
        for _, group in groupby(wanted, key=lambda change: (change.table, change.kind)):
            self._write_group(group)

    def finish(self, workspace: str | None) -> None:
        """Write the roles of people whom only a later document named."""
        late, self._late = self._late, []
        texts = {
            each.name for each in (change.values["person_id"] for change in late) if isinstance(each, Pending)
        }
        with self._desk.database.read() as connection:
            self._ids = {Pending("person", text): _person_id(connection, text, workspace) for text in texts}
        self._write_group(late)

    def _write_group(self, group: Iterable[Change]) -> None:
        """Changes of one table and one kind; the rows that they refer to are written already."""
        ready = [change for change in map(self._resolved, group) if change is not None]
        if ready and ready[0].table is slots and ready[0].kind is Kind.ADDED:
            for rows in _batches(_slot_rows(ready), SLOTS_AT_ONCE):
                self._commit(self._add_slots, rows)
            return
        for changes in _batches(ready, CHANGES_AT_ONCE):
            self._commit(self._apply, changes)

    def _commit(
        self, work: Callable[[Connection, list[T], datetime], Iterable[Entry]], items: list[T]
    ) -> None:
        now = self._desk.clock()
        try:
            with self._desk.database.write() as connection:
                entries = list(work(connection, items, now))
                record(connection, entries, now)
                home_redraws.queue_for(connection, entries, now)
        except IntegrityError as error:
            raise ChangedMeanwhile(self._file) from error
        if self._desk.database.is_sqlite:
            time.sleep(PAUSE_SECONDS)

    def _resolved(self, change: Change) -> Change | None:
        """The change with every id that is known by now; a role of somebody unknown as yet is put off."""
        values = {name: self._id(value) for name, value in change.values.items()}
        infrastructure = self._id(change.infrastructure)
        resolved = replace(change, values=values, infrastructure=infrastructure)  # type: ignore[arg-type] # ids stay ids
        if isinstance(values.get("person_id"), Pending):
            self._late.append(resolved)
            return None
        return resolved

    def _id(self, value: object) -> object:
        return self._ids.get(value, value) if isinstance(value, Pending) else value

    def _add_slots(self, connection: Connection, rows: list[Row], _now: datetime) -> Iterator[Entry]:
        connection.execute(insert(slots), rows)
        for infrastructure, together in groupby(rows, key=lambda row: row["infrastructure_id"]):
            facts: Row = dict(Counter(str(row["environment_type"]) for row in together))
            yield self._entry(int(str(infrastructure)), "slots_added", facts)

    def _apply(self, connection: Connection, changes: list[Change], now: datetime) -> Iterator[Entry]:
        table, kind = changes[0].table, changes[0].kind
        if kind is Kind.ADDED:
            connection.execute(insert(table), [change.values for change in changes])
            self._learn_ids(connection, table, changes)
        for change in changes:
            if kind is Kind.CHANGED:
                connection.execute(update(table).where(table.c.id == change.row_id).values(change.values))
            elif kind is Kind.REMOVED:
                self._remove(connection, change, now)
            yield self._entry_of(change)
        if table is subscriptions:
            suspensions.note(connection, now, self._places_of(changes))

    def _places_of(self, changes: list[Change]) -> list[int]:
        """The infrastructures of changes that may begin or end a suspension."""
        changed = [each for each in changes if "state" in each.values or each.kind is Kind.REMOVED]
        return [
            each for each in (self._id(change.infrastructure) for change in changed) if isinstance(each, int)
        ]

    def _learn_ids(self, connection: Connection, table: Table, changes: list[Change]) -> None:
        names = [pending.name for change in changes for pending in change.known_as]
        for column in _NAMED_BY.get(table, ()):
            for row in connection.execute(select(table.c.id, column).where(column.in_(names))):
                self._ids[Pending(changes[0].noun, row[1])] = row[0]

    def _remove(self, connection: Connection, change: Change, now: datetime) -> None:
        if change.table is slots:
            # Somebody may have registered in it since the file was compared; a taken slot is never removed. The
            # lock waits for who registers at this moment, and only what is read after it sees their registration.
            connection.execute(select(slots.c.id).where(slots.c.id == change.row_id).with_for_update())
            # The infrastructure is named once more, because it has an index of registrations, which a slot has not.
            here = registrations.c.infrastructure_id == slots.c.infrastructure_id
            taken = select(registrations.c.id).where(
                here, registrations.c.slot_id == slots.c.id, registrations.c.state.in_(("reserved", "open"))
            )
            free = update(slots).where(slots.c.id == change.row_id, ~taken.exists())
            if connection.execute(free.values(removed_at=now)).rowcount != 1:
                raise ChangedMeanwhile(self._file)
        elif change.table is roles:
            connection.execute(update(roles).where(roles.c.id == change.row_id).values(held_until=now))
        else:
            connection.execute(delete(subscriptions).where(subscriptions.c.id == change.row_id))

    def _entry_of(self, change: Change) -> Entry:
        facts = {
            name: _plain(change.values[name])
            for name in _AUDITED.get(change.table, ())
            if name in change.values
        }
        if change.kind is Kind.CHANGED:
            facts["fields"] = sorted(change.values)
        if change.row_id is not None:
            facts[change.noun] = change.row_id
        place = self._id(change.infrastructure)
        infrastructure = place if isinstance(place, int) else None
        return self._entry(infrastructure, f"{change.noun}_{change.kind}", facts, self._subject(change))

    def _subject(self, change: Change) -> str | None:
        """What an entry outside of an infrastructure's chain is about."""
        if change.table is roles:
            return f"person {change.values['person_id']}"
        known = next((self._ids[pending] for pending in change.known_as if pending in self._ids), None)
        return None if change.infrastructure else f"{change.noun} {change.row_id or known}"

    def _entry(
        self, infrastructure: int | None, action: str, facts: Row, subject: str | None = None
    ) -> Entry:
        about = subject or f"infrastructure {infrastructure}"
        return Entry(infrastructure, self._actor.person_id, self._actor.source, action, about, facts)


def _slot_rows(changes: Iterable[Change]) -> Iterator[Row]:
    for change in changes:
        for name in change.names:
            yield {**change.values, "name": name}


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _person_id(connection: Connection, text: str, workspace: str | None) -> int:
    found = persons.c.email == text
    if "@" not in text:
        found = (persons.c.slack_id == text) & (persons.c.workspace_id == workspace)
    return int(connection.execute(select(persons.c.id).where(found)).scalar_one())


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
