"""The Home tab of a person: that they look at it, which page of it they see, and what only Home asks for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select, update

from store import infrastructures as seeing
from store.deliveries import QUEUED, Delivery
from store.desk import Act, intention
from store.home_redraws import queue_redraw
from store.infrastructures import Infrastructure
from store.once import insert_once
from store.reach import reach
from store.rules.rights import ADMINS, HeldRole
from store.tables import deliveries, homes, infrastructures, registrations, slots, subscriptions

ENDING_WITHIN: Final = timedelta(days=90)
"""How long before the end of a subscription Home begins to speak of it: with the first reminder."""


@intention
def opened(act: Act, person_id: int) -> None:
    """Note that somebody looks at their Home, so that it is kept up to date; it begins at its first page."""
    _note(act, person_id, 0)


@intention
def turn(act: Act, person_id: int, page: int) -> None:
    """Show another page, from 0, of somebody's infrastructures."""
    _note(act, person_id, page)
    queue_redraw(act.connection, person_id, act.now)


@intention
def redraw(act: Act, person_id: int) -> None:
    """Draw somebody's Home once more."""
    queue_redraw(act.connection, person_id, act.now)


def page_of(connection: Connection, person_id: int) -> int:
    """The page that somebody sees, from 0."""
    query = select(homes.c.page).where(homes.c.person_id == person_id)
    return connection.execute(query).scalar_one_or_none() or 0


def is_overtaken(connection: Connection, delivery: Delivery) -> bool:
    """Whether a later drawing of the same Home waits already, so that this one is not needed."""
    later = select(deliveries.c.id).where(
        QUEUED, deliveries.c.lane == delivery.lane, deliveries.c.id > delivery.id
    )
    return connection.execute(later.limit(1)).first() is not None


def ending(
    connection: Connection, held: Iterable[HeldRole], now: datetime, limit: int
) -> list[Infrastructure]:
    """Infrastructures that somebody sees and whose subscription ends soon or ended lately, the first ones first."""
    around = subscriptions.c.ends_at.between(now - ENDING_WITHIN, now + ENDING_WITHIN)
    query = (
        select(infrastructures.c.id)
        .join(subscriptions, subscriptions.c.infrastructure_id == infrastructures.c.id)
        .where(reach(held).condition(), around)
        .order_by(subscriptions.c.ends_at, infrastructures.c.id)
        .limit(limit)
    )
    ids = list(connection.execute(query).scalars())
    found = seeing.get_many(connection, ids)
    return [found[each] for each in ids]


def administered(connection: Connection, held: Iterable[HeldRole]) -> int:
    """How many infrastructures with slots somebody sets roles in."""
    own = reach(held, ADMINS)
    if own.nowhere:
        return 0
    query = select(func.count(infrastructures.c.id)).where(
        own.condition(), infrastructures.c.hosting != "cloud"
    )
    return int(connection.execute(query).scalar_one())


def registered(connection: Connection, infrastructure_id: int, after: int, limit: int) -> list[int]:
    """Registrations that are open in an infrastructure, by type and name of their slots, after the first `after`."""
    query = (
        select(registrations.c.id)
        .join(slots, slots.c.id == registrations.c.slot_id)
        .where(registrations.c.infrastructure_id == infrastructure_id, registrations.c.state == "open")
        .order_by(slots.c.environment_type, slots.c.name, registrations.c.id)
        .offset(after)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def _note(act: Act, person_id: int, page: int) -> None:
    values = {"person_id": person_id, "opened_at": act.now, "page": page}
    if not insert_once(act.connection, homes, values):
        act.connection.execute(update(homes).where(homes.c.person_id == person_id).values(values))
