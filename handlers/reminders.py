"""A reminder: what waits in one conversation, each request with a link to its card.

It has no buttons, so that none is left over when the requests are decided; the cards have them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Message
from handlers.blocks.kit import Block, context, message, section
from handlers.blocks.text import link
from handlers.deadlines import numbered
from store import conversations
from store.desk import Desk
from store.people import Person
from store.reminders import asked_in_channel
from store.request_views import RequestView, views

MOST_SHOWN: Final = 10


def reminder(
    connection: Connection, _desk: Desk, links: Mapping[int, str | None], channel: str | None
) -> Message:
    """Draw a reminder of these requests, by id, each with the address of its card where Slack gave one."""
    found = sorted(views(connection, list(links)), key=lambda each: (not each.urgent, each.id))
    first = _first(found)
    called = (
        [context(f"Asked here: {_called(called)}.")] if (called := _here(connection, found, channel)) else []
    )
    return message(first, [section(first), *_each(found, links), *_more(found), *called])


def _first(found: Sequence[RequestView]) -> str:
    if len(found) == 1:
        return f"Reminder of {_what(found[0])}"
    urgent = sum(each.urgent for each in found)
    said = f" {urgent} of them {'is' if urgent == 1 else 'are'} urgent." if urgent else ""
    numbers = phrases.shortened([each.number for each in found])
    return f"Reminder: {len(found)} requests wait here for an answer: {numbers}.{said}"


def _each(found: Sequence[RequestView], links: Mapping[int, str | None]) -> Iterator[Block]:
    for request in found[:MOST_SHOWN]:
        said = [] if len(found) == 1 else [_what(request)]
        said.append(_until(request))
        address = links[request.id]
        if address:
            said.append(link(address, f"Open the card of {request.number} to answer"))
        else:
            said.append(f"Type `/license requests {request.number}` to answer.")
        yield section("\n".join(said))


def _what(request: RequestView) -> str:
    who, wish = phrases.name(request.requester), phrases.wish(request, request.pending)
    since = phrases.on(request.asked_at).removeprefix("on ")
    return f"{numbered(request)}: {who} asks {wish}, {phrases.place(request)}, and has waited since {since}."


def _until(request: RequestView) -> str:
    return f"Unanswered, it expires {phrases.on(request.expires_at)}." if request.expires_at else "It waits."


def _more(found: Sequence[RequestView]) -> list[Block]:
    more = len(found) - MOST_SHOWN
    return [context(f"{more} more: type `/license requests` to see them.")] if more > 0 else []


def _here(connection: Connection, found: Sequence[RequestView], channel: str | None) -> list[Person]:
    """Those asked in the channel who are in it; elsewhere the message itself notifies its reader."""
    if channel is None or not found:
        return []
    members = conversations.members(connection, found[0].requester.workspace_id, channel)
    asked = asked_in_channel(connection, [each.id for each in found])
    return [each for each in asked if each.slack_id in members]


def _called(people: Sequence[Person]) -> str:
    return phrases.shortened([phrases.called(each) for each in people])
