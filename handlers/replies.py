"""Short replies in the thread of a card: an outcome, since a redrawn card announces nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Message
from handlers.blocks.kit import message, section
from handlers.blocks.text import quote
from handlers.deadlines import admins_asked
from store.deliveries import Delivery
from store.desk import Desk
from store.request_changes import file_waits_until
from store.request_views import ItemView, RequestView, view
from store.rules.request_states import RequestKind

Saying = Callable[[RequestView, list[ItemView], datetime], str]


def reply(connection: Connection, desk: Desk, delivery: Delivery) -> Message:
    """Draw the reply that a delivery asks for. Raises `KeyError` for one without words."""
    request = view(connection, delivery.request_id or 0)
    said = REPLIES[delivery.notice or ""](request, _about(request, delivery.facts), desk.clock())
    return message(said, [section(said)])


def _about(request: RequestView, facts: Mapping[str, Any]) -> list[ItemView]:
    ids = facts.get("item_ids") or []
    return [each for each in request.items if each.id in ids] or list(request.items)


def _forwarded(request: RequestView, items: list[ItemView], now: datetime) -> str:
    who, what = phrases.name(items[0].decider), phrases.about(request, items)
    if request.kind is RequestKind.RELEASE:
        return f"{request.number}: {who} confirmed {what}. The slot is free again."
    waits_until = file_waits_until(request.infrastructure, now)
    requester = phrases.name(request.requester)
    sent = "is being delivered to" if len(items) == 1 else "are being delivered to"
    if waits_until:
        sent = f"waits for the start of the subscription {phrases.on(waits_until)} to go to"
    file = "The file" if len(items) == 1 else "The files"
    done = "forwarded" if request.kind is RequestKind.LICENSE else "confirmed"
    return f"{request.number}: {who} {done} {what}. {file} {sent} {requester}."


def _delivered(request: RequestView, items: list[ItemView], _now: datetime) -> str:
    return f"{request.number}: {phrases.name(request.requester)} has {phrases.files_of(items)} now."


def _declined(request: RequestView, items: list[ItemView], _now: datetime) -> str:
    reason = quote(items[0].decline_reason or "", 1000)
    who = phrases.name(items[0].decider)
    return f"{request.number}: {who} declined {phrases.about(request, items)}. Reason: “{reason}”"


def _withdrawn(request: RequestView, items: list[ItemView], _now: datetime) -> str:
    who, what = phrases.name(request.requester), phrases.about(request, items)
    return f"{request.number}: {who} withdrew the request for {what}. It needs no answer any more."


def _expired(request: RequestView, items: list[ItemView], _now: datetime) -> str:
    return f"{request.number}: the request for {phrases.about(request, items)} has expired, because nobody answered."


def _closed(request: RequestView, items: list[ItemView], _now: datetime) -> str:
    why = phrases.why_closed(items[0].cause)
    return f"{request.number}: the request for {phrases.about(request, items)} was closed, because {why}."


def _escalated(request: RequestView, _items: list[ItemView], _now: datetime) -> str:
    return admins_asked(request)


REPLIES: Final[Mapping[str, Saying]] = {
    "forwarded": _forwarded,
    "delivered": _delivered,
    "declined": _declined,
    "withdrawn": _withdrawn,
    "expired": _expired,
    "closed": _closed,
    "escalated": _escalated,
}
