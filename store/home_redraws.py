"""Homes drawn anew: queued in the transaction that changes what somebody sees there.

Nothing is queued for people who have not looked at their Home for a week. A change is drawn together with one
that waits already; only where a courier holds that one, or another transaction does, a row of its own is queued, so
that no change is lost that is committed while Home is drawn.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
)

from store.audit import Entry
from store.database import AnySelect, wake_after_commit
from store.tables import (
    UtcDateTime,
    companies,
    deliveries,
    homes,
    infrastructures,
    persons,
    requests,
    roles,
    stand_ins,
)

WATCHED_FOR: Final = timedelta(days=7)
"""How long after somebody looked at their Home it is kept up to date."""
COLLECTED_FOR: Final = timedelta(seconds=1)
"""How long a redraw waits for more changes to draw together with."""
_MOST_PLACES: Final = 200
_AT_ONCE: Final = 500


@dataclass(slots=True)
class Touched:
    """What a transaction changed, by ids: whoever sees any of it is concerned."""

    actor_ids: set[int] = field(default_factory=set)
    infrastructure_ids: set[int] = field(default_factory=set)
    company_ids: set[int] = field(default_factory=set)
    person_ids: set[int] = field(default_factory=set)

    def note(self, actor_id: int | None, subject: str, infrastructure_id: int | None) -> None:
        """Note one change by its audit entry's facts; `subject` is such as "company 3"."""
        if actor_id is not None:
            self.actor_ids.add(actor_id)
        if infrastructure_id is not None:
            self.infrastructure_ids.add(infrastructure_id)
        kind, _, number = subject.partition(" ")
        if number.isdecimal() and kind in {"person", "company"}:
            (self.person_ids if kind == "person" else self.company_ids).add(int(number))

    def note_all(self, entries: Iterable[Entry]) -> None:
        """Note changes by the entries that record them."""
        for each in entries:
            self.note(each.actor_id, each.subject, each.infrastructure_id)

    @property
    def size(self) -> int:
        """How many ids there are."""
        touched = (self.actor_ids, self.infrastructure_ids, self.company_ids, self.person_ids)
        return sum(map(len, touched))


def queue(connection: Connection, touched: Touched, now: datetime) -> None:
    """Queue a redraw for everybody who watches their Home and whom a change concerns."""
    if not touched.size:
        return
    # So much at once, as an import changes, concerns nearly everybody.
    many = touched.size > _MOST_PLACES
    _queue_each(connection, _watching(connection, now) if many else _concerned(connection, touched, now), now)


def queue_all(connection: Connection, now: datetime) -> None:
    """Queue a redraw for everybody who watches their Home."""
    _queue_each(connection, _watching(connection, now), now)


def queue_for(connection: Connection, entries: Iterable[Entry], now: datetime) -> None:
    """The same for changes that were recorded many at a time."""
    touched = Touched()
    touched.note_all(entries)
    queue(connection, touched, now)


def queue_redraw(connection: Connection, person_id: int, now: datetime) -> None:
    """Queue the drawing of one person's Home at once."""
    connection.execute(insert(deliveries), [_row(person_id, now, now)])
    wake_after_commit(connection)


def forget(connection: Connection, person_id: int) -> None:
    """Leave somebody's Home as it is until they open it."""
    connection.execute(delete(homes).where(homes.c.person_id == person_id))


def _queue_each(connection: Connection, person_ids: Collection[int], now: datetime) -> None:
    watching = sorted(person_ids)
    for start in range(0, len(watching), _AT_ONCE):
        _queue(connection, watching[start : start + _AT_ONCE], now)


def _queue(connection: Connection, person_ids: Sequence[int], now: datetime) -> None:
    waiting = set(_waiting(connection, person_ids))
    rows = [_row(each, now, now + COLLECTED_FOR) for each in person_ids if each not in waiting]
    if rows:
        connection.execute(insert(deliveries), rows)
        wake_after_commit(connection)


def _waiting(connection: Connection, person_ids: Sequence[int]) -> Iterator[int]:
    """For whom a drawing waits that cannot begin before this transaction ends, and so shows what it changes.

    Between this look and the commit a courier could claim the row and draw without the change. So the row is
    locked, and couriers pass over what is locked. Nobody waits here: a row that another transaction holds at this
    moment counts as none.
    """
    waits = deliveries.c.state == literal_column("'queued'")
    query = select(deliveries.c.person_id).where(
        waits, deliveries.c.lane.in_(map(_lane, person_ids)), deliveries.c.leased_until.is_(None)
    )
    yield from connection.execute(query.with_for_update(skip_locked=True)).scalars()


def _row(person_id: int, now: datetime, due_at: datetime) -> dict[str, object]:
    return {
        "occasion": f"{_lane(person_id)}:{uuid4()}",
        "kind": "home",
        "lane": _lane(person_id),
        "person_id": person_id,
        "facts": {},
        "steps": {},
        "created_at": now,
        "due_at": due_at,
    }


def _lane(person_id: int) -> str:
    return f"home:{person_id}"


def _watching(connection: Connection, now: datetime) -> set[int]:
    return set(connection.execute(_WATCHING, {"since": now - WATCHED_FOR}).scalars())


def _concerned(connection: Connection, touched: Touched, now: datetime) -> set[int]:
    """Who watches and sees what was touched, read from what was touched on, however many watch."""
    moments = {"since": now - WATCHED_FOR, "now": now}
    places = {"actors": list(touched.actor_ids), "ids": list(touched.infrastructure_ids)}
    found = set(connection.execute(_OF_INFRASTRUCTURES, moments | places).scalars())
    if touched.company_ids or touched.person_ids:
        ids = {"companies": list(touched.company_ids), "people": list(touched.person_ids)}
        found |= set(connection.execute(_OF_COMPANIES, moments | ids).scalars())
    return found


def _any_of(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


def _of_infrastructures() -> AnySelect:
    """Actors, requesters, holders of roles, and stand-ins for those."""
    here = infrastructures.c.id.in_(_any_of("ids"))
    of_contact = and_(
        roles.c.person_id == stand_ins.c.contact_id,
        roles.c.infrastructure_id == stand_ins.c.infrastructure_id,
    )
    return _WATCHING.where(
        homes.c.person_id.in_(
            union_all(
                select(persons.c.id).where(persons.c.id.in_(_any_of("actors"))),
                select(requests.c.requester_id).where(requests.c.infrastructure_id.in_(_any_of("ids"))),
                select(roles.c.person_id).where(_HELD, roles.c.infrastructure_id.in_(_any_of("ids"))),
                _whole(roles.c.company_id.in_(select(infrastructures.c.company_id).where(here))),
                _EVERYWHERE,
                select(stand_ins.c.person_id)
                .join(roles, of_contact)
                .where(_HELD, stand_ins.c.ends_at >= _NOW, roles.c.infrastructure_id.in_(_any_of("ids"))),
            )
        )
    )


def _of_companies() -> AnySelect:
    """People who changed, and whoever holds a role in their companies or in those that changed."""
    of_people = select(persons.c.company_id).where(
        persons.c.id.in_(_any_of("people")), persons.c.company_id.is_not(None)
    )
    touched = union_all(of_people, select(companies.c.id).where(companies.c.id.in_(_any_of("companies"))))
    of_companies = select(infrastructures.c.id).where(infrastructures.c.company_id.in_(touched))
    return _WATCHING.where(
        homes.c.person_id.in_(
            union_all(
                select(persons.c.id).where(persons.c.id.in_(_any_of("people"))),
                select(roles.c.person_id).where(_HELD, roles.c.infrastructure_id.in_(of_companies)),
                _whole(roles.c.company_id.in_(touched)),
                _EVERYWHERE,
            )
        )
    )


def _whole(of_company: ColumnElement[bool]) -> AnySelect:
    """Who holds a role in a whole company."""
    # A plain IS NULL would have SQLite go through the whole companies of everybody by the index of infrastructures.
    return select(roles.c.person_id).where(
        _HELD, of_company, func.coalesce(roles.c.infrastructure_id, 0) == 0
    )


_NOW: Final = bindparam("now", type_=UtcDateTime)
# Also a role that ended in this transaction: whoever held it does not see any more what they saw.
_HELD: Final = or_(roles.c.held_until.is_(None), roles.c.held_until >= _NOW)
_EVERYWHERE: Final = select(roles.c.person_id).where(
    roles.c.company_id.is_(None), roles.c.infrastructure_id.is_(None), _HELD
)
# Built once, since building a statement takes longer than running it.
_WATCHING: Final = select(homes.c.person_id).where(homes.c.opened_at > bindparam("since", type_=UtcDateTime))
_OF_INFRASTRUCTURES: Final = _of_infrastructures()
_OF_COMPANIES: Final = _of_companies()
