"""Changes of items that wait: settled once, recorded, drawn on every card and told to the requester.

Locks are always taken in the same order: a person with their roles, registrations, items, requests, the record.
Registrations come before items because a release ends one and then closes its items, while a decision does the
reverse; the record comes last because everything that happens in an infrastructure waits for it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from store import awaited_files, people
from store.deliveries import queue_notice, redraw, redraw_and_reply
from store.desk import Act
from store.infrastructures import Infrastructure
from store.request_views import PENDING
from store.rules.request_states import Cause, ItemState, RequestKind, request_number
from store.serial_changes import drop_reserved
from store.tables import registrations, request_items, requests
from store.workflow_steps import end_steps

NOT_CARRIED_OUT = frozenset({ItemState.DECLINED, ItemState.WITHDRAWN, ItemState.EXPIRED, ItemState.CLOSED})


def hold_registrations(connection: Connection, registration_ids: Iterable[int], *, to_end: bool) -> None:
    """Keep these registrations as they are until the transaction ends; `to_end` when it may end them itself.

    On SQLite the whole transaction holds the write lock already.
    """
    query = select(registrations.c.id).where(registrations.c.id.in_(list(registration_ids)))
    ordered = query.order_by(registrations.c.id)
    connection.execute(ordered.with_for_update(read=not to_end, key_share=to_end)).all()


def pending_of_request(connection: Connection, request_id: int) -> dict[int, int]:
    """The pending items of a request, each with its registration."""
    query = select(request_items.c.id, request_items.c.registration_id)
    rows = connection.execute(query.where(request_items.c.request_id == request_id, PENDING))
    return {row.id: row.registration_id for row in rows}


def settle(act: Act, item_ids: Collection[int], state: ItemState, **values: object) -> tuple[int, ...]:
    """Give pending items their outcome, and return those that were still pending.

    Of several people who decide at once, all have read `pending`; the condition is evaluated again by the
    database when the first of them has committed, so that the others change no row and learn it here.
    """
    settled = act.connection.execute(
        update(request_items)
        .where(request_items.c.id.in_(item_ids), PENDING)
        .values(state=str(state), decided_at=act.now, **values)
        .returning(request_items.c.id, request_items.c.reserved_id)
    ).all()
    if state in NOT_CARRIED_OUT:
        for row in settled:
            if row.reserved_id is not None:
                drop_reserved(act, row.reserved_id)
    end_steps(act, [row.id for row in settled], str(state))
    return tuple(sorted(row.id for row in settled))


def announce(
    act: Act, request_id: int, outcome: str, item_ids: Collection[int], *, tell_requester: bool = True
) -> None:
    """Redraw every card of a request, say the outcome in its thread, and tell the requester.

    `outcome` names the words; the facts are the items that it is about.
    """
    facts: dict[str, Any] = {"item_ids": sorted(item_ids)}
    occasion = redraw_and_reply(act, request_id, outcome, **facts)
    requester_id = act.connection.execute(
        select(requests.c.requester_id).where(requests.c.id == request_id)
    ).scalar_one()
    if tell_requester and people.get(act.connection, requester_id).reachable:
        queue_notice(act, outcome, requester_id, f"{occasion}:requester", request_id=request_id, **facts)


def close(
    act: Act, infrastructure_id: int, request_id: int, item_ids: Collection[int], cause: Cause
) -> tuple[int, ...]:
    """Close pending items of one request with a cause, and tell everybody; return those that were pending."""
    return _close_all(act, {(infrastructure_id, request_id): item_ids}, cause)


def close_pending(act: Act, registration_id: int, cause: str) -> None:
    """Close every pending item of a registration that ends; `cause` is one of `Cause`.

    What was decided before and waits for its file is closed by the courier, which finds the registration ended.
    """
    hold_registrations(act.connection, [registration_id], to_end=True)
    _close_all(act, _pending(act, request_items.c.registration_id == registration_id), Cause(cause))
    awaited_files.go_on(act, registration_id)


def close_of_infrastructure(act: Act, infrastructure_id: int, cause: Cause) -> tuple[int, ...]:
    """Close everything that waits in an infrastructure, but releases, which go on; return what was closed."""
    waiting = (requests.c.infrastructure_id == infrastructure_id, requests.c.kind != str(RequestKind.RELEASE))
    query = select(request_items.c.registration_id).join(
        requests, requests.c.id == request_items.c.request_id
    )
    pending = act.connection.execute(query.where(PENDING, *waiting)).scalars()
    hold_registrations(act.connection, pending, to_end=False)
    return _close_all(act, _pending(act, *waiting), cause)


def redraw_waiting(act: Act, registration_id: int) -> None:
    """Redraw every card on which a registration waits, because what it shows has changed."""
    for _, request_id in _pending(act, request_items.c.registration_id == registration_id):
        redraw(act, request_id)


def close_taken(act: Act, requester_id: int, registration_ids: Collection[int]) -> None:
    """Close the licenses that somebody asked for and takes now, so that nobody decides them any more."""
    own = (
        requests.c.kind == str(RequestKind.LICENSE),
        request_items.c.requester_id == requester_id,
        request_items.c.registration_id.in_(registration_ids),
    )
    _close_all(act, _pending(act, *own), Cause.TAKEN_DIRECTLY, tell_requester=False)


_Items = Mapping[tuple[int, int], Collection[int]]
"""Ids of items, by the ids of their infrastructure and request."""


def _pending(act: Act, *conditions: ColumnElement[bool]) -> _Items:
    query = (
        select(request_items.c.id, request_items.c.request_id, requests.c.infrastructure_id)
        .join(requests, requests.c.id == request_items.c.request_id)
        .where(PENDING, *conditions)
        .order_by(request_items.c.request_id)
    )
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in act.connection.execute(query):
        found[row.infrastructure_id, row.request_id].append(row.id)
    return found


def _close_all(act: Act, items: _Items, cause: Cause, *, tell_requester: bool = True) -> tuple[int, ...]:
    closed = {key: settle(act, ids, ItemState.CLOSED, cause=str(cause)) for key, ids in items.items()}
    closed = {key: ids for key, ids in closed.items() if ids}
    for (_, request_id), ids in closed.items():
        announce(act, request_id, "closed", ids, tell_requester=tell_requester)
    for (infrastructure_id, request_id), ids in closed.items():
        record(act, "close", infrastructure_id, request_id, ids, cause=str(cause))
    return tuple(each for ids in closed.values() for each in ids)


def file_waits_until(infrastructure: Infrastructure, now: datetime) -> datetime | None:
    """The start of a term that has not begun, for which files wait; `None` when they go at once."""
    term = infrastructure.term
    if term is None or term.delivers(now) or not term.registers(now):
        return None
    return max(term.starts_at, term.unbroken_since)


def record(
    act: Act,
    action: str,
    infrastructure_id: int,
    request_id: int,
    item_ids: Collection[int] = (),
    **facts: object,
) -> None:
    """Append an audit entry about a request and some of its items."""
    if item_ids:
        facts["items"] = sorted(item_ids)
    act.record(action, f"request {request_number(request_id)}", infrastructure_id, **facts)
