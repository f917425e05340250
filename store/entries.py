"""Entries of the record with the names that their ids mean today, joined when they are read.

Names are no part of the chain, so that a person can be erased without breaking it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Table, select

from store.database import AnyRow
from store.rules.environments import EnvironmentType
from store.rules.errors import FieldError
from store.rules.request_states import request_id
from store.tables import (
    audit_entries,
    companies,
    infrastructures,
    persons,
    products,
    registrations,
    request_items,
    requests,
    slots,
)

PEOPLE = frozenset({"recipient", "decider", "asked", "person", "successor", "contact", "stand_in"})
"""Facts that are ids of people, one or several."""
REGISTRATIONS = frozenset({"registration", "replaces"})
"""Facts that are ids of registrations."""
_NAMED: Mapping[str, Table] = {
    "person": persons,
    "company": companies,
    "infrastructure": infrastructures,
    "product": products,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry with its names.

    `subject` is what it is about as it was recorded, such as "slot 17"; `about` the names that people know that
    by: a slot's, or those of the environments of a request that it speaks of. `requester` is who made that
    request. `people` and `serials` are what the ids among `facts` mean, by the fact's name. A name that is absent
    was erased.
    """

    id: int
    chain: int
    position: int
    at: datetime
    actor_id: int | None
    actor: str | None
    source: str
    action: str
    subject: str
    about: tuple[str, ...]
    requester: str | None
    infrastructure: str | None
    company: str | None
    facts: Mapping[str, object]
    people: Mapping[str, tuple[str, ...]]
    serials: Mapping[str, str]
    previous: str
    hash: str


def entries_of(connection: Connection, ids: Collection[int]) -> list[Line]:
    """These entries with their names, newest first."""
    query = select(audit_entries).where(audit_entries.c.id.in_(ids)).order_by(audit_entries.c.id.desc())
    return lines(connection, connection.execute(query).all())


def lines(connection: Connection, rows: Collection[AnyRow]) -> list[Line]:
    """The names for some entries, with a few queries however many they are."""
    names = _Names(connection, rows)
    return [names.line(row) for row in rows]


class _Names:
    """Everything that the ids in some entries mean."""

    def __init__(self, connection: Connection, rows: Collection[AnyRow]) -> None:
        self._connection = connection
        self._subjects = {kind: set(self._ids(rows, kind)) for kind in _NAMED}
        self._people = self._named(persons, _person_ids(rows) | self._subjects["person"])
        self._infrastructures = self._places(rows)
        self._slots = self._of_slots(set(self._ids(rows, "slot")))
        self._requests = self._of_requests({_request_id(row) for row in rows} - {0})
        self._serials = self._of_registrations(_fact_ids(rows, REGISTRATIONS))
        self._others = {
            kind: self._named(table, self._subjects[kind])
            for kind, table in _NAMED.items()
            if kind != "person"
        }

    def line(self, row: AnyRow) -> Line:
        place, company = self._infrastructures.get(row.infrastructure_id, (None, None))
        about, requester = self._about(row)
        return Line(
            row.id,
            row.chain,
            row.position,
            row.at,
            row.actor_id,
            self._people.get(row.actor_id),
            row.source,
            row.action,
            row.subject,
            about,
            requester,
            place,
            company,
            row.facts,
            {
                name: tuple(self._people[each] for each in _listed(value) if each in self._people)
                for name, value in row.facts.items()
                if name in PEOPLE
            },
            {
                name: self._serials[value]
                for name, value in row.facts.items()
                if name in REGISTRATIONS and value in self._serials
            },
            row.previous,
            row.hash,
        )

    def _about(self, row: AnyRow) -> tuple[tuple[str, ...], str | None]:
        kind, _, key = row.subject.partition(" ")
        if kind == "request":
            return self._of_request(row)
        if not key.isdecimal():
            return (), None
        known = (
            self._slots
            if kind == "slot"
            else self._people
            if kind == "person"
            else self._others.get(kind, {})
        )
        name = known.get(int(key))
        return ((name,) if name else ()), None

    def _of_request(self, row: AnyRow) -> tuple[tuple[str, ...], str | None]:
        """The environments of the items that an entry names, or of the whole request where it names none."""
        named, requester = self._requests.get(_request_id(row), ({}, None))
        chosen = _listed(row.facts.get("items")) or named
        return tuple(named[each] for each in chosen if each in named), requester

    @staticmethod
    def _ids(rows: Iterable[AnyRow], kind: str) -> Iterator[int]:
        for row in rows:
            found, _, key = row.subject.partition(" ")
            if found == kind and key.isdecimal():
                yield int(key)

    def _named(self, table: Table, ids: Collection[int]) -> dict[int, str]:
        return dict(self._pairs(table.c.id, table.c.name, ids))

    def _pairs(self, key: Column[int], name: Column[str], ids: Collection[int]) -> Iterator[tuple[int, str]]:
        for row in self._connection.execute(select(key, name).where(key.in_(ids))) if ids else ():
            yield row[0], row[1]

    def _places(self, rows: Iterable[AnyRow]) -> dict[int, tuple[str, str]]:
        ids = {row.infrastructure_id for row in rows} - {None}
        query = (
            select(infrastructures.c.id, infrastructures.c.name, companies.c.name)
            .join(companies, companies.c.id == infrastructures.c.company_id)
            .where(infrastructures.c.id.in_(ids))
        )
        return {row[0]: (row[1], row[2]) for row in self._connection.execute(query)} if ids else {}

    def _of_slots(self, ids: Collection[int]) -> dict[int, str]:
        query = select(slots.c.id, slots.c.name, slots.c.environment_type).where(slots.c.id.in_(ids))
        rows = self._connection.execute(query) if ids else ()
        return {row.id: _environment(row.name, row.environment_type) for row in rows}

    def _of_requests(self, ids: Collection[int]) -> dict[int, tuple[dict[int, str], str | None]]:
        """The environments of each request, by item, and who made it."""
        if not ids:
            return {}
        query = (
            select(requests.c.id, persons.c.name, request_items.c.id, slots.c.name, slots.c.environment_type)
            .join(persons, persons.c.id == requests.c.requester_id)
            .join(request_items, request_items.c.request_id == requests.c.id)
            .join(registrations, registrations.c.id == request_items.c.registration_id)
            .join(slots, slots.c.id == registrations.c.slot_id)
            .where(requests.c.id.in_(ids))
            .order_by(request_items.c.id)
        )
        found: dict[int, tuple[dict[int, str], str | None]] = {}
        for each, requester, item, name, kind in self._connection.execute(query):
            named, _ = found.setdefault(each, ({}, requester))
            named[item] = _environment(name, kind)
        return found

    def _of_registrations(self, ids: Collection[int]) -> dict[int, str]:
        return dict(self._pairs(registrations.c.id, registrations.c.serial, ids))


def _environment(name: str, environment_type: str) -> str:
    return f"{name} ({EnvironmentType(environment_type).short})"


def _request_id(row: AnyRow) -> int:
    kind, _, number = row.subject.partition(" ")
    if kind != "request":
        return 0
    try:
        return request_id(number)
    except FieldError:
        return 0


def _person_ids(rows: Iterable[AnyRow]) -> set[int]:
    return ({row.actor_id for row in rows} - {None}) | _fact_ids(rows, PEOPLE)


def _fact_ids(rows: Iterable[AnyRow], names: Collection[str]) -> set[int]:
    return {
        each for row in rows for name, value in row.facts.items() if name in names for each in _listed(value)
    }


def _listed(value: object) -> list[int]:
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, int)]
