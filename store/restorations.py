"""Restored backups, each with the ids up to which it had what messages name: what has a higher id came later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Table, exists, func, select

from store.desk import Act
from store.prepared import Prepared
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
_TABLES: Final[Mapping[Thing, Table]] = {
    Thing.REQUEST: requests,
    Thing.ITEM: request_items,
    Thing.REGISTRATION: registrations,
    Thing.ACCESS_REQUEST: access_requests,
    Thing.ROLE: roles,
    Thing.STAND_IN: stand_ins,
    Thing.SLOT: slots,
    Thing.INFRASTRUCTURE: infrastructures,
    Thing.PERSON: persons,
}


_RESTORATIONS: Final = (audit_entries.c.subject == _SUBJECT, audit_entries.c.action == _RESTORED)
ANY: Final = Prepared(select(exists().where(*_RESTORATIONS)))
"""Whether a backup was ever restored; asked at every click in a message."""


def restored_before(connection: Connection, thing: Thing, thing_id: int) -> datetime | None:
    """When a backup was restored that did not have this yet; the newest one, and None where there was none."""
    if not ANY.only(connection):
        return None
    restorations = connection.execute(
        select(audit_entries.c.at, audit_entries.c.facts).where(*_RESTORATIONS)
    ).all()
    return max((each.at for each in restorations if thing_id > each.facts[_highest(thing)]), default=None)


def record_restored(act: Act, **facts: int) -> None:
    """Record that a backup was restored, and up to which ids it had what messages name."""
    highest = {
        _highest(thing): act.connection.execute(select(func.max(table.c.id))).scalar_one() or 0
        for thing, table in _TABLES.items()
    }
    act.record(_RESTORED, _SUBJECT, None, **facts, **highest)


def _highest(thing: Thing) -> str:
    return f"highest_{thing.name.lower()}"
