"""Phrases that several messages share: people, environments, requests and how their items stand, in mrkdwn."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from handlers.blocks.text import date, mention, plain, quote
from handlers.words.requests import CAUSES, CAUSES_TO_REQUESTER
from store.infrastructures import Infrastructure
from store.people import Person
from store.request_changes import file_waits_until
from store.request_views import ItemView, RequestView
from store.rules.request_errors import LONGEST_REASON
from store.rules.request_states import Cause, ItemState, RequestKind
from store.slots import Environment

LONGEST_NAME: Final = 80
MOST_NAMED: Final = 8
MOST_ENVIRONMENTS_NAMED: Final = 3


def name(person: Person | None) -> str:
    """A person's name as text, which notifies nobody."""
    return quote(person.name, LONGEST_NAME) if person else "the desk"


def plain_name(person: Person) -> str:
    """The same where text is shown as it is: at fields, on buttons and in questions."""
    return plain(person.name, LONGEST_NAME)


def called(person: Person | None) -> str:
    """A person as Slack shows them, notified; by name where they are not in Slack."""
    return mention(person.slack_id) if person and person.slack_id else name(person)


def listed(phrases: Sequence[str], joint: str = "and") -> str:
    """Several phrases in a sentence: "Quality 1, Quality 2 and Prod 1"."""
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{', '.join(phrases[:-1])} {joint} {phrases[-1]}"


def shortened(phrases: Sequence[str], most: int = MOST_NAMED, joint: str = "and") -> str:
    """The same with at most `most` of them; the rest is counted."""
    more = len(phrases) - most
    return listed(phrases, joint) if more <= 0 else f"{', '.join(phrases[:most])} {joint} {more} more"


def people(persons: Sequence[Person], joint: str = "and") -> str:
    """Several people by name; many are counted."""
    return shortened([name(each) for each in persons], joint=joint)


def asked(persons: Sequence[Person], joint: str = "and") -> str:
    """Several people who are asked; of those who are not in Slack it is said how."""
    return shortened([_asked(each) for each in persons], joint=joint)


def _asked(person: Person) -> str:
    return name(person) if person.slack_id else f"{name(person)} (by e-mail)"


def on(moment: datetime) -> str:
    """A day with its time, within a sentence: "on Dec 2, 2026, 10:15"."""
    return f"on {date(moment, '{date_short}, {time}')}"


def sentence(words: str) -> str:
    """Words as a sentence of their own; none stay none."""
    return f"{words[0].upper()}{words[1:]}." if words else ""


def environment(each: Environment) -> str:
    """An environment with its type: "Quality 2 (Non-production)"."""
    return f"{quote(each.slot_name, LONGEST_NAME)} ({each.environment_type.short})"


def environments(items: Sequence[ItemView]) -> str:
    """The environments of some items; more than three are counted."""
    if len(items) > MOST_ENVIRONMENTS_NAMED:
        return f"{len(items)} environments"
    return listed([environment(each.environment) for each in items])


def place(request: RequestView) -> str:
    """Company and infrastructure of a request."""
    return place_of(request.infrastructure)


def place_of(infrastructure: Infrastructure) -> str:
    """An infrastructure with its company."""
    return f"{quote(infrastructure.company_name, LONGEST_NAME)}, {quote(infrastructure.name, LONGEST_NAME)}"


def files_of(items: Sequence[ItemView]) -> str:
    """Files that are asked for or sent: "the license file of Quality 2 (Non-production)"."""
    noun = "the license file of" if len(items) == 1 else "the license files of"
    return f"{noun} {environments(items)}"


def about(request: RequestView, items: Sequence[ItemView]) -> str:
    """What some items ask for, as a thing: "the release of Quality 2 (Non-production)"."""
    if request.kind is RequestKind.LICENSE:
        return files_of(items)
    noun = "the new serial number of" if request.kind is RequestKind.SERIAL_CHANGE else "the release of"
    return f"{noun} {environments(items)}"


def wish(request: RequestView, items: Sequence[ItemView] = ()) -> str:
    """What a request is about, or some of its items are, to follow "asks"."""
    chosen = items or request.items
    if request.kind is RequestKind.SERIAL_CHANGE:
        return f"to change the serial number of {environments(chosen)}"
    if request.kind is RequestKind.RELEASE:
        return f"to release {environments(chosen)}"
    return f"for {files_of(chosen)}"


def standing(request: RequestView, item: ItemView, now: datetime) -> str:
    """How an item of a request stands, with who and when: a sentence without its capital and stop."""
    return _STANDINGS[item.state](request, item, now)


def reasons(items: Collection[ItemView], longest: int = LONGEST_REASON) -> list[str]:
    """Why some of these items were declined, in the words of those who did, clipped at `longest` characters."""
    given = dict.fromkeys((name(each.decider), each.decline_reason) for each in items if each.decline_reason)
    return [f"{who} declined with the reason “{quote(reason or '', longest)}”" for who, reason in given]


def why_closed(cause: Cause | None, *, to_requester: bool = False) -> str:
    """Why an item was closed, in words that follow "because"."""
    causes = CAUSES_TO_REQUESTER if to_requester else CAUSES
    return causes[cause] if cause else "it could not go on"


def delivery(request: RequestView, item: ItemView, now: datetime) -> str:
    """Where the file of an item is."""
    if item.delivered_at:
        return f"delivered {on(item.delivered_at)}"
    if item.file_missing:
        return "waiting for the vendor's file, which is not uploaded yet"
    waits_until = file_waits_until(request.infrastructure, now)
    return (
        f"the file comes when the subscription starts, {on(waits_until)}"
        if waits_until
        else "being delivered"
    )


def _at(item: ItemView) -> str:
    return f" {on(item.decided_at)}" if item.decided_at else ""


def _forwarded(request: RequestView, item: ItemView, now: datetime) -> str:
    who = f"{name(item.decider)}{_at(item)}"
    if request.kind is RequestKind.RELEASE:
        return f"released, confirmed by {who}"
    return f"forwarded by {who}, {delivery(request, item, now)}"


def _direct(request: RequestView, item: ItemView, now: datetime) -> str:
    return f"taken directly{_at(item)}, {delivery(request, item, now)}"


def _closed(_request: RequestView, item: ItemView, _now: datetime) -> str:
    return f"closed{_at(item)}, because {why_closed(item.cause)}"


_STANDINGS: Final[Mapping[ItemState, Callable[[RequestView, ItemView, datetime], str]]] = {
    ItemState.PENDING: lambda *_: "waiting for an answer",
    ItemState.FORWARDED: _forwarded,
    ItemState.DECLINED: lambda _request, item, _now: f"declined by {name(item.decider)}{_at(item)}",
    ItemState.WITHDRAWN: lambda _request, item, _now: f"withdrawn{_at(item)}",
    ItemState.EXPIRED: lambda _request, item, _now: f"expired{_at(item)}, because nobody answered",
    ItemState.CLOSED: _closed,
    ItemState.DIRECT: _direct,
}
