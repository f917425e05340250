"""Short replies in the thread of a card: an outcome, since a redrawn card announces nothing."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Message
from handlers.blocks.kit import message, section
from store.deliveries import Delivery
from store.request_views import ItemView, RequestView, view


def reply(connection: Connection, delivery: Delivery) -> Message:
    """Draw the reply that a delivery asks for; its facts name the items that it is about."""
    request = view(connection, delivery.request_id or 0)
    said = _SAYINGS.get(delivery.notice or "", _standing)(request, _about(request, delivery.facts))
    return message(said, [section(said)])


def _about(request: RequestView, facts: Mapping[str, Any]) -> list[ItemView]:
    ids = facts.get("item_ids") or [facts.get("item_id")]
    return [each for each in request.items if each.id in ids] or list(request.items)


def _standing(request: RequestView, items: list[ItemView]) -> str:
    parts = [
        f"{phrases.environment(each.environment)}: {phrases.standing(each, request.kind)}" for each in items
    ]
    return f"{request.number}: {'; '.join(parts)}."


def _delivered(request: RequestView, items: list[ItemView]) -> str:
    return f"{request.number}: {phrases.name(request.requester)} has {phrases.files_of(items)} now."


def _escalated(request: RequestView, _: list[ItemView]) -> str:
    asked = phrases.listed([phrases.name(each) for each in request.asked])
    return f"{request.number} could not reach those it was put to. Now asked: {asked}."


_SAYINGS: Final[Mapping[str, Callable[[RequestView, list[ItemView]], str]]] = {
    "delivered": _delivered,
    "escalated": _escalated,
}
