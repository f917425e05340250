"""Whether the card of a request arrived anywhere: the deadline starts, or the next step is asked."""

from sqlalchemy import select, update

from store import asking, infrastructures
from store.asking import Asked
from store.database import AnyRow
from store.deliveries import redraw
from store.desk import Act, Actor
from store.request_changes import close, hold_registrations, pending_of_request, record
from store.rules.request_states import Cause
from store.tables import requests

ITSELF = Actor(None, "schedule")
"""The desk, when nobody asked for what it does."""


def post_first(act: Act, request_id: int) -> None:
    """Start the deadline of a request, because its first card was posted now; later cards change nothing."""
    started = act.connection.execute(
        update(requests)
        .where(requests.c.id == request_id, requests.c.first_posted_at.is_(None))
        .values(first_posted_at=act.now, expires_at=act.now + act.desk.policy.request_expiry)
        .returning(requests.c.infrastructure_id, requests.c.expires_at)
    ).one_or_none()
    if started:
        expires_at = started.expires_at.isoformat()
        record(act, "post", started.infrastructure_id, request_id, expires_at=expires_at)


def put_to_next_step(act: Act, request_id: int) -> None:
    """Put a request to its next step, because no post of this one arrived; after the last, close its items.

    Nothing changes while somebody asked has or should have the card, or when nothing waits any more.
    """
    waiting = pending_of_request(act.connection, request_id)
    hold_registrations(act.connection, waiting.values(), to_end=False)
    request = act.connection.execute(select(*requests.c).where(requests.c.id == request_id)).one()
    if not waiting or asking.is_anybody_reached(act.connection, request_id):
        return
    chosen = _next(act, request)
    asking.mark_unreached(act.connection, request_id, request.step)
    if chosen is None:
        close(act, request.infrastructure_id, request_id, waiting, Cause.NOBODY_REACHABLE)
    else:
        _put(act, request, chosen)


def _next(act: Act, request: AnyRow) -> Asked | None:
    infrastructure = infrastructures.get(act.connection, request.infrastructure_id)
    return asking.next_step(
        act.connection,
        infrastructure,
        request.id,
        request.requester_id,
        act.now,
        mails=act.desk.policy.mails,
    )


def _put(act: Act, request: AnyRow, chosen: Asked) -> None:
    # Two couriers may see the last post of a step fail at once; only one of them finds that step still there.
    here = (requests.c.id == request.id, requests.c.step == request.step)
    moved = act.connection.execute(update(requests).where(*here).values(step=str(chosen.step)))
    if moved.rowcount == 1:
        put_to(act, request.infrastructure_id, request.id, chosen, "put_to_next_step")


def put_to(act: Act, infrastructure_id: int, request_id: int, chosen: Asked, action: str) -> None:
    """Put a request to those chosen, draw its cards, and record it as `action`."""
    asking.keep(act.connection, request_id, chosen)
    redraw(act, request_id)
    asked_ids = [each.id for each in chosen.people]
    record(act, action, infrastructure_id, request_id, step=chosen.step, asked=asked_ids)
