"""What the tests of asking share: environments that are registered, modals filled in, payloads made by hand."""

from sqlalchemy import select

from bot.sandbox.seen import View
from store import registrations, requests
from store.desk import Actor, Desk
from store.tables import request_items
from store.tables import requests as request_rows
from tests.example import serial
from tests.handlers.forging import Json
from tests.handlers.reading import field


def registered(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    """Register an environment, and give the registration's id."""
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0 (Build 36348)")
    assert made.environment.registration
    return made.environment.registration.id


def asked(desk: Desk, person: int, *registration_ids: int, reason: str = "upgrade") -> int:
    """Ask for license files, and give the request's id."""
    outcome = requests.ask(desk, Actor(person), registration_ids, reason)
    assert outcome.request_id
    return outcome.request_id


def states(desk: Desk) -> list[str]:
    """The states of all items, in the order in which they were asked for."""
    with desk.database.read() as connection:
        return list(connection.execute(select(request_items.c.state).order_by(request_items.c.id)).scalars())


def entered(
    view: View, *registration_ids: int, reason: str | None = "upgrade"
) -> dict[str, str | list[str] | None]:
    """What is filled into the modal of asking."""
    return {field(view.blocks, "environments"): [str(each) for each in registration_ids], "reason": reason}


def made(desk: Desk) -> int:
    """How many requests there are."""
    with desk.database.read() as connection:
        return len(connection.execute(select(request_rows.c.id)).all())


def form(*registration_ids: int, reason: str | None = "upgrade") -> Json:
    """The same as a payload would hold it."""
    chosen = [{"value": str(each)} for each in registration_ids]
    return {
        "environments:1": {"f": {"type": "multi_static_select", "selected_options": chosen}},
        "reason": {"reason": {"type": "plain_text_input", "value": reason}},
    }
