"""The end of the deadline: what nobody has answered expires."""

from sqlalchemy import select

from store.desk import Act, Desk, intention
from store.escalation import ITSELF
from store.request_changes import announce, hold_registrations, pending_of_request, record, settle
from store.request_views import PENDING
from store.rules.request_states import ItemState
from store.tables import request_items, requests


def expire_due(desk: Desk, limit: int = 100) -> int:
    """Expire the requests whose deadline has passed, at most `limit`, and return how many did.

    Each request has a transaction of its own, so that a person who clicks waits for one of them at most.
    """
    query = (
        select(requests.c.id)
        .join(request_items, request_items.c.request_id == requests.c.id)
        .where(PENDING, requests.c.expires_at <= desk.clock())
        .distinct()
        .order_by(requests.c.id)
        .limit(limit)
    )
    with desk.database.read() as connection:
        due = list(connection.execute(query).scalars())
    return sum(_expire(desk, ITSELF, request_id) for request_id in due)


@intention
def _expire(act: Act, request_id: int) -> bool:
    waiting = pending_of_request(act.connection, request_id)
    hold_registrations(act.connection, waiting.values(), to_end=False)
    expired = settle(act, waiting, ItemState.EXPIRED)
    if expired:
        infrastructure_id = act.connection.execute(
            select(requests.c.infrastructure_id).where(requests.c.id == request_id)
        ).scalar_one()
        announce(act, request_id, "expired", expired)
        record(act, "expire", infrastructure_id, request_id, expired)
    return bool(expired)
