"""Asking for license files, serial changes and releases.

What other modules call about requests is found here by name.
"""

from collections.abc import Sequence
from dataclasses import replace

from store import entitlement
from store.desk import Act, intention
from store.escalation import post_first, put_to_next_step
from store.expiry import expire_due
from store.foreign_serials import reports_foreign_serials
from store.new_requests import (
    Outcome,
    Wanted,
    checked_reason,
    chosen,
    hold_requester,
    made_by_form,
    own_pending,
    put,
    require_asking,
    take,
)
from store.own_items import of_requester
from store.request_changes import close_pending
from store.request_views import ItemView, RequestView, mine, view, waiting_for
from store.resending import send_again
from store.rules.request_states import RequestKind, request_id, request_number
from store.rules.rights import Step
from store.serial_changes import reserve_serial
from store.urgency import require_urgent
from store.withdrawals import withdraw

__all__ = [
    "ItemView",
    "Outcome",
    "RequestView",
    "ask",
    "ask_again",
    "ask_release",
    "ask_serial_change",
    "ask_within",
    "close_pending",
    "expire_due",
    "mine",
    "post_first",
    "put_to_next_step",
    "request_id",
    "request_number",
    "send_again",
    "view",
    "waiting_for",
    "withdraw",
]


@intention
def ask(
    act: Act,
    registration_ids: Sequence[int],
    reason: str,
    form_key: str | None = None,
    *,
    urgent: bool = False,
) -> Outcome:
    """Ask for the license files of one to ten environments of one infrastructure.

    With the right to have them the files come at once, otherwise the request is put to the first step in
    which somebody can be reached. What is pending already is shown, not asked again; the same `form_key`
    again is the same request. `urgent`: production is down, which counts only for what is put to others. Raises
    `NoEnvironmentChosen`, `TooManyEnvironments`, `ReasonMissing`, `ReasonTooLong`, `SeveralInfrastructures`,
    `NotRegistered`, `NobodyToAsk`, `NotProduction`, `UrgentTooOften`, `AskedTooOften`, and the refusals of seeing,
    of rights and of terms.
    """
    return ask_within(act, registration_ids, reason, form_key, urgent=urgent)


@reports_foreign_serials
@intention
def ask_serial_change(
    act: Act, registration_id: int, serial: str, reason: str, form_key: str | None = None
) -> Outcome:
    """Ask for another serial number of an environment; it is reserved while the request is pending.

    Raises what `ask` raises, the field errors of serial numbers, `SameSerial`, and the refusals for a serial
    number in use.
    """
    return _serial_change(act, registration_id, serial, reason, form_key)


@intention
def ask_release(act: Act, registration_id: int, reason: str, form_key: str | None = None) -> Outcome:
    """Ask the operators to release an environment of a flagged infrastructure.

    Raises `ReasonMissing`, `ReasonTooLong`, `NoRight`, `NotRegistered`, `NobodyToAsk` and `NotAssociated`.
    """
    return _release(act, registration_id, reason, form_key)


@reports_foreign_serials
@intention
def ask_again(act: Act, item_id: int, form_key: str | None = None) -> Outcome:
    """Ask once more for what an item of the actor's own asked for, with the same reason, and not as urgent.

    `form_key` makes a redelivered click the same request. Raises `RequestUnknown` and what asking raises.
    """
    request, item = of_requester(act, item_id)
    if request.kind is RequestKind.SERIAL_CHANGE:
        return _serial_change(act, item.registration_id, item.new_serial or "", request.reason, form_key)
    if request.kind is RequestKind.RELEASE:
        return _release(act, item.registration_id, request.reason, form_key)
    return ask_within(act, [item.registration_id], request.reason, form_key)


def ask_within(
    act: Act, registration_ids: Sequence[int], reason: str, form_key: str | None, *, urgent: bool = False
) -> Outcome:
    """Ask as `ask` does, as a part of an intention that does more."""
    wanted = _wanted(act, RequestKind.LICENSE, registration_ids, reason, form_key)
    if isinstance(wanted, Outcome):
        return wanted
    require_asking(act, wanted.seen)
    if wanted.seen.rights.gets_files_directly:
        return take(act, wanted)
    checked_reason(reason)
    if urgent:
        require_urgent(act, wanted.infrastructure.id, wanted.environments)
    return _put_what_is_new(act, replace(wanted, urgent=urgent))


def _serial_change(act: Act, registration_id: int, serial: str, reason: str, form_key: str | None) -> Outcome:
    wanted = _wanted(act, RequestKind.SERIAL_CHANGE, [registration_id], reason, form_key)
    if isinstance(wanted, Outcome):
        return wanted
    require_asking(act, wanted.seen)
    checked_reason(reason)
    pending = own_pending(act, wanted.requester_id, wanted.registration_ids)
    if pending:
        return Outcome(wanted.infrastructure, already_pending=pending)
    return put(act, wanted, reserved_id=reserve_serial(act, registration_id, serial))


def _release(act: Act, registration_id: int, reason: str, form_key: str | None) -> Outcome:
    wanted = _wanted(act, RequestKind.RELEASE, [registration_id], reason, form_key)
    if isinstance(wanted, Outcome):
        return wanted
    entitlement.require_releasing(act, wanted.seen, f"slot {wanted.environments[0].slot_id}")
    checked_reason(reason)
    return _put_what_is_new(act, wanted, steps=(Step.OPERATORS,))


def _wanted(
    act: Act, kind: RequestKind, registration_ids: Sequence[int], reason: str, form_key: str | None
) -> Wanted | Outcome:
    """What is asked for; or, when the same submission arrived before, what it came to then."""
    requester_id = hold_requester(act)
    earlier = made_by_form(act, requester_id, form_key)
    if earlier:
        return earlier
    environments, seen = chosen(act, registration_ids)
    return Wanted(kind, requester_id, seen, environments, checked_reason(reason, may_be_empty=True), form_key)


def _put_what_is_new(act: Act, wanted: Wanted, steps: tuple[Step, ...] = tuple(Step)) -> Outcome:
    pending = own_pending(act, wanted.requester_id, wanted.registration_ids)
    known = {each.registration_id for each in pending}
    new = tuple(
        each for each in wanted.environments if each.registration and each.registration.id not in known
    )
    if not new:
        return Outcome(wanted.infrastructure, already_pending=pending)
    return replace(put(act, replace(wanted, environments=new), steps=steps), already_pending=pending)
