"""Where the card of a request is or belongs: the conversations that have it, and those that should."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Integer, and_, bindparam, exists, or_, select

from store.database import AnySelect
from store.lost_places import CHANNEL_LOST, MESSAGE_GONE
from store.rules.request_states import RequestKind
from store.tables import asked, cards, conversations, deliveries, infrastructures, persons, requests

# After these the card is forgotten, or the conversation counts as none until it comes back.
_NOTED_OTHERWISE = MESSAGE_GONE | CHANNEL_LOST.keys()
_REQUEST = bindparam("request", type_=Integer())


@dataclass(frozen=True, slots=True)
class Target:
    """Where a card is or belongs: a person's direct message, or a channel by Slack's id."""

    person_id: int | None = None
    channel: str | None = None

    @property
    def key(self) -> str:
        """The target's part of an occasion or lane."""
        return f"person:{self.person_id}" if self.channel is None else f"channel:{self.channel}"


def card_targets(connection: Connection, request_id: int) -> tuple[Target, ...]:
    """Give the conversations that have the card of a request or should have it, without repetition."""
    found = [*_having(connection, request_id), *_asked_directly(connection, request_id)]
    return tuple(dict.fromkeys([*found, *_approval_channel(connection, request_id)]))


def _having(connection: Connection, request_id: int) -> Iterator[Target]:
    for person_id, slack_id in connection.execute(_HAVING, {"request": request_id}):
        yield Target(channel=slack_id) if person_id is None else Target(person_id=person_id)


def _asked_directly(connection: Connection, request_id: int) -> Iterator[Target]:
    for person_id in connection.execute(_ASKED_DIRECTLY, {"request": request_id}).scalars():
        yield Target(person_id=person_id)


def _approval_channel(connection: Connection, request_id: int) -> Iterator[Target]:
    for channel in connection.execute(_APPROVAL_CHANNEL, {"request": request_id}).scalars():
        yield Target(channel=channel)


def _unusable() -> ColumnElement[bool]:
    return or_(conversations.c.archived, conversations.c.absent, conversations.c.shared)


def _refused(channel: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether Slack refused this card in a channel, and would refuse it again and again."""
    return exists().where(
        deliveries.c.request_id == _REQUEST,
        deliveries.c.kind == "card",
        deliveries.c.state == "failed",
        deliveries.c.channel == channel,
        deliveries.c.error.not_in(_NOTED_OTHERWISE),
    )


def _conversations_having() -> AnySelect:
    return (
        select(conversations.c.person_id, conversations.c.slack_id)
        .join(cards, cards.c.conversation_id == conversations.c.id)
        .where(cards.c.request_id == _REQUEST)
        # A card that cannot be reached now is drawn when its conversation comes back.
        .where(~_unusable(), ~_refused(conversations.c.slack_id))
        .order_by(cards.c.id)
    )


def _people_asked_directly() -> AnySelect:
    query = select(asked.c.person_id).where(asked.c.request_id == _REQUEST, asked.c.reached, asked.c.direct)
    return query.order_by(asked.c.id)


def _usable_approval_channel() -> AnySelect:
    """The approval channel while it is not known to be unusable, whoever is in it.

    A release goes there only when somebody is asked there, since nobody else could decide it.
    """
    here = and_(
        conversations.c.workspace_id == persons.c.workspace_id,
        conversations.c.slack_id == infrastructures.c.approval_channel,
    )
    asked_there = or_(requests.c.kind != RequestKind.RELEASE, ~asked.c.direct)
    return (
        select(infrastructures.c.approval_channel)
        .join(requests, requests.c.infrastructure_id == infrastructures.c.id)
        .join(persons, persons.c.id == requests.c.requester_id)
        .join(asked, asked.c.request_id == requests.c.id)
        .where(requests.c.id == _REQUEST, asked.c.reached, asked_there)
        .where(infrastructures.c.approval_channel.is_not(None), ~exists().where(here, _unusable()))
        .where(~_refused(infrastructures.c.approval_channel))
        .distinct()
    )


# Built once: every change of a request asks them, and building them takes several times as long as running them.
_HAVING = _conversations_having()
_ASKED_DIRECTLY = _people_asked_directly()
_APPROVAL_CHANNEL = _usable_approval_channel()
