"""Slots with their open registrations: what people call environments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, literal_column, or_, select

from store.database import AnyRow, AnySelect
from store.reach import Reach
from store.rules.environments import EnvironmentType
from store.tables import infrastructures, licenses, registrations, slots

# Written into the statement, since SQLite uses a partial index only for a condition it can see; for a parameter
# it would look at the value, and plan anew each time.
OPEN: ColumnElement[bool] = registrations.c.state == literal_column("'open'")
RESERVED_OR_OPEN: ColumnElement[bool] = registrations.c.state.in_(
    (literal_column("'reserved'"), literal_column("'open'"))
)


@dataclass(frozen=True, slots=True)
class Registration:
    """A serial number and a platform version in a slot."""

    id: int
    slot_id: int
    infrastructure_id: int
    serial: str
    platform_version: str
    registrant_id: int
    registered_at: datetime
    state: str
    replaces_id: int | None


@dataclass(frozen=True, slots=True)
class Environment:
    """A slot with its registration, or without one while it is free."""

    slot_id: int
    slot_name: str
    environment_type: EnvironmentType
    infrastructure_id: int
    registration: Registration | None


class Capacity(NamedTuple):
    """How many slots of a type there are, and how many are taken."""

    environment_type: EnvironmentType
    total: int
    taken: int

    @property
    def free(self) -> int:
        """How many can still be registered in."""
        return self.total - self.taken


def of_infrastructure(connection: Connection, infrastructure_id: int) -> list[Environment]:
    """Every slot of an infrastructure, by type and name."""
    return of_infrastructures(connection, [infrastructure_id])


def of_infrastructures(connection: Connection, infrastructure_ids: Sequence[int]) -> list[Environment]:
    """Every slot of several infrastructures, by infrastructure, type and name."""
    query = _query().where(slots.c.infrastructure_id.in_(infrastructure_ids), slots.c.removed_at.is_(None))
    found = [_environment(row) for row in connection.execute(query)]
    order = list(EnvironmentType)
    return sorted(
        found, key=lambda each: (each.infrastructure_id, order.index(each.environment_type), each.slot_id)
    )


def capacity(connection: Connection, infrastructure_ids: Collection[int]) -> dict[int, list[Capacity]]:
    """Total and taken slots by type, for each infrastructure that has any, in the order of the types."""
    by_infrastructure: dict[int, dict[str, Capacity]] = {}
    for infrastructure_id, name, total, taken in connection.execute(
        _CAPACITY, {"ids": list(infrastructure_ids)}
    ):
        counted = Capacity(EnvironmentType(name), total, taken)
        by_infrastructure.setdefault(infrastructure_id, {})[name] = counted
    return {
        each: [counts[name] for name in EnvironmentType if name in counts]
        for each, counts in by_infrastructure.items()
    }


def hold(connection: Connection, slot_id: int) -> None:
    """Keep a slot until the transaction ends, so that it is not removed while somebody registers in it."""
    query = select(slots.c.id).where(slots.c.id == slot_id)
    connection.execute(query.with_for_update(read=True)).all()


def hold_all(connection: Connection, slot_ids: Collection[int]) -> dict[int, Environment]:
    """Keep several slots like `hold`, and give those that there are, by id."""
    held = select(slots.c.id).where(slots.c.id.in_(slot_ids)).order_by(slots.c.id)
    connection.execute(held.with_for_update(read=True)).all()
    query = _query().where(slots.c.id.in_(slot_ids), slots.c.removed_at.is_(None))
    return {row.slot: _environment(row) for row in connection.execute(query)}


def named(connection: Connection, infrastructure_id: int, names: Collection[str]) -> dict[str, int]:
    """The ids of an infrastructure's slots with these names, by name."""
    query = select(slots.c.name, slots.c.id).where(
        slots.c.infrastructure_id == infrastructure_id, slots.c.name.in_(names), slots.c.removed_at.is_(None)
    )
    return {row.name: row.id for row in connection.execute(query)}


def free_after(
    connection: Connection, infrastructure_id: int, kind: EnvironmentType, after: int, limit: int
) -> list[Environment]:
    """The first free slots of a type in the order of their ids, of those behind the id `after`."""
    query = _query().where(
        slots.c.infrastructure_id == infrastructure_id,
        slots.c.environment_type == kind,
        slots.c.removed_at.is_(None),
        slots.c.id > after,
        registrations.c.id.is_(None),
    )
    return [_environment(row) for row in connection.execute(query.order_by(slots.c.id).limit(limit))]


def get_slot(connection: Connection, slot_id: int) -> Environment | None:
    """One slot, or `None` when there is none of that id or it was removed."""
    row = connection.execute(
        _query().where(slots.c.id == slot_id, slots.c.removed_at.is_(None))
    ).one_or_none()
    return None if row is None else _environment(row)


def environment_of(connection: Connection, registration_id: int) -> Environment:
    """The slot of a registration with that registration in it, whatever its state."""
    query = (
        select(*_SLOT, *_REGISTRATION)
        .select_from(slots.join(registrations, registrations.c.slot_id == slots.c.id))
        .where(registrations.c.id == registration_id)
    )
    return _environment(connection.execute(query).one())


def environments_of(connection: Connection, registration_ids: Collection[int]) -> dict[int, Environment]:
    """The same for several registrations, by registration id."""
    query = (
        select(*_SLOT, *_REGISTRATION)
        .select_from(slots.join(registrations, registrations.c.slot_id == slots.c.id))
        .where(registrations.c.id.in_(registration_ids))
    )
    return {row.registration_id: _environment(row) for row in connection.execute(query)}


def find(connection: Connection, infrastructure_ids: Collection[int], text: str) -> list[Environment]:
    """Registered environments of these infrastructures whose serial or slot name is `text`, in any case."""
    wanted = text.strip()
    query = _query().where(
        slots.c.infrastructure_id.in_(infrastructure_ids),
        slots.c.removed_at.is_(None),
        registrations.c.id.is_not(None),
        or_(registrations.c.serial == wanted.upper(), func.lower(slots.c.name) == wanted.lower()),
    )
    return [_environment(row) for row in connection.execute(query.order_by(slots.c.id))]


def within(connection: Connection, reached: Reach, limit: int, name: str = "") -> list[Environment]:
    """The first registered environments on premises within a reach, however far that is; with a name those in slots
    that are called so, in any case.
    """
    places = select(infrastructures.c.id).where(reached.condition(), infrastructures.c.hosting != "cloud")
    query = _query().where(
        slots.c.infrastructure_id.in_(places), slots.c.removed_at.is_(None), registrations.c.id.is_not(None)
    )
    if name:
        query = query.where(func.lower(slots.c.name) == name.strip().lower())
    return [_environment(row) for row in connection.execute(query.order_by(slots.c.id).limit(limit))]


def registered(connection: Connection, infrastructure_ids: Collection[int], limit: int) -> list[Environment]:
    """The first registered environments of these infrastructures, by infrastructure and slot."""
    query = _query().where(
        slots.c.infrastructure_id.in_(infrastructure_ids),
        slots.c.removed_at.is_(None),
        registrations.c.id.is_not(None),
    )
    ordered = query.order_by(slots.c.infrastructure_id, slots.c.id).limit(limit)
    return [_environment(row) for row in connection.execute(ordered)]


def license_ends(connection: Connection, registration_ids: Collection[int]) -> dict[int, datetime | None]:
    """End of the term of each registration's newest license; registrations without a license are absent."""
    query = (
        select(licenses.c.registration_id, licenses.c.license_end)
        .where(licenses.c.registration_id.in_(registration_ids))
        .order_by(licenses.c.seq)
    )
    return {row.registration_id: row.license_end for row in connection.execute(query)}


_SLOT = (slots.c.id.label("slot"), slots.c.name, slots.c.environment_type, slots.c.infrastructure_id)
_REGISTRATION = (
    registrations.c.id.label("registration_id"),
    registrations.c.slot_id,
    registrations.c.serial,
    registrations.c.platform_version,
    registrations.c.registrant_id,
    registrations.c.registered_at,
    registrations.c.state,
    registrations.c.replaces_id,
)


def _open_in_slot() -> ColumnElement[bool]:
    return and_(registrations.c.slot_id == slots.c.id, OPEN)


# Built once: it is part of the most frequent answer, and building a statement takes longer than running it.
_CAPACITY = (
    select(
        slots.c.infrastructure_id,
        slots.c.environment_type,
        func.count(slots.c.id),
        func.count(registrations.c.id),
    )
    .select_from(slots.outerjoin(registrations, _open_in_slot()))
    .where(slots.c.infrastructure_id.in_(bindparam("ids", expanding=True)), slots.c.removed_at.is_(None))
    .group_by(slots.c.infrastructure_id, slots.c.environment_type)
)


def _query() -> AnySelect:
    return select(*_SLOT, *_REGISTRATION).select_from(slots.outerjoin(registrations, _open_in_slot()))


def _environment(row: AnyRow) -> Environment:
    return Environment(
        row.slot, row.name, EnvironmentType(row.environment_type), row.infrastructure_id, _registration(row)
    )


def _registration(row: AnyRow) -> Registration | None:
    if row.registration_id is None:
        return None
    return Registration(
        row.registration_id,
        row.slot_id,
        row.infrastructure_id,
        row.serial,
        row.platform_version,
        row.registrant_id,
        row.registered_at,
        row.state,
        row.replaces_id,
    )
