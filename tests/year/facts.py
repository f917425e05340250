"""The rows of the database as a checker sees them: read directly, and the long tables only as far as they grew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, select

from store import tables
from store.database import Database

_AT_ONCE = 500


@dataclass
class Facts:
    """Rows by id. Deliveries and licenses are those seen at any time, as they were last; `new` are new entries."""

    persons: dict[int, Any] = field(default_factory=dict)
    roles: dict[int, Any] = field(default_factory=dict)
    infrastructures: dict[int, Any] = field(default_factory=dict)
    subscriptions: dict[int, Any] = field(default_factory=dict)
    slots: dict[int, Any] = field(default_factory=dict)
    registrations: dict[int, Any] = field(default_factory=dict)
    requests: dict[int, Any] = field(default_factory=dict)
    items: dict[int, Any] = field(default_factory=dict)
    asked: dict[int, Any] = field(default_factory=dict)
    stand_ins: dict[int, Any] = field(default_factory=dict)
    cards: dict[int, Any] = field(default_factory=dict)
    conversations: dict[int, Any] = field(default_factory=dict)
    signing_keys: dict[int, Any] = field(default_factory=dict)
    reissues: dict[int, Any] = field(default_factory=dict)
    licenses: dict[int, Any] = field(default_factory=dict)
    deliveries: dict[int, Any] = field(default_factory=dict)
    entries: dict[int, Any] = field(default_factory=dict)
    heads: dict[int, Any] = field(default_factory=dict)
    new: Sequence[Any] = ()

    def items_of(self, request_id: int) -> list[Any]:
        """The items of a request."""
        return [each for each in self.items.values() if each.request_id == request_id]

    def pending(self) -> dict[int, list[Any]]:
        """The items that wait, by request."""
        found: dict[int, list[Any]] = {}
        for each in self.items.values():
            if each.state == "pending":
                found.setdefault(each.request_id, []).append(each)
        return found

    def person_of(self, slack_id: str) -> Any:
        """The person of a Slack id."""
        return next(each for each in self.persons.values() if each.slack_id == slack_id)


_WHOLE = {
    "persons": tables.persons,
    "roles": tables.roles,
    "infrastructures": tables.infrastructures,
    "subscriptions": tables.subscriptions,
    "slots": tables.slots,
    "registrations": tables.registrations,
    "requests": tables.requests,
    "items": tables.request_items,
    "asked": tables.asked,
    "stand_ins": tables.stand_ins,
    "cards": tables.cards,
    "conversations": tables.conversations,
    "signing_keys": tables.signing_keys,
    "reissues": tables.reissues,
}
_LICENSE = [each for each in tables.licenses.c if each.name != "text_encrypted"]


def read(database: Database, before: Facts) -> Facts:
    """Read everything, continuing from what was read before."""
    with database.read() as connection:
        whole = {name: _by_id(connection, table) for name, table in _WHOLE.items()}
        licenses = _newer(connection, tables.licenses, _LICENSE, before.licenses)
        deliveries = _newer(connection, tables.deliveries, list(tables.deliveries.c), before.deliveries)
        waited = [each.id for each in before.deliveries.values() if each.state == "queued"]
        deliveries |= _of_ids(connection, waited)
        heads = {row.chain: row for row in connection.execute(select(tables.audit_heads))}
        entries = _newer(connection, tables.audit_entries, list(tables.audit_entries.c), before.entries)
    return Facts(
        **whole,
        licenses=before.licenses | licenses,
        deliveries=before.deliveries | deliveries,
        entries=before.entries | entries,
        heads=heads,
        new=list(entries.values()),
    )


def _by_id(connection: Connection, table: Table) -> dict[int, Any]:
    return {row.id: row for row in connection.execute(select(table).order_by(table.c.id))}


def _newer(
    connection: Connection, table: Table, columns: Iterable[Any], before: dict[int, Any]
) -> dict[int, Any]:
    query = select(*columns).where(table.c.id > max(before, default=0)).order_by(table.c.id)
    return {row.id: row for row in connection.execute(query)}


def _of_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Any]:
    rows = tables.deliveries
    pieces = (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))
    found = (connection.execute(select(rows).where(rows.c.id.in_(piece))) for piece in pieces)
    return {row.id: row for result in found for row in result}
