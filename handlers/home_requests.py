"""The part of Home about requests: what waits for somebody, with its buttons, and what they asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from handlers import phrases
from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Block, Element, actions, button, context, header, section
from handlers.deadlines import numbered
from handlers.decision_buttons import decision_buttons
from store.request_views import RequestView

MOST_SHOWN: Final = 5
_MOST_STANDINGS: Final = 4


def summary(waiting: Sequence[RequestView], own: Sequence[RequestView]) -> str:
    """The first sentence: what waits for this person, and what they asked for."""
    pending = [each for each in own if each.pending]
    waits = f"{_counted(waiting)} {'waits' if len(waiting) == 1 else 'wait'} for you"
    if not waiting:
        waits = "Nothing waits for you"
    of_own = f"{_counted(pending)} of yours {'waits' if len(pending) == 1 else 'wait'} for an answer"
    return f"{waits}. {of_own}." if pending else f"{waits}."


def waiting(found: Sequence[RequestView]) -> list[Block]:
    """What waits for this person, each with the buttons that decide it."""
    blocks: list[Block] = [header("Waiting for you")] if found else []
    for request in found[:MOST_SHOWN]:
        blocks += [section(_asks(request), _show(request)), actions(decision_buttons(request))]
    return [*blocks, *_more(found)]


def own(found: Sequence[RequestView], now: datetime) -> list[Block]:
    """What this person asked for, newest first."""
    blocks: list[Block] = [header("Your requests")] if found else []
    blocks += [section(_stands(each, now), _show(each)) for each in found[:MOST_SHOWN]]
    return [*blocks, *_more(found)]


def _asks(request: RequestView) -> str:
    until = f" It expires {phrases.on(request.expires_at)}." if request.expires_at else ""
    who = phrases.name(request.requester)
    return f"{numbered(request)}: {who} asks {phrases.wish(request, request.pending)}, {phrases.place(request)}.{until}"


def _stands(request: RequestView, now: datetime) -> str:
    alike: dict[str, list[str]] = {}
    for item in request.items:
        standing = phrases.standing(request, item, now)
        alike.setdefault(standing, []).append(phrases.environment(item.environment))
    lines = [f"{phrases.listed(names)}: {standing}" for standing, names in alike.items()]
    said = f"{numbered(request)}, {phrases.place(request)}, asked {phrases.on(request.asked_at)}:"
    return "\n".join([said, *lines[:_MOST_STANDINGS]])


def _show(request: RequestView) -> Element:
    # One request may be in both lists, and the ids of a view's buttons must differ where they stand alone.
    action = keyed(Action.HOME_REQUEST, request.id)
    return button("Show", action, str(request.id), accessibility_label=f"Show {request.number}")


def _more(found: Sequence[RequestView]) -> list[Block]:
    if len(found) <= MOST_SHOWN:
        return []
    return [context(f"The newest {MOST_SHOWN} are shown. Press *Requests* for more.")]


def _counted(found: Sequence[RequestView]) -> str:
    if len(found) > MOST_SHOWN:
        return f"More than {MOST_SHOWN} requests"
    return "1 request" if len(found) == 1 else f"{len(found)} requests"
