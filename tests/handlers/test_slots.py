import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.sandbox.client import SlackClient
from store import registrations, tables
from store.desk import Actor, Desk
from tests.example import APPROVAL_CHANNEL, WORKSPACE, Example, serial
from tests.handlers.acting import there, told
from tests.handlers.forging import Forge
from tests.handlers.reading import buttons, shown
from tests.store.holding import hold, made_for, upload


def fill(desk: Desk, person: int, slots: tuple[int, ...], start: int = 1) -> None:
    for number, slot in enumerate(slots, start):
        registrations.register(desk, Actor(person), slot, serial(number), "11.17.0")


@contextmanager
def queries_of(desk: Desk) -> Iterator[list[str]]:
    """Every query that this thread sends to the database in the block."""
    queries: list[str] = []
    with desk.database.read() as connection:
        driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(queries.append)
    yield queries
    driver.set_trace_callback(None)


def test_slots_are_counted_by_type(slack: SlackClient, desk: Desk, example: Example) -> None:
    fill(desk, example.ben, example.production[:1])

    answer = slack.command("U0BEN", "slots")

    said = shown(answer.blocks)
    assert answer.ok
    assert answer.text == "7 of 8 slots are free."
    assert said.startswith(answer.text)
    assert "Production: 1 of 3 used, 2 free" in said
    assert "Non-production: quality, test, pre-production: 0 of 2 used, 2 free" in said
    assert buttons(answer.blocks) == ["Register an environment"]


def test_what_to_do_is_said_when_none_is_free(slack: SlackClient, desk: Desk, example: Example) -> None:
    fill(desk, example.ben, example.management)

    said = shown(slack.command("U0BEN", "slots").blocks)

    assert "None free: Management." in said
    assert "`/license serial-changed`" in said
    assert "Jo Park, your account manager: jo.park@meridian.example" in said


def test_a_cloud_infrastructure_is_listed_as_managed_by_the_vendor(
    slack: SlackClient, example: Example
) -> None:
    said = shown(slack.command("U0BEN", "slots").blocks)

    assert "*Acme Cloud* (Acme Logistics): managed by the vendor, already active" in said


def test_where_there_are_no_slots_none_are_counted(slack: SlackClient, example: Example) -> None:
    answer = slack.command("U0BEN", "slots cloud")

    assert answer.text == "There are no slots here."
    assert "managed by the vendor, already active" in shown(answer.blocks)


def test_a_name_narrows_the_list(slack: SlackClient, example: Example) -> None:
    said = shown(slack.command("U0ANA", "slots DEPOT").blocks)

    assert "Acme Depot" in said
    assert "Acme Core" not in said


def test_a_name_that_fits_nothing_is_answered_with_those_that_do(
    slack: SlackClient, example: Example
) -> None:
    answer = slack.command("U0BEN", "slots <!channel> *mars*")

    assert "<!channel>" not in answer.text
    assert "You see: Acme Cloud, Acme Core." in answer.text


def test_others_infrastructures_are_never_listed(slack: SlackClient, example: Example) -> None:
    assert "Globex" not in shown(slack.command("U0BEN", "slots").blocks)
    assert "Globex" not in slack.command("U0BEN", "slots globex").text


def test_ten_of_many_infrastructures_are_shown_and_how_to_name_another(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(
            tables.infrastructures.insert(),
            [
                {
                    "company_id": example.globex_company,
                    "product_id": example.product,
                    "name": f"Plant {number:02}",
                    "activation_code": f"P{number}",
                    "hosting": "on_premises",
                    "files": "signed",
                }
                for number in range(20)
            ],
        )

    said = shown(slack.command("U0NINA", "slots").blocks)

    assert "Plant 08" in said
    assert "Plant 09" not in said
    assert "The first 10 are shown. Name another one: `/license slots NAME`." in said
    assert "Plant 15" in shown(slack.command("U0NINA", "slots plant 15").blocks)


def test_an_auditor_is_not_offered_to_register(slack: SlackClient, example: Example) -> None:
    assert buttons(slack.command("U0MAX", "slots").blocks) == []


@pytest.mark.parametrize("user", ["U0BEN", "U0EVA"])
def test_slots_take_two_queries(forge: Forge, desk: Desk, example: Example, user: str) -> None:
    forge.command(user, "slots")
    with queries_of(desk) as queries:
        forge.command(user, "slots")

    assert len(queries) == 2, queries


def test_one_slot_is_said_of_one(slack: SlackClient, example: Example) -> None:
    assert slack.command("U0OTTO", "slots").text == "1 of 1 slot is free."


def test_a_file_of_the_vendors_is_uploaded_from_the_list_while_one_is_awaited(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    hold(desk, example)
    fill(desk, example.ben, example.production[:2])
    first = buttons(slack.command("U0RUI", "slots acme core").blocks)
    with desk.database.read() as connection:
        found = [each.id for each in connection.execute(tables.registrations.select())]
    upload(desk, example.rui, found[0], made_for(1))

    answer = slack.command("U0RUI", "slots acme core")

    assert "Upload a license file" in first
    assert "Upload a license file" in buttons(answer.blocks)
    listed = slack.ephemerals("U0RUI")[-1]
    slack.click("U0RUI", listed, f"held_file.upload:infrastructure-{example.core}")
    said = shown(there(slack, lambda: slack.view("U0RUI")).blocks)
    assert "Prod 2" in said
    assert "Prod 1" not in said

    upload(desk, example.rui, found[1], made_for(2))
    assert "Upload a license file" not in buttons(slack.command("U0RUI", "slots acme core").blocks)
    slack.click("U0RUI", listed, f"held_file.upload:infrastructure-{example.core}")
    told(slack, "U0RUI", "Every environment there has its license file by now.")


def test_among_several_the_button_names_where(slack: SlackClient, desk: Desk, example: Example) -> None:
    hold(desk, example)
    fill(desk, example.ben, example.production[:1])

    assert "Upload for Acme Core" in buttons(slack.command("U0EVA", "slots").blocks)


def test_who_may_not_upload_is_not_offered_to(slack: SlackClient, desk: Desk, example: Example) -> None:
    hold(desk, example)
    fill(desk, example.ben, example.production[:1])

    assert buttons(slack.command("U0BEN", "slots acme core").blocks) == ["Register an environment"]


def test_nothing_is_uploaded_where_files_are_signed(
    slack: SlackClient, forge: Forge, desk: Desk, example: Example
) -> None:
    fill(desk, example.ben, example.production[:1])

    forge.interaction(
        {
            "type": "block_actions",
            "team": {"id": WORKSPACE},
            "user": {"id": "U0RUI", "team_id": WORKSPACE},
            "container": {"type": "message", "channel_id": APPROVAL_CHANNEL},
            "channel": {"id": APPROVAL_CHANNEL},
            "actions": [
                {"action_id": f"held_file.upload:infrastructure-{example.core}", "value": str(example.core)}
            ],
        }
    )

    told(slack, "U0RUI", "makes the license files of Acme Core itself, so there is nothing to upload")
    assert slack.view("U0RUI") is None
