"""What follows when a delivery cannot be made: people are reached or told another way."""

from sqlalchemy import select, update

from store import cards, people
from store.conversations import CHANNEL_LOST, note_lost
from store.deliveries import Delivery, Target, card_targets, queue_card_at, queue_notice, redraw
from store.delivery_claims import failed
from store.desk import Act, intention
from store.readdressing import address_request_directly
from store.tables import asked, conversations, request_items
from store.telling import tell_operators

MESSAGE_GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"})
"""Slack's codes for a message that cannot be redrawn although its conversation can be written to."""


@intention
def card_unreached(act: Act, delivery: Delivery, code: str) -> bool:
    """Find another way for a card that could not be posted or redrawn; tell whether nobody is left to ask.

    A channel that is lost counts as none from now on, and those asked there get the card directly; somebody
    whose direct message does not work is skipped; a message that was deleted is posted anew. Of a request
    that was decided, the deciders get the card.
    """
    request_id = delivery.request_id
    if request_id is None:
        raise LookupError(delivery.occasion)
    shown = cards.shown(act.connection, request_id)
    target = Target(channel=delivery.channel) if delivery.channel else Target(delivery.person_id)
    had_card = bool(cards.at(act.connection, request_id, target))
    if had_card and code in MESSAGE_GONE:
        cards.forget(act, request_id, target)
    else:
        _lose(act, delivery, request_id, code)
    if not shown.pending:
        _tell_deciders(act, request_id, shown.version, target)
        return False
    redraw(act, request_id)
    return not card_targets(act.connection, request_id)


@intention
def fail(act: Act, delivery: Delivery, code: str) -> None:
    """Give a delivery up for good, and tell those who have to know."""
    failed(act, delivery, code)
    act.record("delivery_failed", f"delivery {delivery.id}", None, kind=delivery.kind, error=code)
    if delivery.kind == "file":
        tell_undelivered(act, delivery)
    if delivery.kind in {"file", "notice"} and delivery.notice != "delivery_failed":
        _tell_operators(act, delivery, code)


def tell_undelivered(act: Act, delivery: Delivery) -> None:
    """Tell requester and decider, once for each delivery, that a file has not arrived."""
    query = select(request_items.c.requester_id, request_items.c.decider_id, request_items.c.request_id)
    item = act.connection.execute(query.where(request_items.c.id == delivery.item_id)).one()
    for person_id in sorted({item.requester_id, item.decider_id} - {None}):
        occasion = undelivered_occasion(delivery.id, person_id)
        facts = {"request_id": item.request_id, "item_id": delivery.item_id, "delivery_id": delivery.id}
        queue_notice(act, "not_delivered", person_id, occasion, **facts)


def undelivered_occasion(delivery_id: int, person_id: int) -> str:
    """The occasion on which somebody is told that a file has not arrived."""
    return f"not_delivered:{delivery_id}:{person_id}"


def _tell_operators(act: Act, delivery: Delivery, code: str) -> None:
    facts = {
        "delivery_id": delivery.id,
        "kind": delivery.kind,
        "error": code,
        "request_id": delivery.request_id,
        "item_id": delivery.item_id,
        "about_person_id": delivery.person_id,
    }
    tell_operators(act, "delivery_failed", f"delivery_failed:{delivery.id}", **facts)


def _lose(act: Act, delivery: Delivery, request_id: int, code: str) -> None:
    """Note that this conversation does not work for this card."""
    if delivery.channel is None:
        _skip(act, request_id, delivery.person_id)
        return
    if code in CHANNEL_LOST:
        workspace = people.get(act.connection, cards.requester_of(act.connection, request_id)).workspace_id
        note_lost(act, workspace, delivery.channel, code)
    address_request_directly(act, request_id)


def _skip(act: Act, request_id: int, person_id: int | None) -> None:
    one = (asked.c.request_id == request_id, asked.c.person_id == person_id)
    act.connection.execute(update(asked).where(*one).values(reached=False))
    held = conversations.c.person_id == person_id
    act.connection.execute(update(conversations).where(held).values(absent=True))


def _tell_deciders(act: Act, request_id: int, version: int, unless: Target) -> None:
    query = select(request_items.c.decider_id).where(
        request_items.c.request_id == request_id, request_items.c.decider_id.is_not(None)
    )
    for person_id in sorted(set(act.connection.execute(query).scalars())):
        if Target(person_id) != unless:
            queue_card_at(act, request_id, version, Target(person_id), even_decided=True)
