"""Who is there to do something at a moment, and what there is to do it with; read from the database."""

from typing import Any

from sqlalchemy import and_, exists, or_, select

from store.tables import asked, infrastructures, persons, registrations, request_items, requests, roles, slots
from tests.year.company import slack_id
from tests.year.town import Town

_SHOWN = (registrations.c.id, registrations.c.serial, registrations.c.slot_id, slots.c.environment_type)


def holders(town: Town, place: str, *names: str) -> list[str]:
    """The first names of those who hold one of these roles in a place now, or in the whole company."""
    infrastructure = town.places[place]
    query = (
        select(persons.c.slack_id)
        .join(roles, roles.c.person_id == persons.c.id)
        .where(roles.c.role.in_(names), roles.c.held_until.is_(None), roles.c.state == "active")
        .where(or_(roles.c.infrastructure_id == infrastructure, roles.c.infrastructure_id.is_(None)))
        .where(persons.c.active)
        .distinct()
        .order_by(persons.c.slack_id)
    )
    with town.desk.database.read() as connection:
        return [_name(each) for each in connection.execute(query).scalars()]


def resting_roles(town: Town, name: str) -> list[int]:
    """The roles of somebody that rest, by id."""
    resting = (
        roles.c.person_id == town.people[name],
        roles.c.state == "resting",
        roles.c.held_until.is_(None),
    )
    with town.desk.database.read() as connection:
        return list(connection.execute(select(roles.c.id).where(*resting).order_by(roles.c.id)).scalars())


def registered(town: Town, place: str) -> list[Any]:
    """The open registrations of a place for which no serial change waits: `id`, `serial`, `slot_id` and type."""
    changing = exists().where(
        request_items.c.registration_id == registrations.c.id,
        request_items.c.state == "pending",
        request_items.c.reserved_id.is_not(None),
    )
    query = (
        select(*_SHOWN)
        .join(slots, slots.c.id == registrations.c.slot_id)
        .where(registrations.c.infrastructure_id == town.places[place], registrations.c.state == "open")
        .where(~changing)
        .order_by(registrations.c.id)
    )
    with town.desk.database.read() as connection:
        return list(connection.execute(query).all())


def free_slots(town: Town, place: str) -> list[int]:
    """The slots of a place that are free, by id."""
    taken = exists().where(registrations.c.slot_id == slots.c.id, registrations.c.state == "open")
    query = select(slots.c.id).where(slots.c.infrastructure_id == town.places[place], ~taken)
    with town.desk.database.read() as connection:
        return list(
            connection.execute(query.where(slots.c.removed_at.is_(None)).order_by(slots.c.id)).scalars()
        )


def waiting(town: Town) -> list[Any]:
    """The requests that wait with a card, each with the working hours of its infrastructure."""
    pending = exists().where(request_items.c.request_id == requests.c.id, request_items.c.state == "pending")
    query = (
        select(*requests.c, infrastructures.c.working_hours)
        .join(infrastructures, infrastructures.c.id == requests.c.infrastructure_id)
        .where(pending, requests.c.first_posted_at.is_not(None))
    )
    with town.desk.database.read() as connection:
        return list(connection.execute(query).all())


def newest_request(town: Town) -> int:
    """The id of the newest request, 0 when there is none."""
    with town.desk.database.read() as connection:
        query = select(requests.c.id).order_by(requests.c.id.desc()).limit(1)
        return connection.execute(query).scalar_one_or_none() or 0


def pending_items(town: Town, request_id: int) -> list[Any]:
    """The items of a request that wait."""
    query = select(request_items).where(
        request_items.c.request_id == request_id, request_items.c.state == "pending"
    )
    with town.desk.database.read() as connection:
        return list(connection.execute(query.order_by(request_items.c.id)).all())


def asked_people(town: Town, request_id: int) -> list[str]:
    """Those who were asked, were reached and are still there, by first name."""
    here = and_(asked.c.request_id == request_id, asked.c.reached, persons.c.active)
    query = select(persons.c.slack_id).join(asked, asked.c.person_id == persons.c.id).where(here)
    with town.desk.database.read() as connection:
        return [_name(each) for each in connection.execute(query.order_by(persons.c.slack_id)).scalars()]


def _name(found: str | None) -> str:
    return (found or "").removeprefix(slack_id("")).lower()
