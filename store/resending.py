"""Sending a file again: the same decision, the same checks, another delivery."""

from dataclasses import dataclass

from sqlalchemy import func, select, update

from store import entitlement
from store.decisions import may_decide_now
from store.deliveries import QUEUED, queue_file
from store.desk import Act, intention
from store.new_requests import require_asking
from store.once import short_key
from store.own_items import of_anybody
from store.request_changes import file_waits_until, record
from store.request_views import ItemView, RequestView
from store.rules.errors import Named
from store.rules.registration_errors import NotRegistered
from store.rules.request_errors import CannotSendAgain, NothingToSend, RequestUnknown, SendingAgainOver
from store.rules.request_states import HAS_FILE, ItemState, RequestKind
from store.tables import deliveries, registrations, request_items
from store.validity import of_requester


@dataclass(frozen=True, slots=True)
class SentAgain:
    """What sending again came to. `on_its_way`: an earlier delivery still waits, so none was added."""

    item: ItemView
    on_its_way: bool


@intention
def send_again(act: Act, item_id: int, click: str | None = None) -> SentAgain:
    """Send the file of an item once more, for its requester, or for its decider who still may decide.

    `click` identifies the click, so that its redelivery sends nothing more. Raises `RequestUnknown`,
    `NothingToSend`, `SendingAgainOver`, `CannotSendAgain`, and what asking raises when the file could not be
    asked for today.
    """
    # Two clicks at once: the second waits here, and then finds the first one's delivery on its way.
    locked = select(request_items.c.id).where(request_items.c.id == item_id)
    act.connection.execute(locked.with_for_update(key_share=True)).all()
    request, item = of_anybody(act, item_id)
    _require_own(act, request, item)
    _require_decided(act, request, item)
    _require_licensed(act, request, item)
    occasion = f"file:item-{item_id}:again-{short_key(click) if click else _earlier(act, item_id)}"
    if _is_on_its_way(act, item_id, occasion):
        return SentAgain(item, on_its_way=True)
    if item.held_file_id is not None:
        # Made anew by whoever made it, a file takes the place of the one before it: the newest is sent.
        act.connection.execute(
            update(request_items).where(request_items.c.id == item_id).values(held_file_id=None)
        )
    due_at = file_waits_until(request.infrastructure, act.now)
    queue_file(act, item_id, request.requester.id, occasion, due_at)
    record(act, "send_again", request.infrastructure.id, request.id, [item_id])
    return SentAgain(item, on_its_way=False)


def _require_own(act: Act, request: RequestView, item: ItemView) -> None:
    person_id = act.actor.person_id
    if person_id is None:
        raise RequestUnknown
    if person_id == request.requester.id:
        return
    # Who decided once and has no right to any more is nobody here, as on the card.
    decided = item.decider is not None and person_id == item.decider.id
    if not decided or not may_decide_now(act, request, person_id):
        raise RequestUnknown


def _require_decided(act: Act, request: RequestView, item: ItemView) -> None:
    infrastructure_id = request.infrastructure.id
    if item.state not in HAS_FILE or request.kind is RequestKind.RELEASE or item.decided_at is None:
        raise NothingToSend(infrastructure_id=infrastructure_id, number=request.number, state=item.state)
    until = item.decided_at + act.desk.policy.send_again_for
    if act.now > until:
        raise SendingAgainOver(infrastructure_id=infrastructure_id, number=request.number, until=until)


def _require_licensed(act: Act, request: RequestView, item: ItemView) -> None:
    """What changed since the decision and is known already is said at once; the rest is found at delivery."""
    if act.actor.person_id == request.requester.id:
        require_asking(act, entitlement.seen_by_actor(act, request.infrastructure.id))
    _require_recipient(act, request, item)
    entitlement.require_term(act, request.infrastructure)
    if not _is_open(act, item):
        slot = Named(item.environment.slot_id, item.environment.slot_name)
        raise NotRegistered(request.infrastructure.id, slot)


def _require_recipient(act: Act, request: RequestView, item: ItemView) -> None:
    taken = item.state is ItemState.DIRECT
    cause = of_requester(
        act.connection,
        request.requester.id,
        request.infrastructure,
        lambda rights: rights.gets_files_directly if taken else rights.registers,
    )
    if cause is not None:
        infrastructure_id = request.infrastructure.id
        raise CannotSendAgain(infrastructure_id=infrastructure_id, number=request.number, cause=cause)


def _is_open(act: Act, item: ItemView) -> bool:
    """Whether the registration that the file is for still holds; of a serial change it is the new one."""
    licensed = func.coalesce(request_items.c.reserved_id, request_items.c.registration_id)
    query = (
        select(registrations.c.state)
        .join(request_items, licensed == registrations.c.id)
        .where(request_items.c.id == item.id)
    )
    return bool(act.connection.execute(query).scalar_one() == "open")


def _earlier(act: Act, item_id: int) -> int:
    query = select(func.count()).where(deliveries.c.item_id == item_id, deliveries.c.kind == "file")
    return act.connection.execute(query).scalar_one()


def _is_on_its_way(act: Act, item_id: int, occasion: str) -> bool:
    waits = select(deliveries.c.id).where(
        deliveries.c.item_id == item_id,
        deliveries.c.kind == "file",
        QUEUED | (deliveries.c.occasion == occasion),
    )
    return act.connection.execute(waits.limit(1)).first() is not None
