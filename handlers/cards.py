"""The card of a request: drawn whole from the database, whether it is posted or redrawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Message
from handlers.blocks.kit import Block, actions, fields_lines, message, section
from handlers.blocks.text import quote
from handlers.deadlines import numbered, sentences
from handlers.decision_buttons import decision_buttons
from store import conversations, deadlines
from store.desk import Desk
from store.people import Person
from store.request_views import ItemView, RequestView, view
from store.rules.deadlines import Deadlines
from store.rules.request_errors import LONGEST_REASON
from store.rules.request_states import RequestKind
from store.rules.unusual import Unusual, UnusualKind

_ITEMS_IN_A_SECTION: Final = 5
_LATER: Final = "as soon as the vendor's file is uploaded, which is not there yet"

_YES: Final = {
    RequestKind.LICENSE: "Forward sends the {files} to {who} {when}",
    RequestKind.SERIAL_CHANGE: (
        "Forward ends the old serial number, registers the new one and sends its license file to {who} {when}; "
        "the old file stays technically valid on the old server until its date"
    ),
    RequestKind.RELEASE: (
        "Release frees the slot at once; the old license file stays technically valid on the old server until its date"
    ),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as it is shown in one conversation; `present` are the Slack ids of those in the channel."""

    request: RequestView
    now: datetime
    deadlines: Deadlines
    in_channel: bool
    present: frozenset[str]

    def person(self, person: Person) -> str:
        """Mentioned where they are in the channel; elsewhere by name, which notifies nobody."""
        return phrases.called(person) if person.slack_id in self.present else phrases.name(person)


def card(connection: Connection, desk: Desk, request_id: int, channel: str | None) -> Message:
    """Draw a request for one conversation: a channel by Slack's id, or somebody's direct message without one.

    People are mentioned only in a channel, and there only if they are in it.
    """
    request = view(connection, request_id)
    shown = Shown(
        request,
        desk.clock(),
        deadlines.of_request(request, desk.policy, desk.clock()),
        channel is not None,
        _present(connection, request, channel),
    )
    summary = _summary(shown)
    blocks = [section(summary), *_items(shown), _facts(shown)]
    if request.pending:
        blocks += [section(_what_next(shown)), *_who(shown)]
        # With the same block id Slack could keep what was drawn there before.
        blocks.append(actions(decision_buttons(request), block_id=f"decide-v{request.version}"))
    return message(summary, blocks)


def _present(connection: Connection, request: RequestView, channel: str | None) -> frozenset[str]:
    if channel is None:
        return frozenset()
    return conversations.members(connection, request.requester.workspace_id, channel)


def _summary(shown: Shown) -> str:
    """Number, who, what, and what became of it: all that a notification or a screen reader says."""
    request = shown.request
    waiting, total = len(request.pending), len(request.items)
    who, asks = phrases.name(request.requester), "asks" if waiting else "asked"
    said = f"{numbered(request)}: {who} {asks} {phrases.wish(request)}, {phrases.place(request)}."
    if waiting == total:
        return said
    return f"{said} {_waiting(waiting, total) if waiting else _settled(shown)}"


def _waiting(waiting: int, total: int) -> str:
    return f"{waiting} of {total} {'waits' if waiting == 1 else 'wait'} for an answer."


def _settled(shown: Shown) -> str:
    standings = _standings(shown)
    return phrases.sentence(standings[0]) if len(standings) == 1 else "All of it is settled."


def _standings(shown: Shown) -> list[str]:
    """How the items stand, each way once."""
    request = shown.request
    return list(dict.fromkeys(phrases.standing(request, each, shown.now) for each in request.items))


def _items(shown: Shown) -> Iterator[Block]:
    items = shown.request.items
    if len(items) == 1:
        yield fields_lines(_of_one(items[0]))
        return
    for start in range(0, len(items), _ITEMS_IN_A_SECTION):
        part = items[start : start + _ITEMS_IN_A_SECTION]
        yield section("\n".join(_line(shown, each) for each in part))


def _of_one(item: ItemView) -> list[tuple[str, str]]:
    version = ("Platform version", quote(item.platform_version))
    if item.new_serial:
        return [("Serial number", item.serial), ("New serial number", item.new_serial), version]
    return [("Serial number", item.serial), version]


def _line(shown: Shown, item: ItemView) -> str:
    line = f"{phrases.environment(item.environment)}: serial {item.serial}, version {quote(item.platform_version)}"
    if len(_standings(shown)) == 1:
        return line
    return f"{line}. {phrases.sentence(phrases.standing(shown.request, item, shown.now))}"


def _facts(shown: Shown) -> Block:
    request = shown.request
    reason = f"“{quote(request.reason, LONGEST_REASON)}”" if request.reason.strip() else "none given"
    lines = [
        ("Activation code", quote(request.infrastructure.activation_code)),
        ("Asked by", f"{shown.person(request.requester)}, {phrases.on(request.asked_at)}"),
        ("Reason", reason),
    ]
    if request.through_workflow:
        lines.append(("Asked through", "a workflow; Slack does not say who ran it"))
    if request.unusual:
        lines.append(("Unusual", "; ".join(_unusual(each) for each in request.unusual)))
    lines += [("Answer", each) for each in phrases.reasons(request.items)]
    return fields_lines(lines)


def _unusual(each: Unusual) -> str:
    if each.kind is UnusualKind.FIRST_REQUEST:
        return "first request of this person"
    names = phrases.shortened([quote(name, phrases.LONGEST_NAME) for name in each.names], most=3)
    if each.kind is UnusualKind.PRODUCTION:
        return f"for production ({names})"
    changed = f" {phrases.on(each.at)}" if each.at else ""
    return f"serial number of {names} changed{changed}"


def _what_next(shown: Shown) -> str:
    request, who = shown.request, phrases.name(shown.request.requester)
    files = "license file" if len(request.pending) == 1 else "license files"
    readers = f"{who} and this channel" if shown.in_channel else who
    when = "at once" if not any(each.file_missing for each in request.pending) else _LATER
    yes = _YES[request.kind].format(who=who, files=files, when=when)
    return (
        f"{yes}. Decline asks you for a reason, which {readers} will read. "
        f"{sentences(shown.deadlines, shown.now, request.escalated_at)}"
    )


def _who(shown: Shown) -> Iterator[Block]:
    sentences = [*_asked(shown), *_skipped(shown.request)]
    if sentences:
        yield section(" ".join(sentences))


def _asked(shown: Shown) -> Iterator[str]:
    here = [each for each in shown.request.asked if each.slack_id in shown.present]
    others = [each for each in shown.request.asked if each not in here]
    people = [shown.person(each) for each in here]
    if others:
        people.append(_elsewhere(others, alone=not here))
    if people:
        any_one = " Any one of them can answer." if len(shown.request.asked) > 1 else ""
        yield f"Asked: {phrases.listed(people)}.{any_one}"


def _elsewhere(others: Sequence[Person], *, alone: bool) -> str:
    """Those who are asked outside this conversation: in Slack directly, and others by e-mail."""
    in_slack = [each for each in others if each.slack_id]
    direct = (
        [phrases.people(in_slack) if alone else f"{phrases.people(in_slack)} (directly)"] if in_slack else []
    )
    return phrases.listed([*direct, *(phrases.asked([each]) for each in others if not each.slack_id)])


def _skipped(request: RequestView) -> Sequence[str]:
    return [f"Not reached in Slack: {phrases.people(request.skipped)}."] if request.skipped else []
