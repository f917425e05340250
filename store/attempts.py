"""Failed attempts, counted for each person: after too many of them the person is not answered for a while.

They are counted apart from the record, which holds the same refusal only once a minute.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from store.rules.attempts import AttemptKind
from store.tables import attempts, pauses, persons

KEPT_FOR: Final = timedelta(days=1)
"""How long a failed attempt is kept, unless they are counted over a longer time."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within a period are too many."""

    most: int
    period: timedelta


def count(
    connection: Connection, person_id: int, kinds: Collection[AttemptKind], limit: Limit, now: datetime
) -> None:
    """Count failed attempts of a person; the one that makes them too many begins a pause as long as the period."""
    if not kinds:
        return
    # Two at once would each count the others only.
    person = select(persons.c.id).where(persons.c.id == person_id).with_for_update(key_share=True)
    connection.execute(person).all()
    rows = [{"person_id": person_id, "at": now, "kind": str(each)} for each in kinds]
    connection.execute(insert(attempts), rows)
    if _are_too_many(connection, person_id, limit, now):
        _pause(connection, person_id, limit, now)


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Delete at most `limit` of the failed attempts before a moment, and give how many there were."""
    old = select(attempts.c.id).where(attempts.c.at < before).order_by(attempts.c.at).limit(limit)
    return connection.execute(delete(attempts).where(attempts.c.id.in_(old))).rowcount


def _are_too_many(connection: Connection, person_id: int, limit: Limit, now: datetime) -> bool:
    lately = (attempts.c.person_id == person_id, attempts.c.at > now - limit.period)
    newest = select(attempts.c.id).where(*lately).order_by(attempts.c.at.desc())
    return connection.execute(newest.offset(limit.most - 1).limit(1)).first() is not None


def _pause(connection: Connection, person_id: int, limit: Limit, now: datetime) -> None:
    ends_at = now + limit.period
    free = or_(persons.c.paused_until.is_(None), persons.c.paused_until <= now)
    begun = update(persons).where(persons.c.id == person_id, free).values(paused_until=ends_at)
    if not connection.execute(begun).rowcount:
        return
    values = {
        "person_id": person_id,
        "began_at": now,
        "ends_at": ends_at,
        "counts": _counts(connection, person_id, now - limit.period),
    }
    connection.execute(insert(pauses).values(values))


def _counts(connection: Connection, person_id: int, since: datetime) -> dict[str, int]:
    query = select(attempts.c.kind, func.count()).where(
        attempts.c.person_id == person_id, attempts.c.at > since
    )
    rows = connection.execute(query.group_by(attempts.c.kind))
    return {row.kind: int(row[1]) for row in rows}
