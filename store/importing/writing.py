"""Writing changes in batches, each in a transaction of its own, so that a running bot never waits long."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby, islice

from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.audit import Entry
from store.desk import Actor, Desk
from store.importing.changes import ORDER, Change, Id, Kind, Pending
from store.importing.recording import record
from store.rules.import_errors import ChangedMeanwhile
from store.tables import persons, registrations, roles, slots, subscriptions

BATCH = 1000
# Plain values and ids that the record keeps; names are outside of it.
_AUDITED = {
    "subscriptions": ("edition", "starts_at", "ends_at", "highest_version", "grace_days", "state"),
    "infrastructures": ("hosting", "files", "flagged", "activation_code", "product_id", "approval_channel"),
    "roles": ("person_id", "role", "state"),
    "slots": ("environment_type",),
}
_KINDS = [Kind.REMOVED, Kind.CHANGED, Kind.ADDED]  # what makes room comes first


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
        for batch in _batches(wanted):
            self._write_batch(batch)

    def finish(self, workspace: str | None) -> None:
        """Write the roles of people whom only a later document named."""
        late, self._late = self._late, []
        with self._desk.database.read() as connection:
            self._ids = {
                each: _person_id(connection, each.name, workspace)
                for each in {change.values["person_id"] for change in late}
                if isinstance(each, Pending)
            }
        for batch in _batches(late):
            self._write_batch(batch)

    def _write_batch(self, batch: Sequence[Change]) -> None:
        now = self._desk.clock()
        try:
            with self._desk.database.write() as connection:
                entries: list[Entry] = []
                for (table, kind), group in groupby(batch, key=lambda change: (change.table, change.kind)):
                    entries += self._write_group(connection, table, kind, list(group), now)
                record(connection, entries, now)
        except IntegrityError as error:
            raise ChangedMeanwhile(self._file) from error

    def _write_group(
        self, connection: Connection, table: Table, kind: Kind, group: list[Change], now: datetime
    ) -> Iterable[Entry]:
        ready = [change for change in map(self._resolved, group) if change is not None]
        if not ready:
            return []
        if kind is Kind.ADDED:
            ready = self._insert(connection, table, ready)
        for change in ready if kind is Kind.CHANGED else ():
            connection.execute(update(table).where(table.c.id == change.row_id).values(change.values))
        for change in ready if kind is Kind.REMOVED else ():
            self._remove(connection, change, now)
        return self._entries(ready)

    def _resolved(self, change: Change) -> Change | None:
        """The change with every id that is known by now; a role of somebody unknown as yet is put off."""
        values = {
            name: self._id(value) if isinstance(value, Pending) else value
            for name, value in change.values.items()
        }
        infrastructure = self._id(change.infrastructure) if change.infrastructure else None
        resolved = replace(change, values=values, infrastructure=infrastructure)
        if isinstance(values.get("person_id"), Pending):
            self._late.append(resolved)
            return None
        return resolved

    def _id(self, id_: Id) -> Id:
        return self._ids.get(id_, id_) if isinstance(id_, Pending) else id_

    def _insert(self, connection: Connection, table: Table, group: list[Change]) -> list[Change]:
        statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        ids = connection.execute(statement, [change.values for change in group]).scalars().all()
        for change, row_id in zip(group, ids, strict=True):
            self._ids.update(dict.fromkeys(change.known_as, row_id))
        return [
            replace(
                change,
                row_id=row_id,
                infrastructure=self._id(change.infrastructure) if change.infrastructure else None,
            )
            for change, row_id in zip(group, ids, strict=True)
        ]

    def _remove(self, connection: Connection, change: Change, now: datetime) -> None:
        if change.table is slots:
            # Somebody may have registered in it since the file was compared; a taken slot is never removed.
            taken = select(registrations.c.id).where(
                registrations.c.slot_id == slots.c.id, registrations.c.state.in_(("reserved", "open"))
            )
            free = update(slots).where(slots.c.id == change.row_id, ~taken.exists())
            if connection.execute(free.values(removed_at=now)).rowcount != 1:
                raise ChangedMeanwhile(self._file)
        elif change.table is roles:
            connection.execute(update(roles).where(roles.c.id == change.row_id).values(held_until=now))
        else:
            connection.execute(delete(subscriptions).where(subscriptions.c.id == change.row_id))

    def _entries(self, group: list[Change]) -> Iterator[Entry]:
        for place, together in groupby(group, key=lambda change: change.infrastructure):
            infrastructure = place if isinstance(place, int) else None
            changes = list(together)
            if changes[0].table is slots:
                yield self._slots_entry(infrastructure, changes)
            else:
                yield from (self._entry(infrastructure, change) for change in changes)

    def _entry(self, infrastructure: int | None, change: Change) -> Entry:
        facts = {
            name: _plain(change.values[name])
            for name in _AUDITED.get(change.table.name, ())
            if name in change.values
        }
        if change.kind is Kind.CHANGED:
            facts["fields"] = sorted(change.values)
        action = f"{change.noun}_{change.kind}"
        return Entry(
            infrastructure,
            self._actor.person_id,
            self._actor.source,
            action,
            f"{change.noun} {change.row_id}",
            facts,
        )

    def _slots_entry(self, infrastructure: int | None, changes: list[Change]) -> Entry:
        facts = {"slots": [change.row_id for change in changes]}
        action = f"slots_{changes[0].kind}"
        subject = f"infrastructure {infrastructure}"
        return Entry(infrastructure, self._actor.person_id, self._actor.source, action, subject, facts)


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    rest = iter(changes)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _person_id(connection: Connection, text: str, workspace: str | None) -> int:
    found = persons.c.email == text
    if "@" not in text:
        found = (persons.c.slack_id == text) & (persons.c.workspace_id == workspace)
    return int(connection.execute(select(persons.c.id).where(found)).scalar_one())


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
