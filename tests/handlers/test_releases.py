import pytest
from sqlalchemy import select

from bot.sandbox.client import SlackClient
from store import licenses, registrations, tables
from store.desk import Act, Actor, Desk, intention
from tests.example import Example, serial
from tests.handlers.acting import opened, result, there, told
from tests.handlers.reading import options, shown


@intention
def issued(act: Act, registration_id: int) -> None:
    licenses.issue(act, registration_id)


def registered(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


def state(desk: Desk) -> str:
    with desk.database.read() as connection:
        return str(connection.execute(select(tables.registrations.c.state)).scalar_one())


def test_a_technical_contact_releases_with_a_reason(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0])

    after = result(
        slack.submit("U0RUI", opened(slack, "U0RUI", "release"), {"reason": "server switched off"})
    )

    assert "Prod 1 (Production) of Acme Core is released, and its slot is free." in shown(after.blocks)
    assert state(desk) == "ended"


def test_the_modal_says_until_when_the_old_file_stays_valid(
    slack: SlackClient, signing_desk: Desk, example: Example
) -> None:
    issued(signing_desk, Actor(example.rui), registered(signing_desk, example.ben, example.production[0]))

    said = shown(opened(slack, "U0RUI", "release").blocks)

    assert "The old license file stays technically valid on the old server until the date in it" in said
    assert "31 Dec 2026" in said


def test_a_reason_is_needed(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0])

    submitted = slack.submit("U0RUI", opened(slack, "U0RUI", "release"), {"reason": "   "})

    assert "reason" in submitted.errors
    assert state(desk) == "open"


def test_one_of_several_environments_is_chosen(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0], 1)
    second = registered(desk, example.ben, example.quality[0], 2)
    view = opened(slack, "U0RUI", "release")
    assert options(view.blocks, "environment") == ["Quality 1 (Acme Core)", "Prod 1 (Acme Core)"]

    after = result(slack.submit("U0RUI", view, {"environment": str(second), "reason": "gone"}))

    assert "Quality 1 (Non-production) of Acme Core is released" in shown(after.blocks)


def test_one_is_named_by_its_serial_number(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0], 1)
    registered(desk, example.ben, example.quality[0], 2)

    said = shown(opened(slack, "U0RUI", f"release {serial(2)}").blocks)

    assert "Environment: Quality 1 (Non-production), Acme Core (Acme Logistics)" in said


def test_an_engineer_is_told_who_can_release(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0])

    answer = slack.command("U0BEN", "release")

    assert "Releasing an environment needs a role that you do not have. Nothing has changed." in answer.text
    assert "Eva Lang, Rui Costa or Tom Berg" in answer.text


def test_a_flagged_infrastructure_asks_the_operators(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ana, example.depot_production[0])
    view = opened(slack, "U0TOM", "release")
    assert "confirmed by the operators" in shown(view.blocks)

    after = result(slack.submit("U0TOM", view, {"reason": "server switched off"}))

    assert "Olga Ruiz" in shown(after.blocks)
    assert "R-1001" in shown(after.blocks)
    assert state(desk) == "open"


def test_the_button_of_an_environment_opens_the_modal(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])
    slack.command("U0RUI", "environments")

    slack.click("U0RUI", told(slack, "U0RUI", "1 environment is registered."), "environment.release")

    assert there(slack, lambda: slack.view("U0RUI")).title == "Release"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Type `/license slots` to see which slots are free."), (" mars", "called “mars”")],
)
def test_nothing_to_release_is_said(slack: SlackClient, example: Example, typed: str, said: str) -> None:
    assert said in slack.command("U0RUI", f"release{typed}").text


def test_what_was_released_meanwhile_is_told(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0])
    first, second = opened(slack, "U0RUI", "release"), opened(slack, "U0EVA", "release")
    result(slack.submit("U0RUI", first, {"reason": "gone"}))

    after = result(slack.submit("U0EVA", second, {"reason": "gone"}))

    assert "Prod 1 is not registered with that serial number any more. Nothing has changed." in shown(
        after.blocks
    )


def test_the_button_of_an_environment_that_was_released_meanwhile_says_so(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])
    slack.command("U0RUI", "environments")
    message = told(slack, "U0RUI", "1 environment is registered.")
    result(slack.submit("U0EVA", opened(slack, "U0EVA", "release"), {"reason": "gone"}))

    slack.click("U0RUI", message, "environment.release")

    told(slack, "U0RUI", "Prod 1 is not registered with that serial number any more.")
