"""Who is told of a bulk registration: one message for each person and infrastructure, and what was refused."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select, update

from store import audit
from store.bulk_wishes import Outcome
from store.database import wake_after_commit
from store.deliveries import QUEUED, queue
from store.desk import Act, Actor, Desk, count_attempts, intention
from store.foreign_serials import report_foreign_serial
from store.rules.errors import Refusal
from store.rules.registration_errors import SerialElsewhere
from store.tables import deliveries, registrations
from store.telling import told_of_change

_LATEST: Final = timedelta(minutes=10)
"""When a run that nobody ended, for example because it was killed, is told of all the same."""
_MOST_FOREIGN: Final = 5


def tell(act: Act, infrastructure_id: int, key: str, begun_at: datetime) -> None:
    """Queue the message of a run in one infrastructure, once; it is sent when the run ends.

    How many environments there are is counted when it is sent. It has a lane of its own, because it waits.
    """
    for person_id in sorted(told_of_change(act, infrastructure_id)):
        queue(
            act,
            "notice",
            occasion=_occasion(key, infrastructure_id, person_id),
            lane=f"bulk:{infrastructure_id}:{person_id}",
            person_id=person_id,
            notice="bulk_registered",
            facts={
                "run": key,
                "infrastructure_id": infrastructure_id,
                "actor_id": act.actor.person_id,
                "begun_at": begun_at.isoformat(),
            },
            due_at=act.now + _LATEST,
        )


@intention
def send(act: Act, key: str) -> None:
    """Have the messages of a run sent now that it has ended."""
    query = select(deliveries.c.id, deliveries.c.facts).where(
        QUEUED, deliveries.c.due_at > act.now, deliveries.c.notice == "bulk_registered"
    )
    own = [row.id for row in act.connection.execute(query) if row.facts.get("run") == key]
    if own:
        act.connection.execute(update(deliveries).where(deliveries.c.id.in_(own)).values(due_at=act.now))
        wake_after_commit(act.connection)


def registered_since(
    connection: Connection, infrastructure_id: int, registrant_id: int, moment: datetime
) -> int:
    """How many environments somebody has registered in an infrastructure from a moment on."""
    query = select(func.count(registrations.c.id)).where(
        registrations.c.infrastructure_id == infrastructure_id,
        registrations.c.registrant_id == registrant_id,
        registrations.c.registered_at >= moment,
    )
    return int(connection.execute(query).scalar_one())


def report_refused(desk: Desk, actor: Actor, outcomes: Iterable[Outcome]) -> None:
    """Record what was refused, the same for many rows once, and tell the operators of serial numbers of others."""
    refusals = [each.error for each in outcomes if isinstance(each.error, Refusal)]
    entries = [audit.refusal(each, actor.person_id, actor.source, "register") for each in refusals]
    with desk.database.write() as connection:
        count_attempts(desk, connection, actor, refusals)
    by_chain: dict[int, list[audit.Entry]] = {}
    for entry in _once(entries):
        by_chain.setdefault(entry.chain, []).append(entry)
    for of_chain in by_chain.values():
        with desk.database.write() as connection:
            audit.append_new(connection, of_chain, desk.clock())
    for refusal in refusals:
        refusal.recorded = True
    foreign = [each for each in refusals if isinstance(each, SerialElsewhere)]
    for each in foreign[:_MOST_FOREIGN]:
        report_foreign_serial(desk, actor, each)


def _once(entries: Sequence[audit.Entry]) -> list[audit.Entry]:
    return list({(each.chain, each.subject, repr(each.facts)): each for each in entries}.values())


def _occasion(key: str, infrastructure_id: int, person_id: int) -> str:
    return f"bulk:{key}:{infrastructure_id}:{person_id}"
