"""The deadlines of requests that wait, worked out anew each time: settings and working hours may have changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from store.database import AnyRow
from store.desk import Policy
from store.request_views import PENDING, RequestView
from store.rules.deadlines import Deadlines, WorkingHours, deadlines
from store.rules.request_states import RequestKind
from store.rules.rights import Step
from store.tables import infrastructures, request_items, requests

_BEFORE_ADMINS = frozenset({Step.CONTACTS, Step.INFRASTRUCTURE_ADMINS})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that somebody can still decide. `reminded`: how many reminders have come."""

    id: int
    infrastructure_id: int
    requester_id: int
    reminded: int
    deadlines: Deadlines


def of_request(request: RequestView, policy: Policy, now: datetime) -> Deadlines:
    """Give the moments of a request; until its first card was posted, as if that were now."""
    posted_at = request.first_posted_at or now
    expires_at = request.expires_at or now + policy.request_expiry
    working = request.infrastructure.working_hours
    found = deadlines(posted_at, expires_at, policy.request_spans, working, urgent=request.urgent)
    return _of_kind(found, request.kind, request.step)


def waiting(
    connection: Connection, policy: Policy, now: datetime, *conditions: ColumnElement[bool]
) -> list[Waiting]:
    """Give the requests that wait with a card, before their expiry, oldest first."""
    waits = requests.c.id.in_(select(request_items.c.request_id).where(PENDING))
    query = (
        select(*requests.c, infrastructures.c.working_hours)
        .join(infrastructures, infrastructures.c.id == requests.c.infrastructure_id)
        .where(waits, requests.c.first_posted_at.is_not(None), requests.c.expires_at > now, *conditions)
        .order_by(requests.c.id)
    )
    return [_waiting(row, policy) for row in connection.execute(query)]


def _waiting(row: AnyRow, policy: Policy) -> Waiting:
    working = WorkingHours.of(row.working_hours) if row.working_hours else None
    found = deadlines(row.first_posted_at, row.expires_at, policy.request_spans, working, urgent=row.urgent)
    of_kind = _of_kind(found, RequestKind(row.kind), None if row.step is None else Step(row.step))
    return Waiting(row.id, row.infrastructure_id, row.requester_id, row.reminded, of_kind)


def _of_kind(found: Deadlines, kind: RequestKind, step: Step | None) -> Deadlines:
    """Company admins decide no releases, and those whom a request was put to are not asked once more."""
    if kind is not RequestKind.RELEASE and step in _BEFORE_ADMINS:
        return found
    return Deadlines(found.reminders, None, found.expires_at)
