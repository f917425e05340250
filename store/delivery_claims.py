"""What couriers do with deliveries: claim them for a while, keep the steps done, and give an outcome.

A claim is a lease: it ends by itself when its courier dies, and everything a courier writes afterwards is
refused, because somebody else may hold the row by then.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    String,
    Update,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from store.database import wake_after_commit
from store.deliveries import QUEUED, Delivery, of_row
from store.desk import Act, Actor, Desk, intention
from store.tables import UtcDateTime, deliveries

MISSING_SCOPE: Final = "missing_scope"
"""Slack's code for a call that the app may not make until somebody gives it the scope."""
_LOOKS: Final = frozenset({"completed_at", "polls"})
"""The steps that tell since when and how often a file was looked for."""

COURIER = Actor(None, "schedule")
"""Who acts when deliveries have consequences: the desk itself."""

_Moment = datetime | BindParameter[datetime]
_Text = str | BindParameter[str]
_Number = int | BindParameter[int]


class LeaseLost(Exception):
    """The lease of this delivery ended, so another courier may hold it; nothing was written."""


def claim(desk: Desk, lease: str, limit: int, seconds: float) -> list[Delivery]:
    """Take up to `limit` due deliveries, oldest first, for `seconds`; `lease` names the holder.

    Only the first queued row of a lane can be taken. On PostgreSQL, rows that another courier is taking at
    this moment are passed over; on SQLite there is one writer at a time.
    """
    now = desk.clock()
    given = {"now": now, "holder": lease, "most": limit, "until": now + timedelta(seconds=seconds)}
    with desk.database.write() as connection:
        claimed = [of_row(row) for row in connection.execute(_CLAIMING, given)]
    return sorted(claimed, key=lambda each: (each.due_at, each.id))


def claiming(now: _Moment, lease: _Text, limit: _Number, until: _Moment) -> ReturningUpdate[Any]:
    """Give the one statement that claims, the same on both databases but for the lock clause."""
    return (
        update(deliveries)
        .where(deliveries.c.id.in_(select(_due(now, limit).c.id)))
        .values(
            lease=lease,
            leased_until=until,
            attempts=deliveries.c.attempts + 1,
            first_attempt_at=func.coalesce(deliveries.c.first_attempt_at, now),
        )
        .returning(*deliveries.c)
    )


def keep_step(desk: Desk, delivery: Delivery, seconds: float, **steps: object) -> Delivery:
    """Record steps done and prolong the lease by `seconds` from now. Raises `LeaseLost`."""
    kept = {**delivery.steps, **steps}
    until = desk.clock() + timedelta(seconds=seconds)
    with desk.database.write() as connection:
        changed = connection.execute(_held(delivery).values(steps=kept, leased_until=until)).rowcount
    _require(changed)
    return replace(delivery, steps=kept, leased_until=until)


def sent(act: Act, delivery: Delivery) -> None:
    """Mark a delivery as done, within the act that records what it did. Raises `LeaseLost`."""
    _let_go(act.connection, delivery, state="sent", sent_at=act.now, error=None)


@intention
def sent_alone(act: Act, delivery: Delivery) -> None:
    """Mark a delivery as done that changes nothing else."""
    sent(act, delivery)


def postpone(desk: Desk, delivery: Delivery, due_at: datetime, error: str) -> None:
    """Give a delivery back after a failed attempt, to be tried again at `due_at`. Raises `LeaseLost`."""
    _give_back(desk, delivery, due_at=due_at, error=error[:80])


def wait(desk: Desk, delivery: Delivery, due_at: datetime) -> None:
    """Give a delivery back that has to wait, which is no failed attempt. Raises `LeaseLost`."""
    _give_back(desk, delivery, due_at=due_at, attempts=delivery.attempts - 1)


def wait_apart(desk: Desk, delivery: Delivery, due_at: datetime) -> None:
    """Give a delivery back that only waits for an answer, and let the rows after it in its lane go."""
    _give_back(desk, delivery, due_at=due_at, attempts=delivery.attempts - 1, lane=f"delivery:{delivery.id}")


def wait_for_start(desk: Desk, delivery: Delivery, due_at: datetime) -> None:
    """Give a delivery back that cannot begin before `due_at`, as if it had not begun. Raises `LeaseLost`."""
    _give_back(desk, delivery, due_at=due_at, attempts=0, first_attempt_at=None)


def put_off(act: Act, delivery: Delivery, due_at: datetime) -> None:
    """Give a delivery back within an act, as if it had not begun; it holds up nothing else. Raises `LeaseLost`."""
    steps = {**delivery.steps, "returned": 0, "unsure": False}
    begun = {"steps": steps, "attempts": 0, "first_attempt_at": None}
    _let_go(act.connection, delivery, due_at=due_at, lane=f"delivery:{delivery.id}", **begun)


def release(desk: Desk, held: Collection[Delivery]) -> None:
    """Return leases that were not used, at a stop."""
    with desk.database.write() as connection:
        for delivery in held:
            unused = {"lease": None, "leased_until": None, "attempts": delivery.attempts - 1}
            connection.execute(_held(delivery).values(unused))


def release_all(desk: Desk) -> None:
    """Return every lease: for the one program of a SQLite file, when it starts and nobody else can hold any."""
    held = update(deliveries).where(QUEUED, deliveries.c.lease.is_not(None))
    with desk.database.write() as connection:
        connection.execute(held.values(lease=None, leased_until=None))


def failed(act: Act, delivery: Delivery, error: str) -> None:
    """Mark a delivery as failed for good, within the act that tells people. Raises `LeaseLost`."""
    _let_go(act.connection, delivery, state="failed", error=error[:80])


@intention
def retry(act: Act, delivery_ids: Sequence[int]) -> list[int]:
    """Queue failed deliveries again, all of them when none is named; give the ids that were."""
    columns = (deliveries.c.id, deliveries.c.error, deliveries.c.steps)
    query = select(*columns).where(deliveries.c.state == "failed").order_by(deliveries.c.id)
    if delivery_ids:
        query = query.where(deliveries.c.id.in_(delivery_ids))
    rows = act.connection.execute(query).all()
    again = [row.id for row in rows]
    # What was given up may have happened all the same, so a message is looked for before it is posted again.
    steps = {"unsure": True}
    anew = {"state": "queued", "due_at": act.now, "steps": steps, "attempts": 0, "first_attempt_at": None}
    act.connection.execute(update(deliveries).where(deliveries.c.id.in_(again)).values(error=None, **anew))
    for row in rows:
        if row.error == MISSING_SCOPE and row.steps:
            # Nothing was wrong with the files that are in Slack: they are looked for, and not sent a second time.
            kept = {name: step for name, step in row.steps.items() if name not in _LOOKS}
            its_own = update(deliveries).where(deliveries.c.id == row.id)
            act.connection.execute(its_own.values(steps={**kept, **steps}))
    for delivery_id in again:
        act.record("delivery_retried", f"delivery {delivery_id}")
    wake_after_commit(act.connection)
    return again


def _due(now: _Moment, limit: _Number) -> CTE:
    earlier = deliveries.alias("earlier")
    queued_earlier = earlier.c.state == literal_column("'queued'")
    blocked = select(earlier.c.id).where(
        earlier.c.lane == deliveries.c.lane, queued_earlier, earlier.c.id < deliveries.c.id
    )
    due = (
        select(deliveries.c.id)
        .where(QUEUED, deliveries.c.due_at <= now, _free(now), ~blocked.exists())
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    # PostgreSQL may run a subquery more than once, and each run would find the next rows beyond the limit.
    return due.cte("due").prefix_with("MATERIALIZED", dialect="postgresql")


def _free(now: _Moment) -> ColumnElement[bool]:
    return or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)


def _held(delivery: Delivery) -> Update:
    held = and_(deliveries.c.lease == delivery.lease, QUEUED)
    return update(deliveries).where(deliveries.c.id == delivery.id, held)


def _give_back(desk: Desk, delivery: Delivery, **values: object) -> None:
    with desk.database.write() as connection:
        _let_go(connection, delivery, **values)


def _let_go(connection: Connection, delivery: Delivery, **values: object) -> None:
    """Write what a delivery came to, its steps among it, and end its lease. Raises `LeaseLost`."""
    given = {"steps": dict(delivery.steps), "lease": None, "leased_until": None, **values}
    _require(connection.execute(_held(delivery).values(given)).rowcount)


def _require(changed: int) -> None:
    if not changed:
        raise LeaseLost


# Built once: every delivery begins with it, and building it takes several times as long as running it.
_CLAIMING = claiming(
    bindparam("now", type_=UtcDateTime()),
    bindparam("holder", type_=String()),
    bindparam("most", type_=Integer()),
    bindparam("until", type_=UtcDateTime()),
)
