"""Who gets re-issued license files: those who look after an infrastructure, and those who have the old ones."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from store import people
from store.people import Holder, Person
from store.rules.request_states import HAS_FILE, RequestKind
from store.rules.rights import Rights, RoleName
from store.tables import licenses, registrations, request_items, requests


@dataclass(frozen=True, slots=True)
class Licensed:
    """An open registration that has a license, with its registrant and the newest license."""

    registration_id: int
    registrant_id: int
    license_id: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets files, and which licenses they are; in Slack or not."""

    person: Person
    license_ids: tuple[int, ...]


def licensed(connection: Connection, infrastructure_id: int, after: int = 0) -> list[Licensed]:
    """The open registrations whose newest license has an id above `after`, in the order of their ids."""
    newest = func.max(licenses.c.id)
    query = (
        select(registrations.c.id, registrations.c.registrant_id, newest)
        .join(licenses, licenses.c.registration_id == registrations.c.id)
        .where(registrations.c.infrastructure_id == infrastructure_id, registrations.c.state == "open")
        .group_by(registrations.c.id, registrations.c.registrant_id)
        .having(newest > after)
        .order_by(registrations.c.id)
    )
    return [Licensed(*row) for row in connection.execute(query)]


def has_licensed(connection: Connection, infrastructure_id: int) -> bool:
    """Whether an infrastructure has an open registration with a license."""
    open_here = (registrations.c.infrastructure_id == infrastructure_id, registrations.c.state == "open")
    query = select(registrations.c.id).join(licenses, licenses.c.registration_id == registrations.c.id)
    return connection.execute(query.where(*open_here).limit(1)).first() is not None


def recipients(
    connection: Connection, infrastructure_id: int, files: Collection[Licensed]
) -> list[Recipient]:
    """Who gets which of these files, by name.

    The technical contact, or else the infrastructure administrators, get all of them; each registrant gets those
    of their own registrations while they have a role that registers. Without the right to files they get what
    was forwarded to them once: a re-issue replaces it, so that nobody is asked again.
    """
    held = people.holders(connection, infrastructure_id, frozenset(RoleName))
    active = [each for each in held if each.active and each.person.active]
    persons = {each.person.id: each.person for each in active}
    found: defaultdict[int, set[int]] = defaultdict(set)
    for each in _overseers(active):
        found[each.person.id].update(file.license_id for file in files)
    direct, asking = _registering(active)
    given = _given(connection, infrastructure_id) if asking else frozenset()
    for file in files:
        own = (file.registration_id, file.registrant_id)
        if file.registrant_id in direct or (file.registrant_id in asking and own in given):
            found[file.registrant_id].add(file.license_id)
    chosen = [Recipient(persons[each], tuple(sorted(ids))) for each, ids in found.items() if ids]
    return sorted(chosen, key=lambda each: (each.person.name, each.person.id))


def _overseers(active: Collection[Holder]) -> list[Holder]:
    for role in (RoleName.TECHNICAL_CONTACT, RoleName.INFRASTRUCTURE_ADMIN):
        found = [each for each in active if each.role is role and each.person.reachable]
        if found:
            return found
    return []


def _registering(active: Collection[Holder]) -> tuple[frozenset[int], frozenset[int]]:
    """Those who get files directly, and those who ask for them."""
    roles: defaultdict[int, set[RoleName]] = defaultdict(set)
    for each in active:
        roles[each.person.id].add(each.role)
    rights = {person_id: Rights(frozenset(held)) for person_id, held in roles.items()}
    direct = frozenset(each for each, right in rights.items() if right.gets_files_directly)
    return direct, frozenset(each for each, right in rights.items() if right.registers) - direct


def _given(connection: Connection, infrastructure_id: int) -> frozenset[tuple[int, int]]:
    """Registrations with the people to whom a license of theirs was given."""
    registration = func.coalesce(request_items.c.reserved_id, request_items.c.registration_id)
    query = (
        select(registration, request_items.c.requester_id)
        .join(requests, requests.c.id == request_items.c.request_id)
        .where(
            requests.c.infrastructure_id == infrastructure_id,
            requests.c.kind != str(RequestKind.RELEASE),
            request_items.c.state.in_([str(each) for each in HAS_FILE]),
        )
    )
    return frozenset((row[0], row[1]) for row in connection.execute(query))
