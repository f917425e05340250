from bot.sandbox.client import SlackClient
from store import licenses, registrations, tables
from store.desk import Act, Actor, Desk, intention
from tests.example import Example, serial
from tests.handlers.reading import buttons, shown


@intention
def issued(act: Act, registration_id: int) -> None:
    licenses.issue(act, registration_id)


def registered(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


def test_environments_are_listed_with_serial_version_and_end_of_license(
    slack: SlackClient, signing_desk: Desk, example: Example
) -> None:
    issued(signing_desk, Actor(example.rui), registered(signing_desk, example.ben, example.production[0]))

    answer = slack.command("U0BEN", "environments")

    said = shown(answer.blocks)
    assert answer.text == "1 environment is registered."
    assert "*Prod 1 (Production)*, Acme Core (Acme Logistics)" in said
    assert f"Serial number: {serial(1)}" in said
    assert "Platform version: 11.17.0" in said
    assert "31 Dec 2026" in said


def test_an_environment_without_a_license_says_so(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0])

    assert "License: none yet" in shown(slack.command("U0BEN", "environments").blocks)


def test_the_buttons_are_those_that_somebody_may_press(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])

    assert buttons(slack.command("U0BEN", "environments").blocks) == ["Request the license", "Serial changed"]
    assert buttons(slack.command("U0RUI", "environments").blocks) == [
        "Get the license",
        "Serial changed",
        "Release",
        "Rename",
    ]
    assert buttons(slack.command("U0MAX", "environments").blocks) == []


def test_one_is_found_by_serial_number_slot_or_infrastructure(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0], 1)
    registered(desk, example.ben, example.quality[0], 2)
    registered(desk, example.ana, example.depot_production[0], 3)

    for typed, name in [
        (serial(2).lower().replace("-", " "), "Quality 1"),
        ("quality 1", "Quality 1"),
        ("depot", "Prod 1 (Production)*, Acme Depot"),
    ]:
        answer = slack.command("U0ANA", f"environments {typed}")
        assert answer.text == "1 environment is registered.", typed
        assert name in shown(answer.blocks)


def test_what_is_registered_elsewhere_does_not_exist(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.otto, example.globex_production[0])

    foreign = slack.command("U0BEN", f"environments {serial(1)}")
    absent = slack.command("U0BEN", f"environments {serial(2)}")

    assert foreign.text == absent.text.replace(serial(2), serial(1))
    assert "You see no registered environment" in foreign.text


def test_a_long_list_says_how_to_name_one(slack: SlackClient, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        made = connection.execute(
            tables.slots.insert().returning(tables.slots.c.id),
            [
                {
                    "infrastructure_id": example.core,
                    "environment_type": "production",
                    "name": f"Line {number}",
                }
                for number in range(130)
            ],
        )
        slots = list(made.scalars())
    for number, slot in enumerate(slots[:14], 1):
        registered(desk, example.ben, slot, number)

    answer = slack.command("U0BEN", "environments")

    assert answer.text == "14 environments are registered."
    assert "The first 12 are shown. Name one: `/license environments NAME`." in shown(answer.blocks)
    assert answer.problems == []


def test_a_name_full_of_marks_stays_a_name(slack: SlackClient, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(
            tables.slots.update()
            .where(tables.slots.c.id == example.production[0])
            .values(name="<!channel> *bold* `code` \u202eevil")
        )
    registered(desk, example.ben, example.production[0])

    said = shown(slack.command("U0BEN", "environments").blocks)

    assert "<!channel>" not in said
    assert "\u202e" not in said
    assert "*bold*" not in said


def test_an_auditor_is_offered_nothing_that_auditors_may_not_do(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    for subcommand in ("environments", "requests", "slots"):
        answer = slack.command("U0MAX", subcommand)
        assert answer.ok
        assert buttons(answer.blocks) == []
    assert buttons(slack.command("U0ANA", "environments").blocks) == ["Register an environment"]
