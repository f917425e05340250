"""The record for those who run the desk: filtered, whole, in any length."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import eq, ge, lt

from sqlalchemy import ColumnElement, Connection, or_, select

from store.database import AnyRow
from store.entries import Line, entries_of, lines
from store.rules.trail_errors import InfrastructureUnclear, InfrastructureUnknown
from store.tables import audit_entries, infrastructures

_PIECE = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries: of one infrastructure, by one person, from `since` on and before `until`; absent means any."""

    infrastructure_id: int | None = None
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What an entry has to meet."""
        columns = audit_entries.c
        wanted = [
            (columns.chain, eq, self.infrastructure_id),
            (columns.actor_id, eq, self.person_id),
            (columns.at, ge, self.since),
            (columns.at, lt, self.until),
        ]
        return [compare(column, value) for column, compare, value in wanted if value is not None]


def newest(connection: Connection, wanted: Filter, limit: int) -> list[Line]:
    """The newest entries, newest first."""
    query = select(audit_entries.c.id).where(*wanted.conditions()).order_by(audit_entries.c.id.desc())
    return entries_of(connection, list(connection.execute(query.limit(limit)).scalars()))


def everything(connection: Connection, wanted: Filter) -> Iterator[Line]:
    """Every entry, oldest first, read in pieces, so that a long record does not fill the memory."""
    last = 0
    query = select(audit_entries).where(*wanted.conditions()).order_by(audit_entries.c.id).limit(_PIECE)
    while rows := connection.execute(query.where(audit_entries.c.id > last)).all():
        yield from lines(connection, rows)
        last = rows[-1].id


def document(line: Line) -> dict[str, object]:
    """An entry for export: what the chain holds, and beside it under `names` what its ids mean today."""
    return {**chained(line), "names": _names(line)}


def chained(entry: Line | AnyRow) -> dict[str, object]:
    """What the chain holds of an entry, without any name."""
    return {
        "chain": entry.chain,
        "position": entry.position,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor_id,
        "source": entry.source,
        "action": entry.action,
        "subject": entry.subject,
        "facts": dict(entry.facts),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def infrastructure_named(connection: Connection, typed: str) -> int:
    """The infrastructure of a name or an activation code.

    Raises `InfrastructureUnknown`, and `InfrastructureUnclear` when several companies have one of that name.
    """
    named = (infrastructures.c.name == typed, infrastructures.c.activation_code == typed.upper())
    found = connection.execute(
        select(infrastructures.c.id, infrastructures.c.activation_code).where(or_(*named))
    ).all()
    if not found:
        raise InfrastructureUnknown(typed)
    if len(found) > 1:
        raise InfrastructureUnclear(typed, tuple(sorted(row.activation_code for row in found)))
    return int(found[0].id)


def _names(line: Line) -> dict[str, object]:
    named = {
        "actor": line.actor,
        "infrastructure": line.infrastructure,
        "company": line.company,
        "about": list(line.about),
        "requester": line.requester,
        **{name: list(people) for name, people in line.people.items()},
        **line.serials,
    }
    return {name: value for name, value in named.items() if value}
