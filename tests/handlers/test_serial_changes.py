from sqlalchemy import select

from bot.sandbox.client import SlackClient
from handlers.memory import remember
from store import registrations, tables
from store.desk import Actor, Desk
from tests.example import Example, serial
from tests.handlers.acting import TYPE, changed, opened, result
from tests.handlers.forging import Forge, Json
from tests.handlers.reading import buttons, options, shown


def registered(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


def states(desk: Desk) -> dict[str, str]:
    with desk.database.read() as connection:
        rows = connection.execute(select(tables.registrations.c.serial, tables.registrations.c.state))
        return {row.serial: row.state for row in rows}


def test_a_contact_changes_the_serial_number_at_once(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])
    view = opened(slack, "U0RUI", "serial-changed")
    assert "The change is made at once." in shown(view.blocks)
    assert "reason" not in str(view.state)

    after = result(slack.submit("U0RUI", view, {"serial": serial(2)}))

    said = shown(after.blocks)
    assert "Prod 1 (Production) has its new serial number." in said
    assert f"Serial number: {serial(2)}" in said
    assert f"Before: {serial(1)}" in said
    assert buttons(after.blocks) == ["Get the license"]
    assert states(desk) == {serial(1): "ended", serial(2): "open"}


def test_an_engineer_asks_for_it_and_the_new_number_is_reserved(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])
    view = opened(slack, "U0BEN", "serial-changed")
    assert "This asks 3 people" in shown(view.blocks)

    after = result(slack.submit("U0BEN", view, {"serial": serial(2), "reason": "new hardware"}))

    assert "R-1001: I asked" in shown(after.blocks)
    assert states(desk) == {serial(1): "open", serial(2): "reserved"}


def test_the_same_serial_number_is_said_at_the_field(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])

    submitted = slack.submit("U0RUI", opened(slack, "U0RUI", "serial-changed"), {"serial": serial(1)})

    assert "already has" in submitted.errors["serial"]


def test_a_serial_number_in_another_slot_is_said_at_the_field(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0], 1)
    registered(desk, example.ben, example.quality[0], 2)
    view = opened(slack, "U0RUI", f"serial-changed {serial(1)}")

    submitted = slack.submit("U0RUI", view, {"serial": serial(2)})

    assert "already registered in Quality 1" in submitted.errors["serial"]


def test_the_full_type_leads_to_the_environments_of_its_infrastructure(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.management[0])
    full = changed(slack, "U0RUI", opened(slack, "U0RUI", f"register {serial(2)}"), TYPE, "management")

    view = changed(slack, "U0RUI", full, "environment.change_serial:infrastructure")

    assert view.title == "Serial changed"
    assert "Management 1" in shown(view.blocks)
    assert view.state["serial"]["field"]["value"] == serial(2)


def test_rights_that_differ_are_named_before_choosing(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0], 1)
    registered(desk, example.ben, example.quality[0], 2)

    view = opened(slack, "U0BEN", "serial-changed")

    assert options(view.blocks, "environment") == ["Quality 1 (Acme Core)", "Prod 1 (Acme Core)"]
    assert "put to the contacts first" in shown(view.blocks)


def test_a_forged_memory_changes_nothing_of_others(forge: Forge, desk: Desk, example: Example) -> None:
    foreign = registered(desk, example.otto, example.globex_production[0])

    answer = forge.submission(
        "U0RUI", "environment.change_serial", _typed(serial(2)), remember(registration=foreign)
    )

    assert "You are not associated with any infrastructure" in shown(answer["view"]["blocks"])
    assert states(desk) == {serial(1): "open"}


def test_a_memory_that_cannot_be_read_is_said_in_words(forge: Forge, example: Example) -> None:
    for memory in ("not json", "[1]", '{"registration": 7}', '{"registration": "seven"}', ""):
        answer = forge.submission("U0RUI", "environment.change_serial", _typed(serial(2)), memory)
        assert "could not read" in shown(answer["view"]["blocks"]), memory


def _typed(text: str) -> Json:
    return {"serial": {"field": {"type": "plain_text_input", "value": text}}}
