"""Cards: the messages that show a request, one or more in each conversation that has it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from store.card_targets import Target
from store.database import AnyRow
from store.deliveries import QUEUED, Delivery
from store.delivery_claims import sent
from store.desk import Act, intention
from store.escalation import post_first
from store.tables import cards, conversations, deliveries, persons, request_items, requests


@dataclass(frozen=True, slots=True)
class Card:
    """One message with a request's card; `version` is the request's version that it shows."""

    id: int
    conversation_id: int
    channel: str
    ts: str
    version: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to draw of a request: its present version, and whether somebody can still decide."""

    version: int
    pending: bool


def shown(connection: Connection, request_id: int) -> Shown:
    """Give what there is to draw of a request. Read before the drawing, which then is no older."""
    waits = exists().where(request_items.c.request_id == requests.c.id, request_items.c.state == "pending")
    query = select(requests.c.version, waits.label("pending")).where(requests.c.id == request_id)
    row = connection.execute(query).one()
    return Shown(row.version, bool(row.pending))


def workspace_of(connection: Connection, request_id: int) -> str:
    """Give the workspace whose channels and people a request concerns."""
    query = select(persons.c.workspace_id).join(requests, requests.c.requester_id == persons.c.id)
    return str(connection.execute(query.where(requests.c.id == request_id)).scalar_one())


def at(connection: Connection, request_id: int, target: Target) -> list[Card]:
    """Give the cards of a request in one conversation, oldest first."""
    query = (
        select(cards.c.id, cards.c.conversation_id, conversations.c.slack_id, cards.c.ts, cards.c.version)
        .join(conversations, conversations.c.id == cards.c.conversation_id)
        .where(cards.c.request_id == request_id, here(target))
        .order_by(cards.c.id)
    )
    return [_card(row) for row in connection.execute(query)]


@intention
def posted(act: Act, delivery: Delivery, conversation_id: int, ts: str, version: int) -> None:
    """Record that a card was posted; the first one of a request starts its deadline."""
    request_id = request_of(delivery)
    row = {"request_id": request_id, "conversation_id": conversation_id, "ts": ts, "version": version}
    act.connection.execute(insert(cards).values(**row, posted_at=act.now))
    # What could be written to is not closed, whatever was found some other time.
    works = update(conversations).where(conversations.c.id == conversation_id, conversations.c.absent)
    act.connection.execute(works.values(absent=False))
    post_first(act, request_id)
    sent(act, delivery)
    _collapse(act, delivery, version)


@intention
def redrawn(act: Act, delivery: Delivery, card_ids: list[int], version: int) -> None:
    """Record that cards now show `version`; queued redraws of the same conversation up to it are done too."""
    newer = (cards.c.id.in_(card_ids), cards.c.version < version)
    act.connection.execute(update(cards).where(*newer).values(version=version))
    sent(act, delivery)
    _collapse(act, delivery, version)


def target_of(delivery: Delivery) -> Target:
    """Give the conversation that a card or a reply goes to."""
    return Target(delivery.person_id) if delivery.channel is None else Target(channel=delivery.channel)


def forget(act: Act, request_id: int, target: Target) -> None:
    """Forget the cards in one conversation, because their messages are gone."""
    place = select(conversations.c.id).where(here(target))
    gone = (cards.c.request_id == request_id, cards.c.conversation_id.in_(place))
    act.connection.execute(delete(cards).where(*gone))


def _collapse(act: Act, delivery: Delivery, version: int) -> None:
    later = (
        QUEUED,
        deliveries.c.lane == delivery.lane,
        deliveries.c.kind == "card",
        deliveries.c.lease.is_(None),
    )
    rows = act.connection.execute(select(deliveries.c.id, deliveries.c.facts).where(*later)).all()
    done = [row.id for row in rows if row.facts["version"] <= version]
    values = {"state": "sent", "sent_at": act.now}
    act.connection.execute(update(deliveries).where(deliveries.c.id.in_(done), QUEUED).values(values))


def here(target: Target) -> ColumnElement[bool]:
    """The condition that a conversation is this one."""
    if target.channel is not None:
        return conversations.c.slack_id == target.channel
    return conversations.c.person_id == target.person_id


def request_of(delivery: Delivery) -> int:
    """Give the request that a card or a reply is about."""
    if delivery.request_id is None:
        raise LookupError(delivery.occasion)
    return delivery.request_id


def _card(row: AnyRow) -> Card:
    return Card(*row)
