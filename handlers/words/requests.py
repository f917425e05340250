"""Words for what asking, deciding, withdrawing and sending again are refused for."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from handlers.words.pens import Pen, counted, manager, names, span
from store.rules.errors import DeskError, Named
from store.rules.request_errors import (
    AlreadyDecided,
    AskedTooOften,
    CannotSendAgain,
    FilesHeld,
    MayNotDecide,
    NobodyToAsk,
    NoEnvironmentChosen,
    NothingToSend,
    NotProduction,
    OwnRequest,
    RequestUnknown,
    SendingAgainOver,
    SeveralInfrastructures,
    TooManyEnvironments,
    UrgentTooOften,
)
from store.rules.request_states import Cause, ItemState, RequestKind
from store.rules.rights import Step

_MOST_NAMED: Final = 5
_SAME_DAY: Final = timedelta(hours=12)

CAUSES: Final[Mapping[Cause, str]] = {
    Cause.RELEASED: "the environment was released",
    Cause.SERIAL_CHANGED: "the serial number of the environment was changed meanwhile",
    Cause.UNDONE: "the registration was undone",
    Cause.SUSPENDED: "the subscription is suspended",
    Cause.TERM_ENDED: "the subscription has ended",
    Cause.FILES_HELD: "the vendor makes the license files of this infrastructure now",
    Cause.REQUESTER_INACTIVE: "the person who asked is no longer active in Slack",
    Cause.REQUESTER_WITHOUT_ROLE: "the person who asked no longer has a role that allows it",
    Cause.NOBODY_REACHABLE: "nobody who may decide could be reached in Slack",
    Cause.TAKEN_DIRECTLY: "the person who asked may take the file without asking now, and took it",
}
"""Why an item was closed, in words that follow "because"."""

CAUSES_TO_REQUESTER: Final[Mapping[Cause, str]] = {
    **CAUSES,
    Cause.REQUESTER_INACTIVE: "you were no longer active in Slack",
    Cause.REQUESTER_WITHOUT_ROLE: "you no longer have a role that allows it",
    Cause.TAKEN_DIRECTLY: "you may take the file without asking now, and took it",
}
"""The same to the person who asked."""

_STEPS: Final[Mapping[Step, str]] = {
    Step.CONTACTS: "contacts",
    Step.INFRASTRUCTURE_ADMINS: "infrastructure administrators",
    Step.COMPANY_ADMINS: "company admins",
    Step.OPERATORS: "operators",
}


def _no_environment(_error: NoEnvironmentChosen, _pen: Pen) -> str:
    return "Choose at least one environment."


def _too_many(error: TooManyEnvironments, _pen: Pen) -> str:
    return f"One request takes at most {error.most} environments; you chose {error.chosen}. Ask again for the rest."


def _not_production(_error: NotProduction, _pen: Pen) -> str:
    return "None of the environments chosen is a production environment. Choose one, or leave this out."


def _asked_too_often(error: AskedTooOften, pen: Pen) -> str:
    times, within = counted(error.most, "time"), span(pen.policy.requests_period)
    return (
        f"You asked {times} within {within}, which is as often as one person may ask. Nothing was asked for. "
        f"You can ask again from {pen.moment(error.again_at)}. If it cannot wait, write to "
        f"{pen.name(pen.policy.operators_address)}."
    )


def _urgent_too_often(error: UrgentTooOften, pen: Pen) -> str:
    times = "once" if error.most == 1 else f"{error.most} times"
    within = span(pen.policy.urgent_period)
    often = f"You said this {times} within {within}, which is as often as it can be said."
    if not error.most:
        often = "This is not offered here."
    return f"{often} Nothing was asked for. Ask without it, and call your company admins."


def _several(error: SeveralInfrastructures, pen: Pen) -> str:
    return (
        f"These environments belong to several infrastructures: {_some(error.names, pen)}. Nothing was asked for. "
        "Ask once for each infrastructure."
    )


def _nobody(error: NobodyToAsk, pen: Pen) -> str:
    steps = names(pen, tuple(_STEPS[each] for each in error.steps), "and")
    skipped = f" These cannot be reached: {_some(error.skipped, pen)}." if error.skipped else ""
    return (
        f"Nobody who may decide this for {pen.name(error.infrastructure)} can be reached in Slack, so nothing was "
        f"asked for. I looked for {steps}.{skipped} Please write to {pen.name(pen.policy.operators_address)}."
    )


def _files_held(error: FilesHeld, pen: Pen) -> str:
    return (
        f"The license files of {pen.name(error.name)} are made by the vendor, so License Desk makes none for it. "
        f"They are uploaded with `/license upload`. To get one made, write to {manager(pen, error.account_manager)}."
    )


def _unknown(_error: RequestUnknown, _pen: Pen) -> str:
    return (
        "There is no such request that you asked for or could decide. Nothing has changed. "
        "Type `/license requests` to see yours."
    )


def _may_not_decide(error: MayNotDecide, pen: Pen) -> str:
    example = f", for example {names(pen, error.who_may)}" if error.who_may else ""
    infrastructure = pen.name(error.infrastructure)
    needs = f"a contact or administrator of {infrastructure}"
    if error.kind is RequestKind.RELEASE:
        needs = f"an operator, since releases of {infrastructure} are confirmed by them"
    return (
        f"Only you can see this. You cannot decide {error.number}: that needs {needs}{example}. "
        "Nothing has changed, and the attempt is recorded."
    )


def _own(error: OwnRequest, pen: Pen) -> str:
    who = f" {names(pen, error.who_may)} can." if error.who_may else ""
    return (
        f"Only you can see this. You cannot decide {error.number}, because you asked for it yourself.{who} "
        "Nothing has changed, and the attempt is recorded. No longer needed? Withdraw it in `/license requests`."
    )


def _already_decided(error: AlreadyDecided, pen: Pen) -> str:
    sentence = f"{_BECAME[error.state](error, pen)}{_when(error, pen)}."
    after = _file(error, pen) or _why(error)
    return f"{sentence} {after}" if after else sentence


def _forwarded(error: AlreadyDecided, pen: Pen) -> str:
    done = "confirmed" if error.kind is RequestKind.RELEASE else "forwarded"
    return f"{_decider(error, pen)} already {done} {error.number}"


def _declined(error: AlreadyDecided, pen: Pen) -> str:
    return f"{_decider(error, pen)} already declined {error.number}"


def _withdrawn(error: AlreadyDecided, pen: Pen) -> str:
    return f"{_requester(error, pen)} already withdrew {error.number}"


def _expired(error: AlreadyDecided, _pen: Pen) -> str:
    return f"{error.number} expired"


def _closed(error: AlreadyDecided, _pen: Pen) -> str:
    return f"{error.number} was closed"


def _direct(error: AlreadyDecided, pen: Pen) -> str:
    return f"{_requester(error, pen)} took the file of {error.number} directly"


_BECAME: Final[Mapping[ItemState, Callable[[AlreadyDecided, Pen], str]]] = {
    # A pending item is not refused as decided; the entry makes the table complete.
    ItemState.PENDING: lambda error, _: f"{error.number} is still waiting",
    ItemState.FORWARDED: _forwarded,
    ItemState.DECLINED: _declined,
    ItemState.WITHDRAWN: _withdrawn,
    ItemState.EXPIRED: _expired,
    ItemState.CLOSED: _closed,
    ItemState.DIRECT: _direct,
}


def _when(error: AlreadyDecided, pen: Pen) -> str:
    """When it happened, and how long before the click."""
    if error.decided_at is None:
        return ". Your click changed nothing"
    earlier = error.clicked_at - error.decided_at
    return f" {_at(error.decided_at, error.clicked_at, pen)}, {_long(earlier)} before your click, which changed nothing"


def _file(error: AlreadyDecided, pen: Pen) -> str:
    if error.state is ItemState.FORWARDED and error.kind is RequestKind.RELEASE:
        return "The slot is free."
    if error.state not in {ItemState.FORWARDED, ItemState.DIRECT}:
        return ""
    who, has = _requester(error, pen), "have" if error.requester.id == error.clicker_id else "has"
    if error.delivered_at is None:
        return "The file is being delivered."
    return f"{who} {has} had the file since {_at(error.delivered_at, error.clicked_at, pen).removeprefix('at ')}."


def _why(error: AlreadyDecided) -> str:
    if error.state is ItemState.EXPIRED:
        return "Nobody had answered."
    return f"The reason: {CAUSES[error.cause]}." if error.cause else ""


def _at(moment: datetime, now: datetime, pen: Pen) -> str:
    return f"at {pen.time(moment)}" if now - moment < _SAME_DAY else f"on {pen.day(moment)}"


def _long(earlier: timedelta) -> str:
    seconds = int(earlier.total_seconds())
    if seconds < 10:
        return "a moment"
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return counted(seconds // length, unit)
    return counted(seconds, "second")


def _decider(error: AlreadyDecided, pen: Pen) -> str:
    return _person(error.decider, error, pen) if error.decider else "Somebody"


def _requester(error: AlreadyDecided, pen: Pen) -> str:
    return _person(error.requester, error, pen)


def _person(person: Named, error: AlreadyDecided, pen: Pen) -> str:
    return "You" if person.id == error.clicker_id else pen.name(person.name)


def _nothing_to_send(error: NothingToSend, _pen: Pen) -> str:
    state = _NO_FILE.get(error.state, "ended without a file")
    return (
        f"There is no file to send again: {error.number} {state}. Nothing has changed. "
        "Type `/license requests` to see your requests."
    )


_NO_FILE: Final[Mapping[ItemState, str]] = {
    ItemState.PENDING: "is still waiting for an answer",
    ItemState.FORWARDED: "was a release, which has no file",
    ItemState.DECLINED: "was declined",
    ItemState.WITHDRAWN: "was withdrawn",
    ItemState.EXPIRED: "has expired",
}


def _sending_over(error: SendingAgainOver, pen: Pen) -> str:
    return (
        f"The file of {error.number} could be sent again for {span(pen.policy.send_again_for)}, until "
        f"{pen.moment(error.until)}. Nothing was sent. Type `/license request` to ask for it anew."
    )


def _cannot_send_again(error: CannotSendAgain, _pen: Pen) -> str:
    return (
        f"The file of {error.number} cannot be sent again, because {CAUSES[error.cause]}. Nothing was sent."
    )


def _some(listed: tuple[str, ...], pen: Pen) -> str:
    more = len(listed) - _MOST_NAMED
    if more <= 0:
        return names(pen, listed, "and")
    return f"{', '.join(pen.name(each) for each in listed[:_MOST_NAMED])} and {more} more"


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    NoEnvironmentChosen: _no_environment,
    NotProduction: _not_production,
    UrgentTooOften: _urgent_too_often,
    AskedTooOften: _asked_too_often,
    TooManyEnvironments: _too_many,
    SeveralInfrastructures: _several,
    NobodyToAsk: _nobody,
    FilesHeld: _files_held,
    RequestUnknown: _unknown,
    MayNotDecide: _may_not_decide,
    OwnRequest: _own,
    AlreadyDecided: _already_decided,
    NothingToSend: _nothing_to_send,
    SendingAgainOver: _sending_over,
    CannotSendAgain: _cannot_send_again,
}
