"""What menus offer while somebody types: what they see of infrastructures, environments and slots, best matches first.

Every word typed has to be found. A menu holds a hundred choices, so that nothing asks for more.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, and_, case, func, or_, select

from store.reach import reach
from store.rules.environments import EnvironmentType
from store.rules.rights import HeldRole, RoleName
from store.slots import OPEN
from store.tables import companies, infrastructures, registrations, slots

MOST: Final = 100
_MOST_WORDS: Final = 6
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Place:
    """An infrastructure to choose."""

    id: int
    name: str
    company_name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A registered environment to choose, by its registration's id."""

    id: int
    slot_name: str
    environment_type: EnvironmentType
    serial: str
    infrastructure_name: str


def places(
    connection: Connection,
    held: Iterable[HeldRole],
    roles: Collection[RoleName],
    typed: str,
    *,
    on_premises: bool = False,
) -> list[Place]:
    """Infrastructures in which somebody has one of these roles, whose name, company or activation code fits."""
    within = reach(held, roles)
    if within.nowhere:
        return []
    columns = (infrastructures.c.name, companies.c.name, infrastructures.c.activation_code)
    query = (
        select(infrastructures.c.id, infrastructures.c.name, companies.c.name.label("company_name"))
        .join(companies, companies.c.id == infrastructures.c.company_id)
        .where(within.condition(), _has(typed, columns))
        .order_by(*_best(typed, infrastructures.c.name), companies.c.name, infrastructures.c.name)
        .limit(MOST)
    )
    if on_premises:
        query = query.where(infrastructures.c.hosting != "cloud")
    return [Place(*row) for row in connection.execute(query)]


def environments(
    connection: Connection,
    held: Sequence[HeldRole],
    roles: Collection[RoleName],
    typed: str,
    infrastructure_id: int | None = None,
    kind: EnvironmentType | None = None,
) -> list[Choice]:
    """Registered environments where somebody has one of these roles, by name, serial number or infrastructure.

    With an infrastructure only those in it, and with a type only those of the type.
    """
    within = reach(held, roles)
    if within.nowhere:
        return []
    columns = (slots.c.name, registrations.c.serial, infrastructures.c.name)
    query = (
        select(
            registrations.c.id,
            slots.c.name,
            slots.c.environment_type,
            registrations.c.serial,
            infrastructures.c.name,
        )
        .join(slots, slots.c.id == registrations.c.slot_id)
        .join(infrastructures, infrastructures.c.id == registrations.c.infrastructure_id)
        .where(OPEN, within.condition(), _has(typed, columns))
        .order_by(*_best(typed, slots.c.name), infrastructures.c.name, slots.c.name, registrations.c.id)
        .limit(MOST)
    )
    if infrastructure_id is not None:
        query = query.where(registrations.c.infrastructure_id == infrastructure_id)
    elif within.everywhere:
        query = query.where(_narrowed(connection, held, roles, typed))
    if kind is not None:
        query = query.where(slots.c.environment_type == kind)
    return [
        Choice(each, name, EnvironmentType(kind), serial, place)
        for each, name, kind, serial, place in connection.execute(query)
    ]


def free_slots(
    connection: Connection, infrastructure_id: int, kind: EnvironmentType, typed: str
) -> list[tuple[int, str]]:
    """Ids and names of free slots of a type."""
    taken = and_(registrations.c.slot_id == slots.c.id, OPEN)
    query = (
        select(slots.c.id, slots.c.name)
        .select_from(slots.outerjoin(registrations, taken))
        .where(
            slots.c.infrastructure_id == infrastructure_id,
            slots.c.environment_type == kind,
            slots.c.removed_at.is_(None),
            registrations.c.id.is_(None),
            _has(typed, (slots.c.name,)),
        )
        .order_by(*_best(typed, slots.c.name), slots.c.id)
        .limit(MOST)
    )
    return [(row.id, row.name) for row in connection.execute(query)]


def slots_of(
    connection: Connection, infrastructure_id: int, typed: str
) -> list[tuple[int, str, EnvironmentType]]:
    """Ids, names and types of slots of an infrastructure, free or taken, by name."""
    query = (
        select(slots.c.id, slots.c.name, slots.c.environment_type)
        .where(
            slots.c.infrastructure_id == infrastructure_id,
            slots.c.removed_at.is_(None),
            _has(typed, (slots.c.name,)),
        )
        .order_by(*_best(typed, slots.c.name), slots.c.id)
        .limit(MOST)
    )
    return [(row.id, row.name, EnvironmentType(row.environment_type)) for row in connection.execute(query)]


def _words(typed: str) -> list[str]:
    # No database looks for a zero character in a text.
    return typed[:_LONGEST].replace("\0", " ").split()[:_MOST_WORDS]


def _has(typed: str, columns: Collection[Column[Any]]) -> ColumnElement[bool]:
    """Whether each word typed is in one of the columns, in any case; what stands for anything has no meaning."""
    found = [or_(*(each.icontains(word, autoescape=True) for each in columns)) for word in _words(typed)]
    return and_(True, *found)


def _best(typed: str, name: Column[Any]) -> list[ColumnElement[Any]]:
    """The whole name first, then names that begin with what was typed."""
    wanted = " ".join(_words(typed)).lower()
    if not wanted:
        return []
    begins = func.lower(name).startswith(wanted, autoescape=True)
    return [case((func.lower(name) == wanted, 0), (begins, 1), else_=2)]


def _narrowed(
    connection: Connection, held: Iterable[HeldRole], roles: Collection[RoleName], typed: str
) -> ColumnElement[bool]:
    """Somebody who sees everything does not have all of it looked through.

    Their words name an infrastructure or a company, or are the beginning of a serial number.
    """
    named = [each.id for word in _words(typed) for each in places(connection, held, roles, word)]
    if not _words(typed):
        named = [each.id for each in places(connection, held, roles, "")]
    begin = "".join(_words(typed)).upper()
    serial = and_(registrations.c.serial >= begin, registrations.c.serial < f"{begin}~")
    in_named = registrations.c.infrastructure_id.in_(named)
    return or_(in_named, serial) if begin else in_named
