"""Requests that events overtook while they waited: closed when nothing can come of them, or addressed anew.

Roles end, people leave, terms run out and imports change what was agreed, in many places and at any time. None
of these has to know of requests: what follows is found here, by looking at what waits.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, update

from store import asking, infrastructures
from store.database import AnySelect
from store.deciders import decides, holds
from store.deliveries import redraw
from store.desk import Act, Desk, intention
from store.escalation import ITSELF, put_to
from store.people import is_welcome
from store.request_changes import close, hold_registrations, pending_of_request, record
from store.request_views import PENDING, RequestView, view
from store.rules.request_states import Cause, RequestKind
from store.rules.rights import RELEASERS, RoleName, Step
from store.tables import asked, persons, request_items, requests
from store.tables import infrastructures as infrastructure_rows
from store.validity import cause_against, of_infrastructure

_REGISTERING = frozenset(RoleName) - {RoleName.AUDITOR}


def follow_up(desk: Desk, limit: int = 100) -> int:
    """Close or address anew what was overtaken, at most `limit` requests; give how many there were.

    Each request has a transaction of its own, so that a person who clicks waits for one of them at most.
    """
    with desk.database.read() as connection:
        found = overtaken(connection, desk.clock())
    return sum(_follow_up(desk, ITSELF, request_id) for request_id in found[:limit])


@intention
def _follow_up(act: Act, request_id: int) -> bool:
    waiting = pending_of_request(act.connection, request_id)
    # Whoever decides, withdraws or expires it holds these as well, and has ended before what follows is read.
    hold_registrations(act.connection, waiting.values(), to_end=True)
    request = view(act.connection, request_id)
    if not request.pending:
        return False
    cause = cause_against(act.connection, request, act.now)
    if cause is not None:
        return _close(act, request, cause)
    return _address_anew(act, request)


def _close(act: Act, request: RequestView, cause: Cause) -> bool:
    pending = [each.id for each in request.pending]
    return bool(close(act, request.infrastructure.id, request.id, pending, cause))


def _address_anew(act: Act, request: RequestView) -> bool:
    """Ask those of the first step in which somebody can be reached now, when nobody asked can decide any more."""
    lost = list(act.connection.execute(_lost(act.now).where(requests.c.id == request.id)).scalars())
    if not lost:
        return False
    gone = (asked.c.request_id == request.id, asked.c.person_id.in_(lost))
    act.connection.execute(update(asked).where(*gone).values(reached=False))
    if asking.is_anybody_reached(act.connection, request.id):
        redraw(act, request.id)
        record(act, "ask_no_more", request.infrastructure.id, request.id, people=sorted(lost))
        return True
    return _put(act, request)


def _put(act: Act, request: RequestView) -> bool:
    steps = (Step.OPERATORS,) if request.kind is RequestKind.RELEASE else tuple(Step)
    chosen = asking.who_is_asked(
        act.connection,
        request.infrastructure,
        request.requester.id,
        act.now,
        steps,
        mails=act.desk.policy.mails,
    )
    if chosen is None:
        return _close(act, request, Cause.NOBODY_REACHABLE)
    step = {"step": str(chosen.step)}
    act.connection.execute(update(requests).where(requests.c.id == request.id).values(step))
    # Whom it was put to before counts as skipped in the step that is asked now.
    act.connection.execute(update(asked).where(asked.c.request_id == request.id).values(step))
    put_to(act, request.infrastructure.id, request.id, chosen, "address_anew")
    return True


def overtaken(connection: Connection, now: datetime) -> list[int]:
    """Requests that wait and in which something changed, oldest first."""
    places = set(connection.execute(_waiting(infrastructure_rows.c.id)).scalars())
    if not places:
        return []
    found = infrastructures.get_many(connection, places)
    bad = [each.id for each in found.values() if of_infrastructure(each, now)]
    cannot = and_(requests.c.infrastructure_id.in_(bad), requests.c.kind != RequestKind.RELEASE)
    overtaken = {
        *connection.execute(_waiting(requests.c.id).where(or_(cannot, _requester_lost()))).scalars(),
        *connection.execute(_lost(now).with_only_columns(requests.c.id)).scalars(),
    }
    return sorted(overtaken)


def _waiting(column: ColumnElement[int]) -> AnySelect:
    return (
        select(column)
        .select_from(requests)
        .join(request_items, and_(request_items.c.request_id == requests.c.id, PENDING))
        .join(infrastructure_rows, infrastructure_rows.c.id == requests.c.infrastructure_id)
        .distinct()
    )


def _requester_lost() -> ColumnElement[bool]:
    requester = requests.c.requester_id
    welcome = exists().where(persons.c.id == requester, is_welcome())
    releasing = and_(requests.c.kind == RequestKind.RELEASE, holds(requester, RELEASERS))
    asking_ = and_(requests.c.kind != RequestKind.RELEASE, holds(requester, _REGISTERING))
    return ~and_(welcome, or_(releasing, asking_))


def _lost(now: datetime) -> AnySelect:
    """Those who have the card of a request that waits, and cannot decide it any more."""
    return (
        _waiting(asked.c.person_id)
        .join(asked, asked.c.request_id == requests.c.id)
        .where(asked.c.reached, ~decides(asked.c.person_id, now))
    )
