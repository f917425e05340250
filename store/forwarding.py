"""Forwarding of the record: what a destination does not have yet, and how far it got.

For each chain the number of the last entry that arrived is kept. Ids would not do: a smaller one may be committed
after a greater one, and would be left out. An entry is noted as arrived after it was sent, so that after a kill at
most the last batch is sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from store.desk import Desk
from store.once import insert_once, upsert_all
from store.tables import audit_entries, audit_forwarded, audit_forwardings, audit_heads
from store.trail import chained

Destination = Literal["file", "syslog"]
AT_ONCE: Final = 500
LEASE: Final = timedelta(seconds=60)
"""How long one process sends alone; longer than sending a batch may take."""
_LONGEST_ERROR: Final = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that a destination does not have yet, each as a document; `arrived` is the last one of each chain."""

    entries: Sequence[dict[str, object]]
    arrived: dict[int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a destination; `waits` says whether it lacks something."""

    sent_at: datetime | None
    failed_since: datetime | None
    error: str | None
    waits: bool


def claim(desk: Desk, destination: Destination, lease: str) -> Batch | None:
    """Take the next entries to send, or nothing: where none waits, or where another process is sending."""
    with desk.database.read() as connection:
        if not connection.execute(_waiting(destination).limit(1)).first():
            return None
    if not _take(desk, destination, lease):
        return None
    with desk.database.read() as connection:
        rows = connection.execute(_waiting(destination).limit(AT_ONCE)).all()
    arrived = {row.chain: row.position for row in rows}  # they come in order
    in_time = sorted(rows, key=lambda row: row.id)
    return Batch([chained(row) for row in in_time], arrived)


def arrive(desk: Desk, destination: Destination, lease: str, batch: Batch) -> bool:
    """Note that a batch arrived; not if the time to send it was over and another process took it."""
    with desk.database.write() as connection:
        well = {"sent_at": desk.clock(), "failed_since": None, "error": None}
        if not _give_back(connection, destination, lease, **well):
            return False
        if batch.arrived:
            _note(connection, destination, batch.arrived)
    return True


def fail(desk: Desk, destination: Destination, lease: str, error: str) -> None:
    """Note that nothing arrived, and why."""
    since = func.coalesce(audit_forwardings.c.failed_since, desk.clock())
    with desk.database.write() as connection:
        _give_back(connection, destination, lease, failed_since=since, error=error[:_LONGEST_ERROR])


def standing(connection: Connection, destination: Destination) -> Standing:
    """How it stands with a destination now."""
    columns = (
        audit_forwardings.c.sent_at,
        audit_forwardings.c.failed_since,
        audit_forwardings.c.error,
    )
    row = connection.execute(
        select(*columns).where(audit_forwardings.c.destination == destination)
    ).one_or_none()
    waits = connection.execute(_waiting(destination).limit(1)).first() is not None
    if row is None:
        return Standing(None, None, None, waits)
    return Standing(row.sent_at, row.failed_since, row.error, waits)


def _waiting(destination: Destination) -> Any:
    arrived = func.coalesce(audit_forwarded.c.position, 0)
    of_chain: ColumnElement[bool] = and_(
        audit_forwarded.c.chain == audit_heads.c.chain, audit_forwarded.c.destination == destination
    )
    beyond = and_(audit_entries.c.chain == audit_heads.c.chain, audit_entries.c.position > arrived)
    return (
        select(audit_entries)
        .select_from(audit_heads)
        .outerjoin(audit_forwarded, of_chain)
        .join(audit_entries, beyond)
        .where(audit_heads.c.position > arrived)
        .order_by(audit_heads.c.chain, audit_entries.c.position)
    )


def _take(desk: Desk, destination: Destination, lease: str) -> bool:
    now = desk.clock()
    free = or_(audit_forwardings.c.leased_until.is_(None), audit_forwardings.c.leased_until <= now)
    own = audit_forwardings.c.destination == destination
    taken = update(audit_forwardings).where(own, free).values(lease=lease, leased_until=now + LEASE)
    with desk.database.write() as connection:
        insert_once(connection, audit_forwardings, {"destination": destination})
        return connection.execute(taken).rowcount == 1


def _give_back(connection: Connection, destination: Destination, lease: str, **values: object) -> bool:
    own = (audit_forwardings.c.destination == destination, audit_forwardings.c.lease == lease)
    given = update(audit_forwardings).where(*own).values(lease=None, leased_until=None, **values)
    return connection.execute(given).rowcount == 1


def _note(connection: Connection, destination: Destination, arrived: dict[int, int]) -> None:
    rows = [
        {"destination": destination, "chain": chain, "position": position}
        for chain, position in sorted(arrived.items())
    ]
    upsert_all(connection, audit_forwarded, rows, ("destination", "chain"))
