"""Menus that are filled while somebody types: what they offer, to whom, and whatever is typed."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message
from handlers import OFFERED
from store import tables
from store.desk import Desk
from tests.example import START, WORKSPACE, Example, serial
from tests.handlers.acting import changed, offered, opened, result, there
from tests.handlers.forging import Forge
from tests.handlers.reading import shown
from tests.handlers.requesting import registered
from tests.handlers.test_home import crowd, sites
from tests.store.requesting import give_role

REGISTER = "environment.register.infrastructure"


@pytest.fixture
def many(desk: Desk, example: Example) -> None:
    """More infrastructures of Acme Logistics than a menu lists."""
    sites(desk, example, 120)


def suggested(forge: Forge, user: str, action: str, typed: Any = "", **more: Any) -> list[str]:
    """What a menu offers, asked for by hand."""
    body = {
        "type": "block_suggestion",
        "team": {"id": WORKSPACE},
        "user": {"id": user, "team_id": WORKSPACE},
        "container": {"type": "view", "view_id": "V1"},
        "action_id": action,
        "block_id": "b",
        "value": typed,
        **more,
    }
    return [each["text"]["text"] for each in forge.interaction(body).get("options", [])]


def said_by(slack: SlackClient, user: str, part: str) -> Message:
    return there(
        slack, lambda: next((each for each in slack.ephemerals(user) if part in shown(each.blocks)), None)
    )


def test_best_matches_come_first(slack: SlackClient, desk: Desk, example: Example, many: None) -> None:
    rows = {
        "company_id": example.acme,
        "product_id": example.product,
        "hosting": "on_premises",
        "files": "signed",
    }
    with desk.database.write() as connection:
        for name in ("A core of it", "Core", "Core two"):
            connection.execute(
                insert(tables.infrastructures).values(**rows, name=name, activation_code=f"Z{name}")
            )
    form = opened(slack, "U0EVA")

    found = [each.partition(" (")[0] for each in offered(slack, "U0EVA", form, REGISTER, "CORE")]

    assert found == ["Core", "Core two", "A core of it", "Acme Core"]


def test_every_word_counts_and_the_company_and_the_activation_code_too(
    slack: SlackClient, example: Example, many: None
) -> None:
    form = opened(slack, "U0EVA")

    assert offered(slack, "U0EVA", form, REGISTER, "logistics 117") == ["Site 117 (Acme Logistics)"]
    assert offered(slack, "U0EVA", form, REGISTER, "s118") == ["Site 118 (Acme Logistics)"]


@pytest.mark.parametrize(
    "typed", ["%", "_", "\\", "Site _1%", "x" * 5000, "😀", "' OR 1=1 --", "\x00zzz\x00", "<!channel>"]
)
def test_whatever_is_typed_is_looked_for_as_it_is(
    forge: Forge, example: Example, many: None, typed: str
) -> None:
    for action in OFFERED:
        assert suggested(forge, "U0EVA", action, typed) == []


@pytest.mark.parametrize("user", ["U0BEN", "U0OTTO", "U0MAX", "U0ZOE", "U0GUS", "U0NOBODY"])
def test_nobody_is_offered_what_they_do_not_see(
    forge: Forge, desk: Desk, example: Example, many: None, user: str
) -> None:
    crowd(desk, example, 3)
    own = {
        "U0BEN": {"Acme Core (Acme Logistics)"},
        "U0OTTO": {"Globex Core (Globex)"},
    }

    assert set(suggested(forge, user, REGISTER)) == own.get(user, set())
    inside = f"license.request.environments:{example.core}"
    assert bool(suggested(forge, user, inside)) is (user == "U0BEN")
    assert bool(suggested(forge, user, f"environment.register.slot:{example.core}-production")) is (
        user == "U0BEN"
    )
    assert suggested(forge, user, "environment.release.of") == []
    assert suggested(forge, user, "access.add_member.to:1") == []


def test_auditors_see_people_and_register_nowhere(forge: Forge, example: Example, many: None) -> None:
    assert suggested(forge, "U0MAX", REGISTER) == []
    assert len(suggested(forge, "U0MAX", "people.infrastructure")) == 100


@pytest.mark.parametrize(
    ("action", "typed"),
    [
        ("environment.register.slot:x-production", ""),
        ("environment.register.slot:1-moon", ""),
        ("environment.register.slot", ""),
        ("environment.replace.of:1-moon", ""),
        ("environment.replace.of", ""),
        ("environment.rename.of:x", ""),
        ("environment.rename.of", ""),
        ("license.request.environments:x", ""),
        ("access.add_member.to", ""),
        ("nothing.known", ""),
        ("people.infrastructure", ["x"]),
        ("people.infrastructure", None),
    ],
)
def test_what_somebody_forges_gets_no_more_than_an_empty_menu(
    forge: Forge, example: Example, action: str, typed: Any
) -> None:
    if typed is None:
        assert suggested(forge, "U0BEN", action, typed) != []
    else:
        assert suggested(forge, "U0BEN", action, typed) == []


def test_one_of_a_thousand_environments_is_released(slack: SlackClient, desk: Desk, example: Example) -> None:
    crowd(desk, example, 1000)
    form = opened(slack, "U0RUI", "release")
    menu = f"environment.release.of:{example.core}"

    assert len(offered(slack, "U0RUI", form, menu)) == 100
    assert offered(slack, "U0RUI", form, menu, "n 0777") == ["N 0777 (Production)"]
    [by_serial] = slack.suggest("U0RUI", form, menu, serial(1888).lower())
    after = slack.submit("U0RUI", form, {"environment": by_serial["value"], "reason": "switched off"})

    assert "N 0888 (Production) of Acme Core is released" in shown(result(after).blocks)


def test_one_of_a_thousand_environments_gets_a_new_serial_number(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    crowd(desk, example, 1000)
    form = opened(slack, "U0RUI", "serial-changed")
    [chosen] = slack.suggest("U0RUI", form, f"environment.change_serial.of:{example.core}", "n 0777")

    after = result(slack.submit("U0RUI", form, {"environment": chosen["value"], "serial": serial(5)}))

    assert "N 0777 (Production)" in shown(after.blocks)


@pytest.mark.parametrize(("command", "action"), [("release", "release"), ("serial-changed", "change_serial")])
def test_a_full_infrastructure_does_not_hide_the_environments_of_another(
    slack: SlackClient, desk: Desk, example: Example, command: str, action: str
) -> None:
    crowd(desk, example, 200)
    registered(desk, example.ana, example.depot_production[0])

    everywhere = opened(slack, "U0EVA", command)
    assert offered(slack, "U0EVA", everywhere, f"environment.{action}.of", "Prod 1") == [
        "Prod 1 (Acme Depot)"
    ]
    within = opened(slack, "U0EVA", f"{command} acme core")
    menu = f"environment.{action}.of:{example.core}"
    assert offered(slack, "U0EVA", within, menu, "n 0150") == ["N 0150 (Production)"]


def test_people_of_one_of_many_infrastructures(slack: SlackClient, example: Example, many: None) -> None:
    answer = slack.command("U0EVA", "people")
    assert "You see more than 100 infrastructures." in answer.text
    message = said_by(slack, "U0EVA", "more than 100")

    assert offered(slack, "U0EVA", message, "people.infrastructure", "acme core") == [
        "Acme Core (Acme Logistics)"
    ]
    slack.click("U0EVA", message, "people.infrastructure", option=str(example.core))

    said_by(slack, "U0EVA", "Rui Costa")


@pytest.mark.parametrize("command", ["slots", "subscription"])
def test_a_list_that_is_cut_offers_the_others(
    slack: SlackClient, example: Example, many: None, command: str
) -> None:
    slack.command("U0EVA", command)
    message = said_by(slack, "U0EVA", "The first 10 are shown.")
    menu = f"infrastructure.show:{command}"

    [chosen] = slack.suggest("U0EVA", message, menu, "site 119")
    slack.click("U0EVA", message, menu, option=chosen["value"])

    said_by(slack, "U0EVA", "Site 119")


def test_another_infrastructure_is_chosen_instead_of_one_of_many(
    slack: SlackClient, example: Example, many: None
) -> None:
    form = opened(slack, "U0EVA")
    slack.suggest("U0EVA", form, REGISTER, "acme")

    core = changed(slack, "U0EVA", form, REGISTER, str(example.core))
    assert "Production (3 of 3 free)" in shown(core.blocks)
    depot = changed(slack, "U0EVA", core, REGISTER, str(example.depot))
    assert "Production (1 of 1 free)" in shown(depot.blocks)


def far(desk: Desk, example: Example) -> int:
    """An environment in the last of many infrastructures, which is given."""
    with desk.database.write() as connection:
        last = tables.infrastructures.select().where(tables.infrastructures.c.name == "Site 119")
        place = int(connection.execute(last).one().id)
        slot = {"infrastructure_id": place, "environment_type": "production", "name": "Far Away"}
        made = insert(tables.slots).values(slot).returning(tables.slots.c.id)
        environment = {
            "slot_id": connection.execute(made).scalar_one(),
            "infrastructure_id": place,
            "serial": serial(7),
            "platform_version": "11.17.0",
            "registrant_id": example.eva,
            "state": "open",
            "registered_at": START,
        }
        connection.execute(insert(tables.registrations).values(environment))
    return place


@pytest.mark.parametrize("user", ["U0EVA", "U0OLGA"])
def test_an_environment_is_found_by_its_name_among_more_infrastructures_than_are_listed(
    slack: SlackClient, desk: Desk, example: Example, many: None, user: str
) -> None:
    far(desk, example)

    said = shown(opened(slack, user, "release far away").blocks)

    assert "Environment: Far Away (Production), Site 119 (Acme Logistics)" in said


def test_the_only_environment_is_found_without_any_words(
    slack: SlackClient, desk: Desk, example: Example, many: None
) -> None:
    far(desk, example)

    said = shown(opened(slack, "U0EVA", "release").blocks)

    assert "Environment: Far Away (Production), Site 119 (Acme Logistics)" in said


def test_an_environment_of_others_is_not_found_by_its_name(
    slack: SlackClient, desk: Desk, example: Example, many: None
) -> None:
    # Tom administers more infrastructures than are listed, and this one is none of them.
    place = far(desk, example)
    with desk.database.read() as connection:
        ids = connection.execute(select(tables.infrastructures.c.id)).scalars().all()
    for each in {*ids} - {place, example.core, example.depot}:
        give_role(desk, example.tom, "infrastructure_admin", each)

    answer = slack.command("U0TOM", "release far away")

    assert "There is no registered environment called “far away” that you may release." in answer.text


def test_a_right_in_the_last_of_many_infrastructures_is_found(
    slack: SlackClient, desk: Desk, example: Example, many: None
) -> None:
    # Max sees all of Acme Logistics as its auditor, and may release in one of them alone.
    give_role(desk, example.max, "technical_contact", far(desk, example))

    said = shown(opened(slack, "U0MAX", "release").blocks)

    assert "Environment: Far Away (Production), Site 119 (Acme Logistics)" in said
