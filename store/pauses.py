"""Pauses of people who were refused too often: the operators are told of each, once."""

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from store import attempts
from store.attempts import KEPT_FOR
from store.deliveries import queue
from store.desk import Act, Desk, intention
from store.escalation import ITSELF
from store.tables import pauses
from store.telling import tell_operators

_PIECE = 1000


def tell_due(desk: Desk, limit: int = 100) -> int:
    """Tell the operators of the pauses that they were not told of, at most `limit`; give how many there were."""
    untold = select(pauses.c.id).where(pauses.c.told_at.is_(None)).order_by(pauses.c.id).limit(limit)
    with desk.database.read() as connection:
        found = list(connection.execute(untold).scalars())
    for each in found:
        _tell(desk, ITSELF, each)
    return len(found)


def forget_attempts(desk: Desk) -> int:
    """Delete failed attempts that are not counted any more; give how many there were."""
    before = desk.clock() - max(KEPT_FOR, desk.policy.refusals_period)
    with desk.database.write() as connection:
        return attempts.forget(connection, before, _PIECE)


def since(connection: Connection, moment: datetime) -> int:
    """How many pauses ended after a moment or go on; of this moment, how many people are paused."""
    query = select(func.count(pauses.c.id)).where(pauses.c.ends_at > moment)
    return int(connection.execute(query).scalar_one())


@intention
def _tell(act: Act, pause_id: int) -> None:
    # Two processes may find the same pause; the first to write that it was told tells it.
    untold = (pauses.c.id == pause_id, pauses.c.told_at.is_(None))
    if not act.connection.execute(update(pauses).where(*untold).values(told_at=act.now)).rowcount:
        return
    row = act.connection.execute(select(*pauses.c).where(pauses.c.id == pause_id)).one()
    act.record("pause_person", f"person {row.person_id}", None, **row.counts)
    facts = {
        "about_person_id": row.person_id,
        "counts": row.counts,
        "began_at": row.began_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
    }
    channel = act.desk.policy.operators_channel
    if not channel:
        tell_operators(act, "refused_often", f"pause:{pause_id}", **facts)
        return
    queue(
        act,
        "notice",
        occasion=f"pause:{pause_id}",
        lane=f"channel:{channel}",
        channel=channel,
        notice="refused_often",
        facts=facts,
    )
