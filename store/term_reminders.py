"""Reminders of the ends of terms: to contacts and admins, one message for each company, day and person.

What was told last is kept with the subscription, so that each moment of a term is told once, by whatever
process and however often it looks; a renewal has another end, of which nothing was told yet.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from store import people
from store.database import AnyRow
from store.deliveries import Delivery, queue
from store.desk import Act, Desk, intention
from store.escalation import ITSELF
from store.people import Person
from store.rules.term_moments import GRACE_IS_OVER, REMINDED_DAYS, in_the_day, moment_due
from store.rules.terms import Term
from store.subscriptions import ends_told_to
from store.tables import companies, infrastructures, subscriptions


@dataclass(frozen=True, slots=True)
class Due:
    """A moment of an infrastructure's term that people are to be told of."""

    infrastructure_id: int
    company_id: int
    ends_at: datetime
    moment: int


def remind_due(desk: Desk, limit: int = 100) -> int:
    """Remind of the terms whose moments have come, at most `limit` companies, and give how many there were."""
    now = desk.clock()
    with desk.database.read() as connection:
        due = _by_company(_due(connection, now))
        told = _told_today(connection, now) if due else frozenset()
    waiting = [company_id for company_id in sorted(due) if company_id not in told]
    return sum(_remind(desk, ITSELF, company_id) for company_id in waiting[:limit])


def still_due(connection: Connection, delivery: Delivery) -> list[Due]:
    """What a reminder is still about when it is sent: renewed and suspended subscriptions have dropped out."""
    ends = {infrastructure_id: end for infrastructure_id, end, _ in delivery.facts["moments"]}
    moments = {infrastructure_id: moment for infrastructure_id, _, moment in delivery.facts["moments"]}
    rows = connection.execute(_TERMS.where(infrastructures.c.id.in_(ends)).order_by(infrastructures.c.name))
    return [
        Due(row.id, row.company_id, row.ends_at, moments[row.id])
        for row in rows
        if row.ends_at and row.ends_at.isoformat() == ends[row.id] and row.state == "active"
    ]


@intention
def _remind(act: Act, company_id: int) -> bool:
    # Two processes may find the same company at once: the second waits here, and then finds it told.
    held = select(companies.c.id).where(companies.c.id == company_id)
    act.connection.execute(held.with_for_update(key_share=True))
    if company_id in _told_today(act.connection, act.now):
        return False
    due = [each for each in _due(act.connection, act.now, company_id) if _note(act, each)]
    for person, own in _readers(act, due):
        _queue(act, company_id, person, own)
    for each in due:
        facts = {"ends_at": each.ends_at.isoformat(), "moment": each.moment}
        act.record("remind_of_end", "subscription", each.infrastructure_id, **facts)
    return bool(due)


def _queue(act: Act, company_id: int, person: Person, due: Sequence[Due]) -> None:
    day = act.now.date().isoformat()
    queue(
        act,
        "reminder",
        occasion=f"term:{company_id}:{day}:{person.id}",
        # A lane of its own: other messages do not wait for the morning with it.
        lane=f"term:{person.id}",
        person_id=person.id,
        notice="term_reminder",
        facts={"moments": [[each.infrastructure_id, each.ends_at.isoformat(), each.moment] for each in due]},
        due_at=in_the_day(act.now, person.zone),
    )


def _readers(act: Act, due: Collection[Due]) -> Iterator[tuple[Person, list[Due]]]:
    """Who reads of which moments: contacts and admins, or the operators where none of them can be reached."""
    persons: dict[int, Person] = {}
    own: defaultdict[int, list[Due]] = defaultdict(list)
    for each in due:
        told = ends_told_to(act.connection, each.infrastructure_id) or _operators(act)
        for person in told:
            persons[person.id] = person
            own[person.id].append(each)
    for person_id in sorted(persons):
        yield persons[person_id], own[person_id]


def _operators(act: Act) -> list[Person]:
    return [each for each in people.operators(act.connection) if each.reachable]


def _note(act: Act, due: Due) -> bool:
    """Note that a moment is told; tell whether it is news."""
    noted = (
        update(subscriptions)
        .where(
            subscriptions.c.infrastructure_id == due.infrastructure_id,
            subscriptions.c.ends_at == due.ends_at,
            _untold(due.moment),
        )
        .values(told_end=due.ends_at, told_days=due.moment, told_at=act.now)
    )
    return act.connection.execute(noted).rowcount == 1


def _untold(moment: int) -> ColumnElement[bool]:
    return or_(
        subscriptions.c.told_end.is_(None),
        subscriptions.c.told_end != subscriptions.c.ends_at,
        subscriptions.c.told_days > moment,
    )


_TERMS = select(
    infrastructures.c.id,
    infrastructures.c.company_id,
    subscriptions.c.starts_at,
    subscriptions.c.ends_at,
    subscriptions.c.unbroken_since,
    subscriptions.c.grace_days,
    subscriptions.c.state,
    subscriptions.c.told_end,
    subscriptions.c.told_days,
).join(subscriptions, subscriptions.c.infrastructure_id == infrastructures.c.id)


def _due(connection: Connection, now: datetime, company_id: int | None = None) -> list[Due]:
    horizon = now + timedelta(days=max(REMINDED_DAYS))
    query = _TERMS.where(
        subscriptions.c.ends_at <= horizon, subscriptions.c.state == "active", _untold(GRACE_IS_OVER)
    )
    if company_id is not None:
        query = query.where(infrastructures.c.company_id == company_id)
    found = [(row, _moment(row, now)) for row in connection.execute(query.order_by(infrastructures.c.id))]
    return [Due(row.id, row.company_id, row.ends_at, moment) for row, moment in found if moment is not None]


def _moment(row: AnyRow, now: datetime) -> int | None:
    """The moment of a term that has come and was not told yet."""
    term = Term(row.starts_at, row.ends_at, row.unbroken_since, row.grace_days, suspended=False)
    moment = moment_due(term, now)
    told = row.told_end == row.ends_at and moment is not None and row.told_days <= moment
    return None if told else moment


def _by_company(due: Collection[Due]) -> dict[int, list[Due]]:
    found: defaultdict[int, list[Due]] = defaultdict(list)
    for each in due:
        found[each.company_id].append(each)
    return found


def _told_today(connection: Connection, now: datetime) -> frozenset[int]:
    """Companies that had a reminder on this day (UTC); what comes up later is told on the next one."""
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    query = select(infrastructures.c.company_id).join(
        subscriptions,
        and_(subscriptions.c.infrastructure_id == infrastructures.c.id, subscriptions.c.told_at >= midnight),
    )
    return frozenset(connection.execute(query.distinct()).scalars())
