"""Deliveries: things to be done in Slack, queued in the transaction that makes them necessary.

A row says what is to be done with ids only; words are drawn when it is sent. An occasion happens once:
queueing it a second time changes nothing. Rows of one lane are sent in the order in which they were queued.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, bindparam, literal_column, select, update

from store.card_targets import Target, card_targets
from store.database import AnyRow, wake_after_commit
from store.desk import Act
from store.once import insert_all_once, insert_once
from store.tables import asked, deliveries, request_items, requests

Kind = Literal["card", "file", "notice", "reply", "reissue", "reminder", "home", "step", "mail", "deletion"]
State = Literal["queued", "sent", "failed"]

# Written out, because SQLite uses a partial index only when the query says its condition literally.
QUEUED: ColumnElement[bool] = deliveries.c.state == literal_column("'queued'")

_COLUMNS_OF_FACTS = ("request_id", "item_id", "registration_id")
_NOTHING_SAID: Mapping[str, Any] = MappingProxyType(
    dict.fromkeys(("person_id", "channel", *_COLUMNS_OF_FACTS, "notice")) | {"facts": {}, "steps": {}}
)
_RAISED = (
    update(requests)
    .where(requests.c.id == bindparam("request"))
    .values(version=requests.c.version + 1)
    .returning(requests.c.version)
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to be done in Slack, as its row was when it was read. Times are aware.

    `deletion_queued_at`: when the deletion of the files that it shared was queued.
    """

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
    deletion_queued_at: datetime | None = None


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
    columns = {
        "person_id": person_id,
        "channel": channel,
        "request_id": request_id,
        "item_id": item_id,
        "registration_id": registration_id,
        "notice": notice,
        "facts": dict(facts or {}),
        "due_at": due_at or act.now,
    }
    if insert_once(act.connection, deliveries, _row(act, kind, occasion, lane) | columns):
        wake_after_commit(act.connection)


def _row(act: Act, kind: Kind, occasion: str, lane: str) -> dict[str, Any]:
    given = {"kind": kind, "occasion": occasion, "lane": lane}
    return {**_NOTHING_SAID, **given, "created_at": act.now, "due_at": act.now}


def _queue_all(act: Act, rows: Sequence[Mapping[str, object]]) -> None:
    """Queue several at once, with one statement."""
    insert_all_once(act.connection, deliveries, rows)
    if rows:
        wake_after_commit(act.connection)


def queue_card(act: Act, request_id: int, version: int) -> None:
    """Queue the drawing of `version` of a request's card in every conversation that has or should have it.

    Those who are asked by e-mail get one that asks, and one when nothing waits any more. Whom the request was put to
    is read from `asked`, so those rows are written first.
    """
    _queue_all(act, _cards(act, request_id, version, card_targets(act.connection, request_id)))
    _queue_mails(act, request_id)


def _cards(act: Act, request_id: int, version: int, targets: Iterable[Target]) -> list[dict[str, Any]]:
    return [_card(act, request_id, version, target, even_decided=False) for target in targets]


def _card(act: Act, request_id: int, version: int, target: Target, *, even_decided: bool) -> dict[str, Any]:
    occasion = f"card:{request_id}:{target.key}:v{version}{':decided' if even_decided else ''}"
    facts = {"version": version, "even_decided": even_decided}
    return _row_at(act, "card", occasion, request_id, target) | {"facts": facts}


def _row_at(act: Act, kind: Kind, occasion: str, request_id: int, target: Target) -> dict[str, Any]:
    place = {"request_id": request_id, "person_id": target.person_id, "channel": target.channel}
    return _row(act, kind, occasion, _lane(request_id, target)) | place


def _queue_mails(act: Act, request_id: int) -> None:
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
    version = _raise_version(act, request_id)
    queue_card(act, request_id, version)
    return version


def redraw_and_reply(act: Act, request_id: int, notice: str, **facts: object) -> str:
    """Redraw the card of a request, and queue a short reply in the thread of each, which comes after it.

    `notice` names the words. Gives the occasion: what happened, with the version that the card has now.
    """
    version = _raise_version(act, request_id)
    occasion = f"{notice}:{request_id}:v{version}"
    targets = card_targets(act.connection, request_id)
    cards = _cards(act, request_id, version, targets)
    _queue_all(act, cards + _replies(act, request_id, notice, occasion, targets, facts))
    _queue_mails(act, request_id)
    return occasion


def _raise_version(act: Act, request_id: int) -> int:
    return int(act.connection.execute(_RAISED, {"request": request_id}).scalar_one())


def queue_card_at(
    act: Act, request_id: int, version: int, target: Target, *, even_decided: bool = False
) -> None:
    """Queue the drawing of a request's card in one conversation.

    A card that was not posted while the request waited is posted afterwards only if `even_decided`.
    """
    _queue_all(act, [_card(act, request_id, version, target, even_decided=even_decided)])


def queue_reply(act: Act, request_id: int, notice: str, occasion: str, **facts: object) -> None:
    """Queue a short reply in the thread of every card of a request; it comes after the card's redraw.

    `notice` names the words; `occasion` is completed by the conversation.
    """
    targets = card_targets(act.connection, request_id)
    _queue_all(act, _replies(act, request_id, notice, occasion, targets, facts))


def _replies(
    act: Act,
    request_id: int,
    notice: str,
    occasion: str,
    targets: Iterable[Target],
    facts: Mapping[str, object],
) -> list[dict[str, Any]]:
    said = {"notice": notice, "facts": _without_columns(facts)} | _columns(facts) | {"request_id": request_id}
    return [_row_at(act, "reply", f"{occasion}:{each.key}", request_id, each) | said for each in targets]


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
