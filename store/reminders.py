"""Reminders of requests that wait: to those asked, one message for each conversation about all that waits there.

How many reminders of a request have come is kept with it, so that each comes once, by whatever process and
however often it looks; of several that are overdue only one is sent.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, select, update

from store import deadlines, people
from store.card_targets import Target, card_targets
from store.cards import here, request_of, target_of, workspace_of
from store.conversations import note_lost
from store.deadlines import Waiting
from store.deliveries import QUEUED, Delivery, queue, remind_by_mail
from store.delivery_claims import sent as delivered
from store.desk import Act, Desk, intention
from store.escalation import ITSELF
from store.people import Person
from store.request_changes import record
from store.request_views import PENDING
from store.tables import asked, cards, conversations, deliveries, request_items, requests

NOTICE = "requests_waiting"


@dataclass(frozen=True, slots=True)
class WaitingCard:
    """The newest card of a request that waits in a conversation: Slack's channel and `ts`."""

    request_id: int
    channel: str
    ts: str


def remind_due(desk: Desk, limit: int = 100) -> int:
    """Remind of the requests whose moments have come, at most `limit`, and give how many there were."""
    with desk.database.read() as connection:
        due = _due(connection, desk, desk.clock())
    return _remind(desk, ITSELF, [each.id for each in due[:limit]]) if due else 0


def waiting_at(connection: Connection, delivery: Delivery, now: datetime) -> list[WaitingCard]:
    """What a reminder is about when it is sent: all that waits in its conversation, the oldest first."""
    target = target_of(delivery)
    pending = exists().where(request_items.c.request_id == requests.c.id, PENDING)
    query = (
        select(requests.c.id, conversations.c.slack_id, func.max(cards.c.ts))
        .join(cards, cards.c.request_id == requests.c.id)
        .join(conversations, conversations.c.id == cards.c.conversation_id)
        .join(asked, and_(asked.c.request_id == requests.c.id, asked.c.reached))
        .where(here(target), pending, requests.c.expires_at > now)
        .where(~asked.c.direct if target.person_id is None else asked.c.person_id == target.person_id)
        .group_by(requests.c.id, conversations.c.slack_id)
        .order_by(requests.c.id)
    )
    return [WaitingCard(*row) for row in connection.execute(query)]


def asked_in_channel(connection: Connection, request_ids: Collection[int]) -> list[Person]:
    """Those who are asked about these requests in the channel, each once, by name."""
    there = (asked.c.request_id.in_(request_ids), asked.c.reached, ~asked.c.direct, ~asked.c.by_mail)
    ids = connection.execute(select(asked.c.person_id).where(*there).distinct()).scalars().all()
    return sorted(people.get_many(connection, ids).values(), key=lambda each: (each.name, each.id))


@intention
def channel_lost(act: Act, delivery: Delivery, code: str) -> None:
    """Send what waits in a channel that is lost to each person asked there, which reminds them as well.

    `code` is one of `CHANNEL_LOST`. Raises `LeaseLost`.
    """
    workspace_id = workspace_of(act.connection, request_of(delivery))
    note_lost(act, workspace_id, delivery.channel or "", code)
    delivered(act, delivery)


@intention
def _remind(act: Act, request_ids: Collection[int]) -> int:
    """Remind of what is still due; somebody else may have done so since it was found."""
    due = [each for each in _due(act.connection, act.desk, act.now, request_ids) if _note(act, each)]
    for each in due:
        for target in _targets(act.connection, each.id):
            _queue(act, each, target)
        remind_by_mail(act, each.id, each.deadlines.reminders_due(act.now))
    for each in sorted(due, key=lambda each: (each.infrastructure_id, each.id)):
        record(act, "remind", each.infrastructure_id, each.id, number=each.deadlines.reminders_due(act.now))
    return len(due)


def _due(
    connection: Connection, desk: Desk, now: datetime, request_ids: Collection[int] | None = None
) -> list[Waiting]:
    spans = desk.policy.request_spans.reminders
    untold = (requests.c.reminded < len(spans), requests.c.first_posted_at <= now - min(spans))
    among = () if request_ids is None else (requests.c.id.in_(request_ids),)
    found = deadlines.waiting(connection, desk.policy, now, *untold, *among)
    return [each for each in found if each.deadlines.reminders_due(now) > each.reminded]


def _note(act: Act, due: Waiting) -> bool:
    """Note that a reminder has come; tell whether it is news."""
    number = due.deadlines.reminders_due(act.now)
    noted = update(requests).where(requests.c.id == due.id, requests.c.reminded < number)
    return act.connection.execute(noted.values(reminded=number)).rowcount == 1


def _targets(connection: Connection, request_id: int) -> list[Target]:
    """The conversations in which somebody is asked; others that have the card are not disturbed."""
    reached = (asked.c.request_id == request_id, asked.c.reached)
    rows = connection.execute(
        select(asked.c.person_id, asked.c.direct, asked.c.by_mail).where(*reached)
    ).all()
    directly = {row.person_id for row in rows if row.direct}
    in_channel = any(not row.direct and not row.by_mail for row in rows)
    return [
        each
        for each in card_targets(connection, request_id)
        if (in_channel if each.person_id is None else each.person_id in directly)
    ]


def _queue(act: Act, due: Waiting, target: Target) -> None:
    lane = f"reminders:{target.key}"
    already = select(deliveries.c.id).where(deliveries.c.lane == lane, QUEUED)
    if act.connection.execute(already.limit(1)).first():
        # One that is not sent yet will tell of this request as well.
        return
    queue(
        act,
        "reminder",
        occasion=f"reminder:{target.key}:{due.id}:{due.deadlines.reminders_due(act.now)}",
        lane=lane,
        person_id=target.person_id,
        channel=target.channel,
        request_id=due.id,
        notice=NOTICE,
    )
