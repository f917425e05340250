"""Files that have not arrived some time after they should have: requester and decider are told, once."""

from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, cast, exists, literal, or_, select

from store.deliveries import QUEUED, Delivery, get
from store.desk import Act, Desk, intention
from store.escalation import ITSELF
from store.failures import tell_undelivered
from store.tables import deliveries, persons


def tell_late(desk: Desk, limit: int = 100) -> int:
    """Tell of the files that are late by now, at most `limit`; give how many there were.

    A file that waits for the start of the term is not late before it.
    """
    with desk.database.read() as connection:
        late_now = _late(desk.clock() - desk.policy.undelivered_after)
        query = select(deliveries.c.id).where(late_now, ~_told(), _is_reachable())
        late = list(
            connection.execute(query.order_by(deliveries.c.due_at, deliveries.c.id).limit(limit)).scalars()
        )
    for delivery_id in late:
        _tell(desk, ITSELF, delivery_id)
    return len(late)


@intention
def _tell(act: Act, delivery_id: int) -> None:
    delivery: Delivery = get(act.connection, delivery_id)
    if delivery.state == "queued":
        tell_undelivered(act, delivery, f"not_delivered:{delivery.id}")


def _late(before: datetime) -> ColumnElement[bool]:
    never_tried = and_(deliveries.c.attempts == 0, deliveries.c.due_at <= before)
    tried = deliveries.c.first_attempt_at <= before
    return and_(QUEUED, deliveries.c.kind == "file", or_(never_tried, tried))


def _is_reachable() -> ColumnElement[bool]:
    """Whether the recipient can be told; what somebody was to have who left is closed at the next attempt."""
    here = (persons.c.id == deliveries.c.person_id, persons.c.active, persons.c.slack_id.is_not(None))
    return exists().where(*here)


def _told() -> ColumnElement[bool]:
    """Whether the recipient was told; written as the occasion is in `_tell`."""
    notices = deliveries.alias("notices")
    of_delivery = literal("not_delivered:").concat(cast(deliveries.c.id, String)).concat(":")
    occasion = of_delivery.concat(cast(deliveries.c.person_id, String))
    return exists().where(notices.c.occasion == occasion)
