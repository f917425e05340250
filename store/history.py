"""The record as people read it: who may see which entries, newest first, in pages.

Members see what they did and what became of their own requests; administrators and auditors see all of their
infrastructures, and operators see everything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, String, and_, cast, func, literal, or_, select, true

from store import infrastructures as seeing
from store.audit import DESK_CHAIN
from store.entries import Line, entries_of
from store.reach import reach
from store.rules.request_states import request_number
from store.rules.rights import OVERSEERS, HeldRole, RoleName
from store.tables import (
    audit_entries,
    infrastructures,
    persons,
    registrations,
    request_items,
    requests,
    slots,
)

_MOST_REQUESTS = 300  # of one person or slot whose entries are looked for: the newest ones


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first; `older` is what to ask for next, absent when these are the oldest."""

    lines: tuple[Line, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """A slot of whatever state, with the infrastructure that it is or was in."""

    slot_id: int
    name: str
    infrastructure_id: int
    infrastructure_name: str


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed something last, and when; nobody is the desk itself."""

    who: str | None
    at: datetime


def of_person(
    connection: Connection, person_id: int, held: Sequence[HeldRole], before: int | None, limit: int
) -> Page:
    """Everything that somebody may see, up to but without the entry `before`."""
    if any(each.active and each.role is RoleName.OPERATOR for each in held):
        return _page(connection, [true()], before, limit)
    overseen = reach(held, OVERSEERS)
    arms = _own(connection, person_id)
    if not overseen.nowhere:
        chains = select(infrastructures.c.id).where(overseen.condition())
        arms += [audit_entries.c.chain.in_(chains), *_of_companies(overseen.company_ids)]
    return _page(connection, arms, before, limit)


def of_slot(connection: Connection, person_id: int, slot_id: int, before: int | None, limit: int) -> Page:
    """The same about one slot and the requests for it. Raises `NotAssociated`, whether it exists or not."""
    slot = select(slots.c.infrastructure_id).where(slots.c.id == slot_id)
    infrastructure_id = connection.execute(slot).scalar_one_or_none() or 0
    oversees = seeing.seen(connection, person_id, infrastructure_id).rights.oversees
    items = (
        select(request_items.c.request_id)
        .join(registrations, registrations.c.id == request_items.c.registration_id)
        .where(
            registrations.c.infrastructure_id == infrastructure_id,  # which has an index; a slot has none
            registrations.c.slot_id == slot_id,
        )
        .distinct()
    )
    newest = items.order_by(request_items.c.request_id.desc()).limit(_MOST_REQUESTS)
    subjects = [f"slot {slot_id}", *_numbers(connection.execute(newest).scalars())]
    about = audit_entries.c.subject.in_(subjects)
    own = true() if oversees else or_(*_own(connection, person_id))
    return _page(connection, [about & own], before, limit)


def of_infrastructure(
    connection: Connection, person_id: int, infrastructure_id: int, before: int | None, limit: int
) -> Page:
    """The same about one infrastructure. Raises `NotAssociated`, whether it exists or not."""
    oversees = seeing.seen(connection, person_id, infrastructure_id).rights.oversees
    chain = audit_entries.c.chain == infrastructure_id
    own = true() if oversees else or_(*_own(connection, person_id))
    return _page(connection, [chain & own], before, limit)


def last_changes(connection: Connection, slot_ids: Iterable[int]) -> dict[int, Change]:
    """Who last changed each environment, by slot; a license that the desk made changes nothing of it."""
    subjects = {f"slot {each}": each for each in slot_ids}
    newest = (
        select(func.max(audit_entries.c.id))
        .where(
            audit_entries.c.subject.in_(subjects),
            audit_entries.c.action != "issue_license",
            audit_entries.c.action.not_like("refused:%"),
        )
        .group_by(audit_entries.c.subject)
    )
    query = (
        select(audit_entries.c.subject, audit_entries.c.at, persons.c.name)
        .outerjoin(persons, persons.c.id == audit_entries.c.actor_id)
        .where(audit_entries.c.id.in_(newest))
    )
    return {subjects[row.subject]: Change(row.name, row.at) for row in connection.execute(query)}


def find_slots(connection: Connection, held: Iterable[HeldRole], typed: str, limit: int) -> list[SlotPlace]:
    """Slots that somebody sees by name, or by a serial number that was ever registered in them."""
    place = (
        select(slots.c.id, slots.c.name, infrastructures.c.id, infrastructures.c.name)
        .join(infrastructures, infrastructures.c.id == slots.c.infrastructure_id)
        .where(reach(held).condition())
        .order_by(slots.c.id)
        .limit(limit)
    )
    # The infrastructure is named once more, because it has an index of registrations, which a slot has not.
    here = and_(
        registrations.c.slot_id == slots.c.id, registrations.c.infrastructure_id == infrastructures.c.id
    )
    had = place.join(registrations, here).where(registrations.c.serial == typed.upper()).distinct()
    # Asked in one, they would be answered by a look at every slot that there is.
    rows = [
        *connection.execute(place.where(func.lower(slots.c.name) == typed.lower())),
        *connection.execute(had),
    ]
    return [SlotPlace(*row) for row in sorted({tuple(row) for row in rows})[:limit]]


def _own(connection: Connection, person_id: int) -> list[ColumnElement[bool]]:
    """What somebody did, what happened to their requests, and what is about themselves."""
    newest = select(requests.c.id).where(requests.c.requester_id == person_id).order_by(requests.c.id.desc())
    numbers = _numbers(connection.execute(newest.limit(_MOST_REQUESTS)).scalars())
    return [
        audit_entries.c.actor_id == person_id,
        audit_entries.c.subject.in_([*numbers, f"person {person_id}"]),
    ]


def _numbers(request_ids: Iterable[int]) -> list[str]:
    return [f"request {request_number(each)}" for each in request_ids]


def _of_companies(company_ids: Sequence[int]) -> list[ColumnElement[bool]]:
    """What the desk recorded of companies and their people, which is in no infrastructure's chain."""
    own_people = select(literal("person ") + cast(persons.c.id, String)).where(
        persons.c.company_id.in_(company_ids)
    )
    return [
        audit_entries.c.subject.in_([f"company {each}" for each in company_ids]),
        and_(audit_entries.c.chain == DESK_CHAIN, audit_entries.c.subject.in_(own_people)),
    ]


def _page(
    connection: Connection, arms: Sequence[ColumnElement[bool]], before: int | None, limit: int
) -> Page:
    """The newest entries that any of `arms` finds; each is a query of its own, so that each can use its index."""
    found: set[int] = set()
    for arm in arms:
        query = select(audit_entries.c.id).where(arm).order_by(audit_entries.c.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(audit_entries.c.id < before)
        found.update(connection.execute(query).scalars())
    newest = sorted(found, reverse=True)
    shown = newest[:limit]
    older = shown[-1] if len(newest) > limit else None
    return Page(tuple(entries_of(connection, shown)), older)
