"""Homes drawn anew: queued in the transaction that changes what somebody sees there.

Nothing is queued for people who have not looked at their Home for a week. A row is queued for each change, and
the courier draws only the latest of a person: so none is lost that is committed while another one is drawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select

from store.audit import Entry
from store.database import AnySelect, wake_after_commit
from store.tables import deliveries, homes, infrastructures, persons, requests, roles, stand_ins

WATCHED_FOR: Final = timedelta(days=7)
"""How long after somebody looked at their Home it is kept up to date."""
COLLECTED_FOR: Final = timedelta(seconds=1)
"""How long a redraw waits for more changes to draw together with."""
_MOST_PLACES: Final = 200


@dataclass(slots=True)
class Touched:
    """What a transaction changed, by ids: whoever sees any of it is concerned."""

    infrastructure_ids: set[int] = field(default_factory=set)
    company_ids: set[int] = field(default_factory=set)
    person_ids: set[int] = field(default_factory=set)

    def note(self, actor_id: int | None, subject: str, infrastructure_id: int | None) -> None:
        """Note one change by its audit entry's facts; `subject` is such as "company 3"."""
        if actor_id is not None:
            self.person_ids.add(actor_id)
        if infrastructure_id is not None:
            self.infrastructure_ids.add(infrastructure_id)
        kind, _, number = subject.partition(" ")
        if number.isdecimal() and kind in {"person", "company"}:
            (self.person_ids if kind == "person" else self.company_ids).add(int(number))

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self.infrastructure_ids) + len(self.company_ids) + len(self.person_ids)


def queue(connection: Connection, touched: Touched, now: datetime) -> None:
    """Queue a redraw for everybody who watches their Home and whom a change concerns."""
    if not touched.size:
        return
    watching = select(homes.c.person_id).where(homes.c.opened_at > now - WATCHED_FOR)
    if touched.size <= _MOST_PLACES:
        # So much at once, as an import changes, concerns nearly everybody.
        watching = watching.where(_concerned(touched, now))
    for person_id in connection.execute(watching.order_by(homes.c.person_id)).scalars().all():
        queue_redraw(connection, person_id, now, now + COLLECTED_FOR)


def queue_for(connection: Connection, entries: Iterable[Entry], now: datetime) -> None:
    """The same for changes that were recorded many at a time."""
    touched = Touched()
    for entry in entries:
        touched.note(entry.actor_id, entry.subject, entry.infrastructure_id)
    queue(connection, touched, now)


def queue_redraw(connection: Connection, person_id: int, now: datetime, due_at: datetime) -> None:
    """Queue the drawing of one person's Home."""
    values = {
        "occasion": f"home:{person_id}:{uuid4()}",
        "kind": "home",
        "lane": f"home:{person_id}",
        "person_id": person_id,
        "facts": {},
        "steps": {},
        "created_at": now,
        "due_at": due_at,
    }
    connection.execute(insert(deliveries).values(values))
    wake_after_commit(connection)


def _concerned(touched: Touched, now: datetime) -> ColumnElement[bool]:
    watcher = homes.c.person_id
    own_requests = requests.c.infrastructure_id.in_(touched.infrastructure_ids)
    standing_in = stand_ins.c.infrastructure_id.in_(touched.infrastructure_ids)
    return or_(
        watcher.in_(touched.person_ids),
        exists().where(requests.c.requester_id == watcher, own_requests),
        exists().where(stand_ins.c.person_id == watcher, stand_ins.c.ends_at > now, standing_in),
        exists().where(_holds(watcher, touched, now)),
    )


def _holds(watcher: ColumnElement[int], touched: Touched, now: datetime) -> ColumnElement[bool]:
    """Whether a role of somebody, or one that ended in this transaction, covers what was touched."""
    held = or_(roles.c.held_until.is_(None), roles.c.held_until >= now)
    whole = or_(
        roles.c.company_id.in_(touched.company_ids),
        roles.c.company_id.in_(_companies_of_people(touched)),
    )
    of_companies = or_(
        infrastructures.c.company_id.in_(touched.company_ids),
        infrastructures.c.company_id.in_(_companies_of_people(touched)),
    )
    holder_of = select(infrastructures.c.company_id).where(
        infrastructures.c.id.in_(touched.infrastructure_ids)
    )
    covers = or_(
        roles.c.infrastructure_id.in_(touched.infrastructure_ids),
        roles.c.infrastructure_id.in_(select(infrastructures.c.id).where(of_companies)),
        and_(roles.c.infrastructure_id.is_(None), or_(whole, roles.c.company_id.in_(holder_of))),
        and_(roles.c.infrastructure_id.is_(None), roles.c.company_id.is_(None)),
    )
    return and_(roles.c.person_id == watcher, held, covers)


def _companies_of_people(touched: Touched) -> AnySelect:
    return select(persons.c.company_id).where(
        persons.c.id.in_(touched.person_ids), persons.c.company_id.is_not(None)
    )
