"""Since when there is what an id names, so that a message from before that is not taken to be about it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from store.database import AnySelect
from store.desk import Act
from store.rules.older_messages import Thing
from store.tables import (
    access_requests,
    audit_entries,
    infrastructures,
    persons,
    registrations,
    request_items,
    requests,
    roles,
    slots,
    stand_ins,
)

_RESTORED: Final = "restored"
_SUBJECT: Final = "backup"
_MOMENTS: Final[Mapping[Thing, Callable[[int], AnySelect]]] = {
    Thing.REQUEST: lambda wanted: select(requests.c.asked_at).where(requests.c.id == wanted),
    Thing.ITEM: lambda wanted: (
        select(requests.c.asked_at)
        .join(request_items, request_items.c.request_id == requests.c.id)
        .where(request_items.c.id == wanted)
    ),
    Thing.REGISTRATION: lambda wanted: select(registrations.c.registered_at).where(
        registrations.c.id == wanted
    ),
    Thing.ACCESS_REQUEST: lambda wanted: select(access_requests.c.asked_at).where(
        access_requests.c.id == wanted
    ),
    Thing.ROLE: lambda wanted: select(roles.c.held_from).where(roles.c.id == wanted),
}
_WITHOUT_MOMENT: Final[Mapping[Thing, Table]] = {
    Thing.STAND_IN: stand_ins,
    Thing.SLOT: slots,
    Thing.INFRASTRUCTURE: infrastructures,
    Thing.PERSON: persons,
}


def born(connection: Connection, thing: Thing, thing_id: int) -> datetime | None:
    """The moment from which on an id names what it names today, as far as it is known.

    None for what is not there, and for what was there before any backup was restored and keeps no moment of its own.
    """
    query = _MOMENTS.get(thing)
    if query is not None:
        return connection.execute(query(thing_id)).scalar_one_or_none()
    later = [row.at for row in connection.execute(_restorations()) if _is_above(row.facts, thing, thing_id)]
    return max(later, default=None)


def record_restored(act: Act, **facts: int) -> None:
    """Record that a backup was restored, and up to which ids it had what keeps no moment of its own."""
    highest = {
        _name(thing): act.connection.execute(select(func.max(table.c.id))).scalar_one() or 0
        for thing, table in _WITHOUT_MOMENT.items()
    }
    act.record(_RESTORED, _SUBJECT, None, **facts, **highest)


def _restorations() -> AnySelect:
    return select(audit_entries.c.at, audit_entries.c.facts).where(
        audit_entries.c.subject == _SUBJECT, audit_entries.c.action == _RESTORED
    )


def _is_above(facts: Mapping[str, Any], thing: Thing, thing_id: int) -> bool:
    """Whether an id was given out after a backup was restored, because the backup did not have it."""
    highest = facts.get(_name(thing))
    return isinstance(highest, int) and thing_id > highest


def _name(thing: Thing) -> str:
    return f"highest_{thing.name.lower()}"
