"""Steps that the tests of requests share: registering, asking, and looking at what came of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Executable, func, insert, select, update

from store import keys, registrations, requests
from store.desk import Actor, Desk, intention
from store.escalation import ITSELF
from store.new_requests import Outcome
from store.request_views import RequestView, view
from store.tables import audit_entries, deliveries, persons, request_items, roles
from store.tables import registrations as registration_rows
from tests.example import START, Example, serial

VERSION = "11.17.0 (Build 36348)"


def change(desk: Desk, *statements: Executable) -> None:
    """Change rows behind the desk's back, as another process would."""
    with desk.database.write() as connection:
        for each in statements:
            connection.execute(each)


def make_key(desk: Desk) -> None:
    """See that there is an active signing key."""
    with desk.database.write() as connection:
        if not keys.list_keys(connection):
            keys.init(connection, desk.vault, desk.clock())


def registered(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    """Register an environment, and give the registration's id."""
    made = registrations.register(desk, Actor(person), slot, serial(number), VERSION)
    assert made.environment.registration is not None
    return made.environment.registration.id


def ask(
    desk: Desk, person: int, *registration_ids: int, reason: str = "upgrade", key: str | None = None
) -> Outcome:
    """Ask for license files."""
    return requests.ask(desk, Actor(person), registration_ids, reason, key)


def put(desk: Desk, person: int, *registration_ids: int) -> int:
    """Ask for license files that others decide, and give the request's id."""
    outcome = ask(desk, person, *registration_ids)
    assert outcome.request_id is not None
    assert outcome.put
    return outcome.request_id


def first_posted(desk: Desk, request_id: int) -> None:
    """Start the deadline, as the courier does with the first card."""
    intention(requests.post_first)(desk, ITSELF, request_id)


def nobody_reached(desk: Desk, request_id: int) -> None:
    """Report that no card arrived, as the courier does."""
    intention(requests.put_to_next_step)(desk, ITSELF, request_id)


def seen(desk: Desk, request_id: int) -> RequestView:
    """The request as it is now."""
    with desk.database.read() as connection:
        return view(connection, request_id)


def states(desk: Desk, request_id: int) -> list[str]:
    """The states of a request's items."""
    return [str(each.state) for each in seen(desk, request_id).items]


def count(desk: Desk, table: Any) -> int:
    """How many rows a table has."""
    with desk.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def queued(desk: Desk, kind: str) -> list[Any]:
    """Deliveries of a kind, oldest first."""
    with desk.database.read() as connection:
        query = select(deliveries).where(deliveries.c.kind == kind).order_by(deliveries.c.id)
        return list(connection.execute(query).all())


def told(desk: Desk, notice: str) -> list[int | None]:
    """Who was sent a notice, in order."""
    return [row.person_id for row in queued(desk, "notice") if row.notice == notice]


def replies(desk: Desk, request_id: int) -> set[str]:
    """What was said in the threads of a request's cards."""
    return {row.notice for row in queued(desk, "reply") if row.request_id == request_id}


def card_targets(desk: Desk, request_id: int, version: int) -> set[int | str]:
    """Where a version of a card is drawn: people by id, channels by Slack's id."""
    cards = [row for row in queued(desk, "card") if row.request_id == request_id]
    return {row.channel or row.person_id for row in cards if row.facts["version"] == version}


def entries(desk: Desk, action: str) -> list[Any]:
    """Audit entries of an action, oldest first."""
    with desk.database.read() as connection:
        query = select(audit_entries).where(audit_entries.c.action == action).order_by(audit_entries.c.id)
        return list(connection.execute(query).all())


def item_state(desk: Desk, item_id: int) -> str:
    """The state of one item."""
    with desk.database.read() as connection:
        query = select(request_items.c.state).where(request_items.c.id == item_id)
        return str(connection.execute(query).scalar_one())


def registration_state(desk: Desk, registration_id: int) -> str:
    """The state of a registration."""
    with desk.database.read() as connection:
        query = select(registration_rows.c.state).where(registration_rows.c.id == registration_id)
        return str(connection.execute(query).scalar_one())


def reserved(desk: Desk) -> int:
    """How many serial numbers are reserved."""
    with desk.database.read() as connection:
        query = select(func.count()).where(registration_rows.c.state == "reserved")
        return connection.execute(query).scalar_one()


def give_role(
    desk: Desk, person: int, role: str, infrastructure: int | None = None, company: int | None = None
) -> None:
    """Give somebody a role."""
    values = {"person_id": person, "role": role, "infrastructure_id": infrastructure, "company_id": company}
    change(desk, insert(roles).values(held_from=START, **values))


def take_roles(desk: Desk, *people: int) -> None:
    """End every role of some people."""
    change(desk, update(roles).where(roles.c.person_id.in_(people)).values(held_until=START))


def rest_roles(desk: Desk, *people: int) -> None:
    """Let every role of some people rest."""
    change(desk, update(roles).where(roles.c.person_id.in_(people)).values(state="resting"))


def deactivate(desk: Desk, *people: int) -> None:
    """Make people inactive in Slack."""
    change(desk, update(persons).where(persons.c.id.in_(people)).values(active=False))


def everybody_asked(example: Example) -> Sequence[int]:
    """All who could be asked by somebody of `core`."""
    return (example.rui, example.fiona, example.ada, example.tom, example.eva, example.olga)


WEEK = timedelta(days=7)
