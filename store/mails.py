"""Requests put to people by e-mail: the links that they get, and what waits for them."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, exists, func, select

from store.cards import request_of
from store.deciders import decides
from store.deliveries import Delivery
from store.delivery_claims import sent
from store.desk import Act, Desk, intention
from store.escalation import post_first
from store.request_views import PENDING, RequestView, views
from store.rules.mail_errors import LinkUnknown
from store.tables import asked, deliveries, infrastructures, persons, request_items, requests

_PURPOSE: Final = "mail link"
_SIGNATURE_BYTES: Final = 32
_ASKED: Final = requests.join(asked, asked.c.request_id == requests.c.id)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is for: the id of a request, the id of the person who decides it, and when it was asked.

    `asked` is in seconds since 1970. After a restore ids are given again; the moment tells the requests apart.
    """

    request_id: int
    person_id: int
    asked: int


def link_of(desk: Desk, request: RequestView, person_id: int) -> str:
    """The address at which one person decides one request.

    It is made of what it is for and a signature, so that a stolen database holds no link. It works while the request
    waits: whoever decides it first ends it, its deadline too.
    """
    link = Link(request.id, person_id, _second_of(request))
    message = ":".join(map(str, astuple(link))).encode()
    token = base64.urlsafe_b64encode(message + desk.vault.sign(_PURPOSE, message)).rstrip(b"=")
    return f"{desk.policy.public_url}decide/{token.decode()}"


def read_link(desk: Desk, token: str) -> Link:
    """What the last part of a link is for; the database is not asked. Raises `LinkUnknown`."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise LinkUnknown from None
    message, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    if not desk.vault.signed(_PURPOSE, message, signature):
        raise LinkUnknown
    return Link(*map(int, message.split(b":")))


def request_behind(connection: Connection, link: Link) -> RequestView:
    """The request that a link is for. Raises `LinkUnknown` where an older state of the database was restored since."""
    known = connection.execute(select(persons.c.id).where(persons.c.id == link.person_id)).first()
    for request in views(connection, [link.request_id]):
        if known and _second_of(request) == link.asked:
            return request
    raise LinkUnknown


def waiting_for(connection: Connection, person_id: int, now: datetime) -> Sequence[int]:
    """The requests that wait for somebody who is asked by e-mail, oldest first."""
    query = select(requests.c.id).select_from(_ASKED).where(asked.c.person_id == person_id, *_waits(now))
    query = query.order_by(requests.c.id)
    return connection.execute(query).scalars().all()


def number_waiting(connection: Connection, now: datetime) -> int:
    """How many requests wait for somebody who was sent a link by e-mail."""
    return int(
        connection.execute(
            select(func.count(requests.c.id.distinct())).select_from(_ASKED).where(*_waits(now))
        ).scalar_one()
    )


def may_answer(connection: Connection, request_id: int, person_id: int, now: datetime) -> bool:
    """Whether somebody may decide a request at this moment, for showing it; who decides is asked once more."""
    query = (
        select(requests.c.id)
        .join(infrastructures, infrastructures.c.id == requests.c.infrastructure_id)
        .where(requests.c.id == request_id, decides(person_id, now))
    )
    return connection.execute(query).first() is not None


def was_asked(connection: Connection, request_id: int, person_id: int) -> bool:
    """Whether somebody was really sent an e-mail that asks them; by then it may have been decided."""
    query = select(deliveries.c.steps).where(deliveries.c.occasion == f"mail:{request_id}:{person_id}:asked")
    steps = connection.execute(query).scalar_one_or_none()
    return bool(steps and steps.get("mailed"))


@intention
def posted(act: Act, delivery: Delivery) -> None:
    """Record that an e-mail was sent; the first message about a request starts its deadline. Raises `LeaseLost`."""
    if delivery.notice == "asked":
        post_first(act, request_of(delivery))
    sent(act, delivery)


def _waits(now: datetime) -> Sequence[ColumnElement[bool]]:
    pending = exists().where(request_items.c.request_id == requests.c.id, PENDING)
    in_time = (requests.c.expires_at > now) | requests.c.expires_at.is_(None)
    return asked.c.reached, asked.c.by_mail, pending, in_time


def _second_of(request: RequestView) -> int:
    return int(request.asked_at.timestamp())
