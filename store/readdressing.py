"""Requests whose conversation changed: those asked there get the card another way, and old cards catch up."""

from sqlalchemy import Select, and_, insert, select, update

from store.deliveries import redraw
from store.desk import Act, intention
from store.request_views import PENDING
from store.tables import (
    asked,
    cards,
    conversation_members,
    conversations,
    infrastructures,
    persons,
    request_items,
    requests,
)


def address_directly(act: Act, workspace_id: str, channel: str) -> None:
    """Send the cards of all pending requests put to a channel, which counts as none now, to each person."""
    for request_id in _waiting_in(act, workspace_id, channel):
        address_request_directly(act, request_id)


def address_who_left(act: Act, workspace_id: str, channel: str, slack_id: str) -> None:
    """Send the cards of all pending requests put to a channel directly to somebody who left it."""
    left = select(persons.c.id).where(persons.c.workspace_id == workspace_id, persons.c.slack_id == slack_id)
    for request_id in _waiting_in(act, workspace_id, channel):
        _move(act, request_id, left)


def address_request_directly(act: Act, request_id: int) -> bool:
    """Send the card of one request to everybody asked in the channel; tell whether there was somebody."""
    return _move(act, request_id, select(persons.c.id))


@intention
def address_absent(act: Act, request_id: int, workspace_id: str, channel: str) -> bool:
    """Send the card directly to those asked in a channel who are not known to be in it; tell whether there were."""
    here = (conversations.c.workspace_id == workspace_id) & (conversations.c.slack_id == channel)
    members = select(conversation_members.c.slack_id).join(conversations).where(here)
    absent = persons.c.slack_id.is_(None) | persons.c.slack_id.not_in(members)
    return _move(act, request_id, select(persons.c.id).where(absent))


def redraw_behind(act: Act, conversation_id: int) -> None:
    """Redraw requests whose card in a conversation that came back shows an older state."""
    behind = (
        select(requests.c.id)
        .join(cards, cards.c.request_id == requests.c.id)
        .where(cards.c.conversation_id == conversation_id, cards.c.version < requests.c.version)
    )
    for request_id in list(act.connection.execute(behind.distinct()).scalars()):
        redraw(act, request_id)


@intention
def card_came_back(act: Act, request_id: int, workspace_id: str, channel: str, ts: str) -> None:
    """Remember a card that was clicked and is not known, since the answer to its post was lost; redraw it."""
    here = (conversations.c.workspace_id == workspace_id) & (conversations.c.slack_id == channel)
    conversation = act.connection.execute(select(conversations.c.id).where(here)).scalar_one_or_none()
    here_too = (cards.c.request_id == request_id, cards.c.conversation_id == conversation)
    known = select(cards.c.id).where(*here_too, cards.c.ts == ts)
    if conversation is None or act.connection.execute(known).first():
        return
    row = {"request_id": request_id, "conversation_id": conversation, "ts": ts, "version": 0}
    act.connection.execute(insert(cards).values(**row, posted_at=act.now))
    redraw(act, request_id)


def _waiting_in(act: Act, workspace_id: str, channel: str) -> list[int]:
    """The requests with pending items whose approval channel this is."""
    query = (
        select(requests.c.id)
        .select_from(requests)
        .join(request_items, and_(request_items.c.request_id == requests.c.id, PENDING))
        .join(infrastructures, infrastructures.c.id == requests.c.infrastructure_id)
        .join(persons, persons.c.id == requests.c.requester_id)
        .where(infrastructures.c.approval_channel == channel, persons.c.workspace_id == workspace_id)
        .distinct()
        .order_by(requests.c.id)
    )
    return list(act.connection.execute(query).scalars())


def _move(act: Act, request_id: int, person_ids: Select[int]) -> bool:
    here = (asked.c.request_id == request_id, asked.c.reached, ~asked.c.direct, ~asked.c.by_mail)
    moved = update(asked).where(*here, asked.c.person_id.in_(person_ids)).values(direct=True)
    found = act.connection.execute(moved).rowcount > 0
    if found:
        redraw(act, request_id)
    return found
