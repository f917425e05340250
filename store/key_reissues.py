"""Re-issues after a signing key was found compromised: every license that it signed is made anew, everywhere.

Each infrastructure has a re-issue of its own, so that the schedule or a command carries on what a kill left behind.
"""

import time
from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, exists, func, literal, select, update

from store import reissuing
from store.desk import Act, Actor, Desk
from store.once import insert_selected_once
from store.reissuing import UNFINISHED
from store.tables import Id, UtcDateTime, infrastructures, licenses, registrations, reissues

_WRITTEN = ("infrastructure_id", "cause", "begun_at", "begun_by", "licenses_after", "position")


def begin(act: Act, key_id: int) -> int:
    """Begin to replace every license in use that a key signed; give the number of infrastructures that have some.

    The key was moved before: `KeyRing.active` holds it, so that all it signed is there by now. What is under way
    for an infrastructure is begun again, and goes on with what is not replaced yet.
    """
    chosen = select(infrastructures.c.id).where(_has_signed(key_id))
    newest = select(func.max(licenses.c.id)).scalar_subquery()
    row = chosen.add_columns(
        literal("compromise"),
        literal(act.now, UtcDateTime()),
        literal(act.actor.person_id, Id),
        newest,
        literal(0),
    )
    insert_selected_once(act.connection, reissues, _WRITTEN, row)
    again = update(reissues).where(UNFINISHED, reissues.c.infrastructure_id.in_(chosen))
    return act.connection.execute(again.values(position=0)).rowcount


def left(connection: Connection) -> int:
    """How many registrations all unfinished re-issues together have still to look at."""
    query = (
        select(func.count())
        .select_from(reissues)
        .join(registrations, registrations.c.infrastructure_id == reissues.c.infrastructure_id)
        .where(
            UNFINISHED,
            registrations.c.state == "open",
            registrations.c.id > reissues.c.position,
            exists().where(licenses.c.registration_id == registrations.c.id),
        )
    )
    return connection.execute(query).scalar_one()


def run(desk: Desk, actor: Actor, progress: Callable[[int], None] = lambda _: None) -> int:
    """Carry every unfinished re-issue on to its end, the oldest first, and give the number of licenses made.

    `progress` is told how many registrations were looked at by each batch. Raises `NoActiveKey`.
    """
    made = 0
    with desk.database.read() as connection:
        unfinished = connection.execute(select(reissues.c.id).where(UNFINISHED).order_by(reissues.c.id))
        reissue_ids = unfinished.scalars().all()
    for each in reissue_ids:
        made += reissuing.run(desk, actor, each, progress)
        if desk.database.is_sqlite:
            time.sleep(reissuing.PAUSE_SECONDS)
    return made


def _has_signed(key_id: int) -> ColumnElement[bool]:
    """Whether an infrastructure has a registration whose newest license the key signed."""
    newer = licenses.alias("newer")
    replaced = exists().where(newer.c.slot_id == licenses.c.slot_id, newer.c.seq > licenses.c.seq)
    return exists().where(
        registrations.c.infrastructure_id == infrastructures.c.id,
        registrations.c.state == "open",
        licenses.c.registration_id == registrations.c.id,
        licenses.c.key_id == key_id,
        ~replaced,
    )
