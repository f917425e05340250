"""What the tests of asking share: environments that are registered, modals filled in, payloads made by hand."""

from sqlalchemy import select

from bot.sandbox.seen import View
from store import registrations
from store.desk import Actor, Desk
from store.tables import requests as request_rows
from tests.example import serial
from tests.handlers.forging import Json
from tests.handlers.reading import field


def registered(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0 (Build 36348)")
    assert made.environment.registration
    return made.environment.registration.id


def entered(
    view: View, *registration_ids: int, reason: str | None = "upgrade"
) -> dict[str, str | list[str] | None]:
    return {field(view.blocks, "environments"): [str(each) for each in registration_ids], "reason": reason}


def made(desk: Desk) -> int:
    with desk.database.read() as connection:
        return len(connection.execute(select(request_rows.c.id)).all())


def form(*registration_ids: int, reason: str | None = "upgrade") -> Json:
    chosen = [{"value": str(each)} for each in registration_ids]
    return {
        "environments:1": {"f": {"type": "multi_static_select", "selected_options": chosen}},
        "reason": {"reason": {"type": "plain_text_input", "value": reason}},
    }
