"""Phrases that several messages share: environments, requests and how their items stand, in mrkdwn."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from handlers.blocks.text import date, mention, quote
from store.people import Person
from store.request_views import ItemView, RequestView
from store.rules.request_states import Cause, ItemState, RequestKind
from store.slots import Environment

LONGEST_NAME = 80

_CAUSES = {
    Cause.RELEASED: "the environment was released",
    Cause.SERIAL_CHANGED: "its serial number was changed meanwhile",
    Cause.UNDONE: "the registration was undone",
    Cause.SUSPENDED: "the subscription is suspended",
    Cause.TERM_ENDED: "the subscription has ended",
    Cause.REQUESTER_INACTIVE: "the person who asked is no longer active in Slack",
    Cause.REQUESTER_WITHOUT_ROLE: "the person who asked no longer has a role in this infrastructure",
    Cause.NOBODY_REACHABLE: "nobody who may decide could be reached in Slack",
    Cause.TAKEN_DIRECTLY: "the person who asked now has the right to the file and took it directly",
}


def name(person: Person | None) -> str:
    """A person's name as text, which notifies nobody."""
    return quote(person.name, LONGEST_NAME) if person else "the desk"


def called(person: Person | None) -> str:
    """A person as Slack shows them, notified; by name where they are not in Slack."""
    return mention(person.slack_id) if person and person.slack_id else name(person)


def listed(phrases: Sequence[str], joint: str = "and") -> str:
    """Several phrases in a sentence: "Quality 1, Quality 2 and Prod 1"."""
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{', '.join(phrases[:-1])} {joint} {phrases[-1]}"


def environment(each: Environment) -> str:
    """An environment with its type: "Quality 2 (Non-production)"."""
    return f"{quote(each.slot_name, LONGEST_NAME)} ({each.environment_type.short})"


def environments(items: Sequence[ItemView]) -> str:
    """The environments of some items; more than three are counted."""
    if len(items) > 3:
        return f"{len(items)} environments"
    return listed([environment(each.environment) for each in items])


def place(request: RequestView) -> str:
    """Company and infrastructure of a request."""
    infrastructure = request.infrastructure
    return f"{quote(infrastructure.company_name, LONGEST_NAME)}, {quote(infrastructure.name, LONGEST_NAME)}"


def files_of(items: Sequence[ItemView]) -> str:
    """What is asked for or sent: "the license file of Quality 2 (Non-production)"."""
    noun = "the license file of" if len(items) == 1 else "the license files of"
    return f"{noun} {environments(items)}"


def wish(request: RequestView) -> str:
    """What a request is about, to follow "asks"."""
    if request.kind is RequestKind.SERIAL_CHANGE:
        return f"to change the serial number of {environments(request.items)}"
    if request.kind is RequestKind.RELEASE:
        return f"to release {environments(request.items)}"
    return f"for {files_of(request.items)}"


def standing(item: ItemView, kind: RequestKind = RequestKind.LICENSE) -> str:
    """How an item of a request of this kind stands, with who and when: a sentence without its stop."""
    if kind is RequestKind.RELEASE and item.state is ItemState.FORWARDED:
        return f"released by {name(item.decider)}{_at(item)}"
    return _STANDINGS[item.state](item)


def why_closed(cause: Cause | None) -> str:
    """Why an item was closed."""
    return _CAUSES[cause] if cause else "it could not go on"


def delivery(item: ItemView) -> str:
    """Where the file of an item is."""
    if item.delivered_at:
        return f"delivered {date(item.delivered_at)}"
    return "being delivered"


def _at(item: ItemView) -> str:
    return f" on {date(item.decided_at)}" if item.decided_at else ""


def _forwarded(item: ItemView) -> str:
    return f"forwarded by {name(item.decider)}{_at(item)}, {delivery(item)}"


def _declined(item: ItemView) -> str:
    reason = f": “{quote(item.decline_reason, 500)}”" if item.decline_reason else ""
    return f"declined by {name(item.decider)}{_at(item)}{reason}"


_STANDINGS: Final[Mapping[ItemState, Callable[[ItemView], str]]] = {
    ItemState.PENDING: lambda _: "waiting for an answer",
    ItemState.FORWARDED: _forwarded,
    ItemState.DECLINED: _declined,
    ItemState.WITHDRAWN: lambda item: f"withdrawn{_at(item)}",
    ItemState.EXPIRED: lambda item: f"expired{_at(item)}, because nobody answered",
    ItemState.CLOSED: lambda item: f"closed{_at(item)}, because {why_closed(item.cause)}",
    ItemState.DIRECT: lambda item: f"taken directly, {delivery(item)}",
}
