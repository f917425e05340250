"""Stand-ins as rows: who decides for whom, from when until when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from store import people
from store.database import AnyRow
from store.desk import Act
from store.people import Person
from store.rules.rights import CONTACTS
from store.tables import stand_ins


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who decides for a contact from `starts_at` until before `ends_at`."""

    id: int
    infrastructure_id: int
    contact: Person
    person: Person
    starts_at: datetime
    ends_at: datetime


def of_infrastructure(connection: Connection, infrastructure_id: int, now: datetime) -> list[StandIn]:
    """The stand-ins of an infrastructure that are not over, the next to begin first."""
    return _read(connection, stand_ins.c.infrastructure_id == infrastructure_id, stand_ins.c.ends_at > now)


def find(connection: Connection, stand_in_id: int, now: datetime) -> StandIn | None:
    """One that is not over, or None."""
    return next(iter(_read(connection, stand_ins.c.id == stand_in_id, stand_ins.c.ends_at > now)), None)


def add(
    act: Act, infrastructure_id: int, contact_id: int, person_id: int, starts_at: datetime, ends_at: datetime
) -> StandIn:
    """Write a stand-in."""
    values = {
        "infrastructure_id": infrastructure_id,
        "contact_id": contact_id,
        "person_id": person_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    made = act.connection.execute(insert(stand_ins).values(values).returning(stand_ins.c.id)).scalar_one()
    return _read(act.connection, stand_ins.c.id == made)[0]


def end(act: Act, *conditions: ColumnElement[bool]) -> list[int]:
    """End stand-ins that meet these conditions and are not over; those that had not begun are forgotten.

    Gives their ids.
    """
    later = act.connection.execute(
        delete(stand_ins).where(*conditions, stand_ins.c.starts_at > act.now).returning(stand_ins.c.id)
    )
    ended = list(later.scalars())
    running = update(stand_ins).where(*conditions, stand_ins.c.ends_at > act.now).values(ends_at=act.now)
    return sorted([*ended, *act.connection.execute(running.returning(stand_ins.c.id)).scalars()])


def end_of_contact(act: Act, contact_id: int, infrastructure_id: int) -> None:
    """End every stand-in of somebody who is no contact of an infrastructure any more."""
    if not is_contact(act.connection, contact_id, infrastructure_id):
        end(act, stand_ins.c.contact_id == contact_id, stand_ins.c.infrastructure_id == infrastructure_id)


def is_contact(connection: Connection, person_id: int, infrastructure_id: int) -> bool:
    """Whether somebody is an active contact of an infrastructure."""
    return bool(people.rights_in(connection, person_id, infrastructure_id).roles & CONTACTS)


def _read(connection: Connection, *conditions: ColumnElement[bool]) -> list[StandIn]:
    query = select(*stand_ins.c).where(*conditions).order_by(stand_ins.c.starts_at, stand_ins.c.id)
    rows = connection.execute(query).all()
    known = people.get_many(connection, {each for row in rows for each in (row.contact_id, row.person_id)})
    return [_stand_in(row, known) for row in rows]


def _stand_in(row: AnyRow, known: dict[int, Person]) -> StandIn:
    return StandIn(
        row.id,
        row.infrastructure_id,
        known[row.contact_id],
        known[row.person_id],
        row.starts_at,
        row.ends_at,
    )
