"""The refusals about a request, with the facts that their sentences need."""

from collections.abc import Collection

from store import people
from store.desk import Act
from store.request_views import ItemView, RequestView, items_of
from store.rules.errors import Named
from store.rules.request_errors import AlreadyDecided, MayNotDecide, OwnRequest
from store.rules.request_states import ItemState, RequestKind
from store.rules.rights import ADMINS, CONTACTS, RoleName

MOST_NAMES = 3


def already_decided(act: Act, request: RequestView, item_ids: Collection[int]) -> AlreadyDecided:
    """Say what became of these items; of several that ended differently, the latest is told."""
    items = items_of(act.connection, item_ids)
    latest = max(items, key=lambda each: each.decided_at or request.asked_at)
    return AlreadyDecided(
        infrastructure_id=request.infrastructure.id,
        number=request.number,
        kind=request.kind,
        clicker_id=act.actor.person_id,
        clicked_at=act.now,
        state=latest.state,
        cause=latest.cause,
        decider=None if latest.decider is None else Named(latest.decider.id, latest.decider.name),
        decided_at=latest.decided_at,
        requester=Named(request.requester.id, request.requester.name),
        environments=_names(items),
        delivered_at=latest.delivered_at,
    )


def overdue(act: Act, request: RequestView) -> AlreadyDecided:
    """Say that the deadline has passed, though the desk has not looked at the clock since."""
    ended = already_decided(act, request, [each.id for each in request.pending])
    ended.state, ended.decided_at = ItemState.EXPIRED, request.expires_at
    return ended


def may_not_decide(act: Act, request: RequestView) -> MayNotDecide:
    """Say who may decide instead."""
    return MayNotDecide(
        infrastructure_id=request.infrastructure.id,
        number=request.number,
        kind=request.kind,
        infrastructure=request.infrastructure.name,
        who_may=who_may(act, request),
    )


def own_request(act: Act, request: RequestView) -> OwnRequest:
    """Say who may decide instead."""
    return OwnRequest(
        infrastructure_id=request.infrastructure.id, number=request.number, who_may=who_may(act, request)
    )


def who_may(act: Act, request: RequestView) -> tuple[str, ...]:
    """Names of some who may decide a request: those asked first, then others with the right."""
    deciders = CONTACTS | ADMINS
    if request.kind is RequestKind.RELEASE:
        deciders = frozenset({RoleName.OPERATOR})
    holders = people.holders(act.connection, request.infrastructure.id, deciders)
    may = [each.person for each in holders if each.active and each.person.reachable]
    named = dict.fromkeys(person.name for person in [*request.asked, *may] if person != request.requester)
    return tuple(named)[:MOST_NAMES]


def _names(items: Collection[ItemView]) -> tuple[str, ...]:
    return tuple(each.environment.slot_name for each in items)
