"""The end of a term: what still waits in an infrastructure whose subscription allows nothing any more is closed."""

from sqlalchemy import or_, select

from store import infrastructures
from store.desk import Act, Desk, intention
from store.escalation import ITSELF
from store.request_changes import close_of_infrastructure
from store.request_views import PENDING
from store.rules.request_states import RequestKind
from store.tables import request_items, requests, subscriptions
from store.validity import of_infrastructure


def close_ended(desk: Desk, limit: int = 100) -> int:
    """Close what waits under ended and suspended subscriptions, of `limit` infrastructures at most.

    Gives how many of them had something to close.
    """
    over = or_(subscriptions.c.state == "suspended", subscriptions.c.ends_at <= desk.clock())
    query = (
        select(requests.c.infrastructure_id)
        .join(request_items, request_items.c.request_id == requests.c.id)
        .join(subscriptions, subscriptions.c.infrastructure_id == requests.c.infrastructure_id)
        .where(PENDING, requests.c.kind != str(RequestKind.RELEASE), over)
        .distinct()
        .order_by(requests.c.infrastructure_id)
    )
    with desk.database.read() as connection:
        now = desk.clock()
        ended = [
            each
            for each in connection.execute(query).scalars().all()
            if of_infrastructure(infrastructures.get(connection, each), now)
        ]
    return sum(_close(desk, ITSELF, each) for each in ended[:limit])


@intention
def _close(act: Act, infrastructure_id: int) -> bool:
    cause = of_infrastructure(infrastructures.get(act.connection, infrastructure_id), act.now)
    return bool(cause and close_of_infrastructure(act, infrastructure_id, cause))
