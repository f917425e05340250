"""What follows when a delivery cannot be made: people are reached or told another way."""

from sqlalchemy import select, update

from store import cards, home_redraws
from store.card_targets import Target
from store.conversations import note_lost
from store.deliveries import Delivery, queue_card_at, redraw
from store.delivery_claims import failed
from store.desk import Act, intention
from store.escalation import put_to_next_step
from store.lost_places import CHANNEL_LOST, MESSAGE_GONE
from store.readdressing import address_request_directly
from store.request_changes import hold_registrations, pending_of_request
from store.tables import asked, conversations, request_items
from store.telling import tell, tell_operators
from store.workflow_steps import UNDELIVERED, end_steps


@intention
def fail(act: Act, delivery: Delivery, code: str) -> None:
    """Give a delivery up for good, reach people another way, and tell those who have to know.

    `code` is Slack's. Raises `LeaseLost`.
    """
    failed(act, delivery, code)
    if delivery.kind == "card":
        _find_another_way(act, delivery, code)
    if delivery.kind == "mail" and delivery.notice == "asked":
        _ask_others(act, delivery)
    if delivery.kind == "home" and delivery.person_id is not None:
        # Nothing is lost: it is drawn when they open it, and until then every change would fail like this one.
        home_redraws.forget(act.connection, delivery.person_id)
    act.record("fail_delivery", f"delivery {delivery.id}", None, kind=delivery.kind, error=code)
    if delivery.kind == "deletion":
        # What keeps one file from being deleted keeps all; the operators are told once a day.
        about = f"{code}:{act.now:%Y-%m-%d}"
        tell_operators(act, "files_not_deleted", f"files_not_deleted:{about}", error=code)
    if delivery.kind == "file":
        # Those who were told that it is late learn that it does not come by itself any more.
        tell_undelivered(act, delivery, f"given_up:{delivery.id}:{act.now.isoformat()}")
        end_steps(act, [] if delivery.item_id is None else [delivery.item_id], UNDELIVERED)
    if delivery.kind == "notice" and delivery.channel is not None:
        # What could not be said in the operators' channel is said to each of them.
        tell_operators(act, delivery.notice or "", f"{delivery.occasion}:directly", **delivery.facts)
    # Operators are not told again and again that they cannot be told, and a lost channel is no fault of theirs.
    if (
        delivery.kind in {"file", "notice", "reissue", "reminder", "step", "mail"}
        and delivery.notice != "delivery_failed"
    ):
        _tell_operators(act, delivery, code)


def tell_undelivered(act: Act, delivery: Delivery, occasion: str) -> None:
    """Tell requester and decider, once for each `occasion`, that a file has not arrived."""
    query = select(request_items.c.requester_id, request_items.c.decider_id, request_items.c.request_id)
    item = act.connection.execute(query.where(request_items.c.id == delivery.item_id)).one()
    facts = {"request_id": item.request_id, "item_id": delivery.item_id, "delivery_id": delivery.id}
    tell(act, "not_delivered", {item.requester_id, item.decider_id}, occasion, **facts)


def _tell_operators(act: Act, delivery: Delivery, code: str) -> None:
    facts = {
        "delivery_id": delivery.id,
        "kind": delivery.kind,
        "error": code,
        "request_id": delivery.request_id,
        "item_id": delivery.item_id,
        "about_person_id": delivery.person_id,
    }
    tell_operators(act, "delivery_failed", f"delivery_failed:{delivery.id}:{act.now.isoformat()}", **facts)


def _find_another_way(act: Act, delivery: Delivery, code: str) -> None:
    """Reach people otherwise than by a card that could not be posted or redrawn.

    A channel that is lost counts as none from now on, and those asked there get the card directly; somebody
    whose direct message does not work is skipped; a message that was deleted is posted anew. When nobody is
    left to ask, the request is put to its next step. Of a request that was decided, the deciders get the card.
    """
    request_id, target = cards.request_of(delivery), cards.target_of(delivery)
    waiting = pending_of_request(act.connection, request_id)
    hold_registrations(act.connection, waiting.values(), to_end=False)
    if code in MESSAGE_GONE and cards.at(act.connection, request_id, target):
        cards.forget(act, request_id, target)
    else:
        _lose(act, delivery, request_id, code)
        if waiting and delivery.channel is not None:
            address_request_directly(act, request_id)
    version = redraw(act, request_id)
    if waiting:
        put_to_next_step(act, request_id)
    else:
        _tell_deciders(act, request_id, version, target)


def _ask_others(act: Act, delivery: Delivery) -> None:
    """Count somebody as not reached to whom no e-mail could be sent, and ask the next ones if nobody is left."""
    request_id = cards.request_of(delivery)
    waiting = pending_of_request(act.connection, request_id)
    hold_registrations(act.connection, waiting.values(), to_end=False)
    one = (asked.c.request_id == request_id, asked.c.person_id == delivery.person_id)
    act.connection.execute(update(asked).where(*one).values(reached=False, by_mail=False))
    redraw(act, request_id)
    put_to_next_step(act, request_id)


def _lose(act: Act, delivery: Delivery, request_id: int, code: str) -> None:
    """Note that this conversation does not work for this card."""
    if delivery.channel is None:
        _skip(act, request_id, delivery.person_id)
        return
    if code in CHANNEL_LOST:
        note_lost(act, cards.workspace_of(act.connection, request_id), delivery.channel, code)


def _skip(act: Act, request_id: int, person_id: int | None) -> None:
    one = (asked.c.request_id == request_id, asked.c.person_id == person_id)
    act.connection.execute(update(asked).where(*one).values(reached=False))
    held = conversations.c.person_id == person_id
    closed = {"absent": True, "checked_at": act.now}
    act.connection.execute(update(conversations).where(held).values(closed))


def _tell_deciders(act: Act, request_id: int, version: int, unless: Target) -> None:
    query = select(request_items.c.decider_id).where(
        request_items.c.request_id == request_id, request_items.c.decider_id.is_not(None)
    )
    for person_id in sorted(set(act.connection.execute(query).scalars())):
        if Target(person_id) != unless:
            queue_card_at(act, request_id, version, Target(person_id), even_decided=True)
