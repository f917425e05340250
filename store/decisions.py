"""Decisions: a contact or administrator forwards or declines what somebody asked for; the first one wins."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from store import awaited_files, held_files, licenses, people
from store.deliveries import queue_file
from store.desk import Act, intention
from store.new_requests import checked_reason
from store.releases import carry_out_release
from store.request_changes import (
    announce,
    close,
    close_pending,
    file_waits_until,
    hold_registrations,
    record,
    settle,
)
from store.request_refusals import already_decided, may_not_decide, overdue, own_request
from store.request_views import ItemView, RequestView, items_of, view
from store.rules.request_errors import NoEnvironmentChosen, RequestUnknown
from store.rules.request_states import Cause, ItemState, RequestKind
from store.rules.rights import RoleName, Step, may_decide
from store.serial_changes import carry_out_serial_change
from store.tables import asked, request_items, requests
from store.validity import cause_against


@dataclass(frozen=True, slots=True)
class Decision:
    """What a click came to, and the request as it is now.

    `decided` are ids of the items that it decided, `closed` of those that could not be forwarded any more,
    and `already` the items chosen that had been decided before.
    """

    request: RequestView
    decided: tuple[int, ...]
    closed: tuple[int, ...] = ()
    already: tuple[ItemView, ...] = ()


@intention
def forward(act: Act, request_id: int, item_ids: Sequence[int] | None = None) -> Decision:
    """Forward items of a request, all that are pending unless `item_ids` names some.

    Everything is checked again first: an item whose registration ended is closed, and so is all that is
    pending when the requester may not have it any more or the subscription ended. Raises `AlreadyDecided`,
    `MayNotDecide`, `OwnRequest`, `RequestUnknown` and `NoEnvironmentChosen`.
    """
    request = _to_decide(act, request_id)
    chosen = _chosen(request, item_ids)
    closed = _close_invalid(act, request, chosen)
    forwarded = _settle(act, chosen, ItemState.FORWARDED)
    if not forwarded and not closed:
        raise already_decided(act, request, chosen)
    if forwarded:
        at_once = _comes_at_once(act, request, forwarded)
        announce(act, request.id, "forwarded", forwarded, tell_requester=not at_once)
        _carry_out(act, request, forwarded)
        registrations = _registrations(request, forwarded)
        record(act, "forward", request.infrastructure.id, request.id, forwarded, registrations=registrations)
    return _decision(act, request, chosen, forwarded, closed)


def _comes_at_once(act: Act, request: RequestView, item_ids: Collection[int]) -> bool:
    """Whether the file is the answer: it says who forwarded it, and words of their own would only race it."""
    if request.kind is RequestKind.RELEASE or file_waits_until(request.infrastructure, act.now):
        return False
    return not any(each.file_missing for each in request.items if each.id in item_ids)


@intention
def decline(act: Act, request_id: int, item_ids: Sequence[int] | None, reason: str) -> Decision:
    """Decline items of a request for a reason that the requester and those asked will read.

    All that are pending unless `item_ids` names some. Raises `ReasonMissing`, `ReasonTooLong`,
    `AlreadyDecided`, `MayNotDecide`, `OwnRequest`, `RequestUnknown` and `NoEnvironmentChosen`.
    """
    request = _to_decide(act, request_id)
    chosen = _chosen(request, item_ids)
    declined = _settle(act, chosen, ItemState.DECLINED, decline_reason=checked_reason(reason))
    if not declined:
        raise already_decided(act, request, chosen)
    announce(act, request.id, "declined", declined)
    record(act, "decline", request.infrastructure.id, request.id, declined)
    return _decision(act, request, chosen, declined)


@intention
def to_decide(act: Act, request_id: int) -> RequestView:
    """A request that the actor may decide and that waits, for a form about it.

    Raises `AlreadyDecided`, `MayNotDecide`, `OwnRequest` and `RequestUnknown`.
    """
    request = _to_decide(act, request_id)
    if not request.pending:
        raise already_decided(act, request, [each.id for each in request.items])
    return request


def _to_decide(act: Act, request_id: int) -> RequestView:
    """The request, held until the act ends, when the actor may decide it at this moment."""
    query = select(request_items.c.registration_id, requests.c.kind).join(
        requests, requests.c.id == request_items.c.request_id
    )
    rows = act.connection.execute(query.where(requests.c.id == request_id)).all()
    if not rows:
        raise RequestUnknown
    ends = rows[0].kind != RequestKind.LICENSE
    if act.actor.person_id is not None:
        people.hold(act.connection, act.actor.person_id)
    hold_registrations(act.connection, [row.registration_id for row in rows], to_end=ends)
    request = view(act.connection, request_id)
    _require_right(act, request)
    if request.pending and request.expires_at is not None and request.expires_at <= act.now:
        raise overdue(act, request)
    return request


def _require_right(act: Act, request: RequestView) -> None:
    person_id = act.actor.person_id
    if person_id == request.requester.id:
        raise own_request(act, request)
    if person_id is None or not may_decide_now(act, request, person_id):
        raise may_not_decide(act, request)


def may_decide_now(act: Act, request: RequestView, person_id: int) -> bool:
    """Whether somebody who did not make a request has the right to decide it at this moment."""
    rights = people.rights_in(act.connection, person_id, request.infrastructure.id)
    if request.kind is RequestKind.RELEASE:
        return RoleName.OPERATOR in rights.roles
    return may_decide(
        rights,
        stands_in=people.stands_in(act.connection, person_id, request.infrastructure.id, act.now),
        is_requester=False,
        asked_operators=_reached_operators(act, request.id),
    )


def _reached_operators(act: Act, request_id: int) -> bool:
    query = select(asked.c.id).where(
        asked.c.request_id == request_id, asked.c.step == Step.OPERATORS, asked.c.reached
    )
    return act.connection.execute(query.limit(1)).first() is not None


def _chosen(request: RequestView, item_ids: Sequence[int] | None) -> tuple[int, ...]:
    """The items to decide: those named, which are of this request, or all that were asked for."""
    own = {each.id for each in request.items}
    if item_ids is None:
        return tuple(each.id for each in request.pending) or tuple(own)
    if not item_ids:
        raise NoEnvironmentChosen
    if not own.issuperset(item_ids):
        raise RequestUnknown
    return tuple(dict.fromkeys(item_ids))


def _settle(act: Act, item_ids: Collection[int], state: ItemState, **values: object) -> tuple[int, ...]:
    return settle(act, item_ids, state, decider_id=act.actor.person_id, **values)


def _close_invalid(act: Act, request: RequestView, chosen: Collection[int]) -> tuple[int, ...]:
    """Close what must not be forwarded any more."""
    cause = cause_against(act.connection, request, act.now)
    if cause:
        pending = [each.id for each in request.pending]
        return close(act, request.infrastructure.id, request.id, pending, cause)
    ended = [each.id for each in request.pending if each.id in chosen and _has_ended(each)]
    if not ended:
        return ()
    return close(act, request.infrastructure.id, request.id, ended, Cause.RELEASED)


def _has_ended(item: ItemView) -> bool:
    registration = item.environment.registration
    return registration is None or registration.state != "open"


def _carry_out(act: Act, request: RequestView, item_ids: Collection[int]) -> None:
    for item in request.items:
        if item.id in item_ids:
            _CARRY_OUT[request.kind](act, request, item)


def _send_license(act: Act, request: RequestView, item: ItemView) -> None:
    due_at = file_waits_until(request.infrastructure, act.now)
    queue_file(act, item.id, request.requester.id, f"file:item-{item.id}", due_at)


def _change_serial(act: Act, request: RequestView, item: ItemView) -> None:
    """Release, registration and license in this one transaction."""
    reserved_id = act.connection.execute(
        select(request_items.c.reserved_id).where(request_items.c.id == item.id)
    ).scalar_one()
    close_pending(act, item.registration_id, Cause.SERIAL_CHANGED)
    carry_out_serial_change(act, item.registration_id, reserved_id)
    if held_files.are_held(request.infrastructure):
        awaited_files.want_for_request(act, request.infrastructure, request.id, [reserved_id])
    else:
        made = licenses.issue(act, reserved_id)
        own = update(request_items).where(request_items.c.id == item.id)
        act.connection.execute(own.values(license_id=made.id))
    _send_license(act, request, item)


def _release(act: Act, request: RequestView, item: ItemView) -> None:
    close_pending(act, item.registration_id, Cause.RELEASED)
    carry_out_release(act, item.environment, request.reason)


_CARRY_OUT = {
    RequestKind.LICENSE: _send_license,
    RequestKind.SERIAL_CHANGE: _change_serial,
    RequestKind.RELEASE: _release,
}


def _registrations(request: RequestView, item_ids: Collection[int]) -> list[int]:
    return [each.registration_id for each in request.items if each.id in item_ids]


def _decision(
    act: Act,
    request: RequestView,
    chosen: Collection[int],
    decided: tuple[int, ...],
    closed: tuple[int, ...] = (),
) -> Decision:
    others = [each for each in chosen if each not in decided and each not in closed]
    return Decision(view(act.connection, request.id), decided, closed, items_of(act.connection, others))
