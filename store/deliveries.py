"""Deliveries: things to be done in Slack, queued in the transaction that makes them necessary.

A row says what is to be done with ids only; words are drawn when it is sent. An occasion happens once:
queueing it a second time changes nothing. Rows of one lane are sent in the order in which they were queued.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, literal_column, select, update

from store.card_targets import Target, card_targets
from store.database import AnyRow, wake_after_commit
from store.desk import Act
from store.once import insert_once
from store.tables import asked, deliveries, request_items, requests

Kind = Literal["card", "file", "notice", "reply", "reissue", "reminder", "home", "step", "mail"]
State = Literal["queued", "sent", "failed"]

# Written out, because SQLite uses a partial index only when the query says its condition literally.
QUEUED: ColumnElement[bool] = deliveries.c.state == literal_column("'queued'")

_COLUMNS_OF_FACTS = ("request_id", "item_id", "registration_id")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to be done in Slack, as its row was when it was read. Times are aware."""

    id: int
    occasion: str
    kind: Kind
    person_id: int | None
    channel: str | None
    request_id: int | None
    item_id: int | None
    registration_id: int | None
    notice: str | None
    facts: Mapping[str, Any]
    lane: str
    state: State
    created_at: datetime
    due_at: datetime
    attempts: int
    first_attempt_at: datetime | None
    leased_until: datetime | None
    lease: str | None
    steps: Mapping[str, Any]
    error: str | None
    sent_at: datetime | None


def queue(
    act: Act,
    kind: Kind,
    *,
    occasion: str,
    lane: str,
    person_id: int | None = None,
    channel: str | None = None,
    request_id: int | None = None,
    item_id: int | None = None,
    registration_id: int | None = None,
    notice: str | None = None,
    facts: Mapping[str, object] | None = None,
    due_at: datetime | None = None,
) -> None:
    """Queue one delivery in the act's transaction, unless its occasion was queued before.

    `facts` are ids and plain values, neither secrets nor finished words. `due_at` is now unless given.
    """
    values = {
        "occasion": occasion,
        "kind": kind,
        "lane": lane,
        "person_id": person_id,
        "channel": channel,
        "request_id": request_id,
        "item_id": item_id,
        "registration_id": registration_id,
        "notice": notice,
        "facts": dict(facts or {}),
        "steps": {},
        "created_at": act.now,
        "due_at": due_at or act.now,
    }
    if insert_once(act.connection, deliveries, values):
        wake_after_commit(act.connection)


def queue_card(act: Act, request_id: int, version: int) -> None:
    """Queue the drawing of `version` of a request's card in every conversation that has or should have it.

    Those who are asked by e-mail get one that asks, and one when nothing waits any more. Whom the request was put to
    is read from `asked`, so those rows are written first.
    """
    for target in card_targets(act.connection, request_id):
        queue_card_at(act, request_id, version, target)
    mailed = _mailed(act.connection, request_id)
    notice = "asked" if mailed and _waits(act.connection, request_id) else "settled"
    for person_id in mailed:
        _queue_mail(act, request_id, person_id, notice, notice)


def remind_by_mail(act: Act, request_id: int, number: int) -> None:
    """Queue reminder `number` to those who are asked by e-mail; one that is not sent yet tells of all that waits."""
    for person_id in _mailed(act.connection, request_id):
        waiting = (deliveries.c.lane == _mail_lane(person_id), deliveries.c.notice == "reminder", QUEUED)
        if act.connection.execute(select(deliveries.c.id).where(*waiting).limit(1)).first() is None:
            _queue_mail(act, request_id, person_id, "reminder", f"reminder-{number}")


def _mailed(connection: Connection, request_id: int) -> Sequence[int]:
    """Those who are asked about a request by e-mail."""
    query = select(asked.c.person_id).where(
        asked.c.request_id == request_id, asked.c.reached, asked.c.by_mail
    )
    return connection.execute(query.order_by(asked.c.id)).scalars().all()


def _queue_mail(act: Act, request_id: int, person_id: int, notice: str, occasion: str) -> None:
    queue(
        act,
        "mail",
        occasion=f"mail:{request_id}:{person_id}:{occasion}",
        lane=_mail_lane(person_id),
        person_id=person_id,
        request_id=request_id,
        notice=notice,
    )


def _mail_lane(person_id: int) -> str:
    return f"mail:{person_id}"


def redraw(act: Act, request_id: int) -> int:
    """Raise the version of a request and queue its card everywhere; give the new version."""
    raised = update(requests).where(requests.c.id == request_id).values(version=requests.c.version + 1)
    version = int(act.connection.execute(raised.returning(requests.c.version)).scalar_one())
    queue_card(act, request_id, version)
    return version


def queue_card_at(
    act: Act, request_id: int, version: int, target: Target, *, even_decided: bool = False
) -> None:
    """Queue the drawing of a request's card in one conversation.

    A card that was not posted while the request waited is posted afterwards only if `even_decided`.
    """
    queue(
        act,
        "card",
        occasion=f"card:{request_id}:{target.key}:v{version}{':decided' if even_decided else ''}",
        lane=_lane(request_id, target),
        person_id=target.person_id,
        channel=target.channel,
        request_id=request_id,
        facts={"version": version, "even_decided": even_decided},
    )


def queue_reply(act: Act, request_id: int, notice: str, occasion: str, **facts: object) -> None:
    """Queue a short reply in the thread of every card of a request; it comes after the card's redraw.

    `notice` names the words; `occasion` is completed by the conversation.
    """
    for target in card_targets(act.connection, request_id):
        queue(
            act,
            "reply",
            occasion=f"{occasion}:{target.key}",
            lane=_lane(request_id, target),
            person_id=target.person_id,
            channel=target.channel,
            notice=notice,
            facts=_without_columns(facts),
            **{**_columns(facts), "request_id": request_id},
        )


def queue_file(act: Act, item_id: int, person_id: int, occasion: str, due_at: datetime | None = None) -> None:
    """Queue the license file of an item to a person's direct message.

    The files of one request to one person keep their order.
    """
    query = select(request_items.c.request_id, request_items.c.registration_id)
    item = act.connection.execute(query.where(request_items.c.id == item_id)).one()
    queue(
        act,
        "file",
        occasion=occasion,
        lane=f"request:{item.request_id}:person:{person_id}",
        person_id=person_id,
        request_id=item.request_id,
        item_id=item_id,
        registration_id=item.registration_id,
        due_at=due_at,
    )


def queue_notice(
    act: Act, notice: str, person_id: int, occasion: str, *, due_at: datetime | None = None, **facts: object
) -> None:
    """Queue a direct message to a person; notices to one person keep their order.

    The facts `request_id`, `item_id` and `registration_id` become columns of the delivery.
    """
    queue(
        act,
        "notice",
        occasion=occasion,
        lane=f"person:{person_id}",
        person_id=person_id,
        notice=notice,
        facts=_without_columns(facts),
        due_at=due_at,
        **_columns(facts),
    )


def get(connection: Connection, delivery_id: int) -> Delivery:
    """Give one delivery."""
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one()
    return of_row(row)


def of_row(row: AnyRow) -> Delivery:
    """Make a delivery of a whole row of the table."""
    return Delivery(**row._asdict())


def listing(connection: Connection, state: State | None = None, limit: int = 100) -> list[Delivery]:
    """Give the newest deliveries, of one state if named."""
    query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    return [of_row(row) for row in connection.execute(query)]


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Give the moment since which the longest waiting delivery is due, or `None` when none is."""
    query = select(deliveries.c.due_at).where(QUEUED, deliveries.c.due_at <= now)
    return connection.execute(query.order_by(deliveries.c.due_at).limit(1)).scalar_one_or_none()


def _lane(request_id: int, target: Target) -> str:
    return f"request:{request_id}:{target.key}"


def _columns(facts: Mapping[str, object]) -> dict[str, Any]:
    return {name: facts[name] for name in _COLUMNS_OF_FACTS if name in facts}


def _without_columns(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name not in _COLUMNS_OF_FACTS}


def _waits(connection: Connection, request_id: int) -> bool:
    pending = (request_items.c.request_id == request_id, request_items.c.state == literal_column("'pending'"))
    return connection.execute(select(request_items.c.id).where(*pending).limit(1)).first() is not None
