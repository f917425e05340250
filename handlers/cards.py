"""The card of a request: drawn whole from the database, whether it is posted or redrawn."""

from datetime import datetime

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Message
from handlers.blocks.ids import Action
from handlers.blocks.kit import Element, actions, button, confirm, message, section
from handlers.blocks.text import date, quote
from store import conversations
from store.desk import Desk
from store.people import Person
from store.request_views import ItemView, RequestView, view
from store.rules.request_states import RequestKind
from store.rules.unusual import Unusual, UnusualKind

LONGEST_REASON = 1000


def card(
    connection: Connection, desk: Desk, request_id: int, channel: str | None, person_id: int | None
) -> Message:
    """Draw a request for one conversation: a channel by Slack's id, or a person's direct message.

    Those asked are mentioned only in a channel, and there only if they are in it.
    """
    request = view(connection, request_id)
    summary = _summary(request)
    blocks = [section(summary), section("\n".join(_lines(request)))]
    if request.pending:
        present = _present(connection, request, channel)
        blocks += [section(_what_next(request, desk, in_channel=person_id is None, present=present))]
        blocks.append(actions(decision_buttons(request), block_id=f"decide-v{request.version}"))
    return message(summary, blocks)


def _present(connection: Connection, request: RequestView, channel: str | None) -> frozenset[str]:
    if channel is None:
        return frozenset()
    return conversations.members(connection, request.requester.workspace_id, channel)


def _summary(request: RequestView) -> str:
    who, what = phrases.name(request.requester), phrases.wish(request)
    asks = f"{request.number}: {who} asks {what}, {phrases.place(request)}."
    if request.pending:
        return asks
    if len({phrases.standing(each, request.kind) for each in request.items}) == 1:
        return f"{asks} It is settled: {phrases.standing(request.items[0], request.kind)}."
    return f"{asks} All of it is settled."


def _lines(request: RequestView) -> list[str]:
    infrastructure = request.infrastructure
    lines = [line for item in request.items for line in _item_lines(request, item)]
    lines += [
        f"Infrastructure: {phrases.place(request)}",
        f"Activation code: {infrastructure.activation_code}",
        f"Asked by: {phrases.called(request.requester)}",
        f"Reason: “{quote(request.reason, LONGEST_REASON)}”"
        if request.reason.strip()
        else "Reason: none given",
    ]
    if request.unusual:
        lines.append(f"Unusual: {phrases.listed([_unusual(each) for each in request.unusual])}")
    return lines


def _item_lines(request: RequestView, item: ItemView) -> list[str]:
    serial = f"serial {item.serial}"
    if item.new_serial:
        serial = f"serial {item.serial}, new serial {item.new_serial}"
    lines = [
        f"Environment: {phrases.environment(item.environment)}, {serial}, version {item.platform_version}"
    ]
    if not item.is_pending or len(request.pending) < len(request.items):
        lines.append(
            f"State of {quote(item.environment.slot_name, 80)}: {phrases.standing(item, request.kind)}"
        )
    return lines


def _unusual(each: Unusual) -> str:
    if each.kind is UnusualKind.FIRST_REQUEST:
        return "first request of this person"
    names = phrases.listed([quote(name, 80) for name in each.names])
    if each.kind is UnusualKind.PRODUCTION:
        return f"{names}: production"
    return f"{names}: serial changed {date(each.at)}" if each.at else f"{names}: serial changed"


def _what_next(request: RequestView, desk: Desk, *, in_channel: bool, present: frozenset[str]) -> str:
    first_name = phrases.name(request.requester)
    readers = f"{first_name} and this channel" if in_channel else first_name
    sentences = [
        f"{_YES[request.kind].format(who=first_name)}; Decline asks you for a reason, which {readers} will read.",
        f"Unanswered, it expires on {date(deadline(request, desk))}.",
        _asked(request, in_channel=in_channel, present=present),
    ]
    if request.skipped:
        sentences.append(
            f"Not reached in Slack: {phrases.listed([phrases.name(each) for each in request.skipped])}."
        )
    return " ".join(each for each in sentences if each)


_YES = {
    RequestKind.LICENSE: "Forward sends the file to {who} at once",
    RequestKind.SERIAL_CHANGE: (
        "Forward ends the old serial number, registers the new one and sends its file to {who} at once"
    ),
    RequestKind.RELEASE: "Release frees the slot at once; the old file stays technically valid until its date",
}


def _asked(request: RequestView, *, in_channel: bool, present: frozenset[str]) -> str:
    if not request.asked:
        return ""
    people = [_person(each, mentioned=in_channel and each.slack_id in present) for each in request.asked]
    return f"Asked: {phrases.listed(people)}; any one of them can answer."


def _person(person: Person, *, mentioned: bool) -> str:
    return phrases.called(person) if mentioned else phrases.name(person)


def decision_buttons(request: RequestView) -> list[Element]:
    """Forward, choose and decline; each carries the request's id and nothing else."""
    value, subject = str(request.id), f"{request.number}, {_plain_environments(request)}"
    several = len(request.pending) > 1
    forward = button(
        "Forward all" if several else _FORWARD_LABEL[request.kind],
        Action.FORWARD,
        value,
        style="primary",
        confirm=_confirm(request),
        accessibility_label=f"Forward {subject}",
    )
    choose = button(
        "Choose…",
        Action.FORWARD_CHOOSE,
        value,
        accessibility_label=f"Choose what to forward of {request.number}",
    )
    decline = button("Decline", Action.DECLINE, value, accessibility_label=f"Decline {subject}")
    return [forward, *([choose] if several else []), decline]


_FORWARD_LABEL = {
    RequestKind.LICENSE: "Forward license",
    RequestKind.SERIAL_CHANGE: "Forward license",
    RequestKind.RELEASE: "Release",
}


def _confirm(request: RequestView) -> Element:
    names = _plain_environments(request)
    who = request.requester.name
    if request.kind is RequestKind.RELEASE:
        return confirm(
            f"Release for {request.number}?", f"{request.number} releases {names}.", "Release", "Back"
        )
    text = f"{request.number}: the license of {names} goes to {who} as a direct message at once."
    return confirm(f"Forward {request.number}?", text, "Forward", "Back", style="primary")


def _plain_environments(request: RequestView) -> str:
    shown = [each.environment.slot_name for each in request.pending]
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")


def deadline(request: RequestView, desk: Desk) -> datetime:
    """When the request expires unanswered; counted from now until its first card was posted."""
    return request.expires_at or desk.clock() + desk.policy.request_expiry
