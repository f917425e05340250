"""Notices of what became of requests and files, to those who asked, those who decided and those who oversee."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from handlers import phrases
from handlers.blocks.text import date, quote
from handlers.deadlines import admins_asked
from handlers.item_buttons import ask_again_buttons, send_again_buttons, withdraw_buttons
from handlers.told import Told, Words
from handlers.words.pens import span
from store.request_changes import file_waits_until
from store.request_views import ItemView, RequestView
from store.rules.request_states import Cause, RequestKind

_MOST_TO_SPEAK_TO: Final = 3

_NOTHING_HAPPENED: Final = {
    RequestKind.LICENSE: "No file was sent; your registration stays.",
    RequestKind.SERIAL_CHANGE: "The serial number stays as it was.",
    RequestKind.RELEASE: "The environment stays registered.",
}

_NOT_SENT: Final = {
    RequestKind.LICENSE: "No file was sent.",
    RequestKind.SERIAL_CHANGE: "The new serial number is not reserved any more.",
    RequestKind.RELEASE: "Nobody has to confirm the release any more.",
}

# Asking again helps once the cause is gone; without the registration or the role there is nothing to ask for.
_WORTH_ASKING_AGAIN: Final = frozenset({Cause.NOBODY_REACHABLE, Cause.SUSPENDED, Cause.TERM_ENDED})

_NEXT: Final[Mapping[Cause | None, str]] = {
    Cause.NOBODY_REACHABLE: "Press Ask again later, or speak to your company admins.",
    Cause.SUSPENDED: "Once the subscription is good again, press Ask again.",
    Cause.TERM_ENDED: "Once the subscription is renewed, press Ask again.",
    Cause.FILES_HELD: "Ask anew: the vendor's file comes once it is uploaded.",
    Cause.REQUESTER_WITHOUT_ROLE: "If you still need it, ask your company admins to give you a role.",
}
_LOOK: Final = "Type `/license environments` to see what is registered now."


def _forwarded(told: Told) -> Words:
    request, items = told.request, told.items
    done = "forwarded" if request.kind is RequestKind.LICENSE else "confirmed"
    who, what = phrases.name(items[0].decider), phrases.about(request, items)
    first = f"{request.number}: {who} {done} {what}, {phrases.place(request)}."
    if request.kind is RequestKind.RELEASE:
        return Words(
            first, ["The slot is free again. Please remove the old license file from the old server."]
        )
    if request.kind is RequestKind.SERIAL_CHANGE:
        return Words(first, [f"Serial number now: {items[0].new_serial}", _arrives(told, items)])
    return Words(first, [_arrives(told, items)])


def _arrives(told: Told, items: Sequence[ItemView]) -> str:
    file, come = ("file", "comes") if len(items) == 1 else ("files", "come")
    if any(each.file_missing for each in items):
        return (
            f"The vendor makes the {file}; {come} in this conversation once uploaded. You need not ask again."
        )
    waits_until = file_waits_until(told.request.infrastructure, told.now)
    if waits_until:
        return f"The subscription starts {phrases.on(waits_until)}; the {file} {come} then, in this conversation."
    return f"The {file} {come} in a moment, in this conversation."


def _declined(told: Told) -> Words:
    request, items = told.request, told.items
    who, reason = phrases.name(items[0].decider), quote(items[0].decline_reason or "", 1000)
    return Words(
        f"{request.number}: {who} declined {phrases.about(request, items)}, {phrases.place(request)}.",
        [f"Reason: “{reason}”", _NOTHING_HAPPENED[request.kind], f"Speak to {who}, or press Ask again."],
        ask_again_buttons(items),
    )


def _expired(told: Told) -> Words:
    request, items = told.request, told.items
    after = ""
    if request.first_posted_at and request.expires_at:
        after = f" within {span(request.expires_at - request.first_posted_at)}"
    lines = [_NOTHING_HAPPENED[request.kind]]
    speak = "your company admins"
    if request.asked:
        lines.append(_whom_i_asked(request))
        speak = phrases.listed([phrases.name(each) for each in request.asked[:_MOST_TO_SPEAK_TO]], "or")
    lines.append(f"Press Ask again, or speak to {speak} directly.")
    return Words(
        f"{request.number}: your request for {phrases.about(request, items)} has expired: nobody answered{after}.",
        lines,
        ask_again_buttons(items),
    )


def _whom_i_asked(request: RequestView) -> str:
    first = [each for each in request.asked if each not in request.asked_later]
    if not request.escalated_at or not request.asked_later or not first:
        return f"I asked {phrases.asked(request.asked)}."
    later = f"from {date(request.escalated_at, '{date_short}')} the company admins"
    return f"I asked {phrases.people(first)}, and {later}: {phrases.people(request.asked_later)}."


def _asked_by_workflow(told: Told) -> Words:
    request, items = told.request, told.items
    waiting = [each for each in items if each.is_pending]
    return Words(
        f"{request.number}: a workflow asked in your name for {phrases.about(request, items)}, "
        f"{phrases.place(request)}.",
        [
            f"Reason: “{quote(request.reason, 1000)}”",
            "The file comes to you alone, in this conversation, once somebody forwards it.",
            "Slack does not say who ran the workflow. Was it not you, or is it no longer needed? Press Withdraw.",
        ],
        withdraw_buttons(waiting),
    )


def _escalated(told: Told) -> Words:
    request = told.request
    until = f"Unanswered, it expires {phrases.on(request.expires_at)}. " if request.expires_at else ""
    return Words(admins_asked(request), [f"{until}You need not do anything."] if request.pending else [])


def _closed(told: Told) -> Words:
    request, items = told.request, told.items
    cause = items[0].cause
    first = (
        f"{request.number}: the request for {phrases.about(request, items)}, {phrases.place(request)}, was closed, "
        f"because {phrases.why_closed(cause, to_requester=told.to_requester)}."
    )
    if not told.to_requester:
        return Words(first, [f"{phrases.name(request.requester)} got no file. You need not do anything."])
    again = ask_again_buttons(items) if cause in _WORTH_ASKING_AGAIN else ()
    return Words(first, [_NOT_SENT[request.kind], _NEXT.get(cause, _LOOK)], again)


def _not_delivered(told: Told) -> Words:
    request, late = told.request, [each for each in told.items if each.undelivered]
    whom = "you" if told.to_requester else phrases.name(request.requester)
    if not late:
        return Words(f"{request.number}: {phrases.files_of(told.items)} came late, and reached {whom} now.")
    return Words(
        f"{request.number}: {phrases.files_of(late)} did not reach {whom} yet.",
        [
            "Slack has not taken the file so far. The decision stays, and nobody has to decide again.",
            "Press Send again to have it sent once more; if it does not help, ask the operators.",
        ],
        send_again_buttons(late),
    )


def _operator_took_file(told: Told) -> Words:
    request, items = told.request, told.items
    reason = f"“{quote(request.reason, 1000)}”" if request.reason.strip() else "none given"
    return Words(
        f"{request.number}: {phrases.name(request.requester)}, an operator, took {phrases.files_of(items)}, "
        f"{phrases.place(request)}.",
        [f"Reason: {reason}", "You are told because you look after this infrastructure."],
    )


NOTICES: Final[Mapping[str, Callable[[Told], Words]]] = {
    "forwarded": _forwarded,
    "declined": _declined,
    "expired": _expired,
    "escalated": _escalated,
    "asked_by_workflow": _asked_by_workflow,
    "closed": _closed,
    "not_delivered": _not_delivered,
    "operator_took_file": _operator_took_file,
}
