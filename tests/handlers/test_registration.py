from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import View
from handlers.registration import split
from store import registrations, tables
from store.desk import Actor, Desk
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.handlers.acting import INFRASTRUCTURE, TYPE, changed, filled, offered, opened, result, there
from tests.handlers.forging import Forge
from tests.handlers.reading import buttons, options, shown


def registered(desk: Desk, example: Example, slot: int, number: int = 1, person: int | None = None) -> int:
    made = registrations.register(desk, Actor(person or example.ana), slot, serial(number), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


def test_an_engineer_registers_and_is_offered_the_next_step(slack: SlackClient, example: Example) -> None:
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0 (Build 36348)", "production")

    told = result(slack.submit("U0BEN", view))

    assert "Prod 1 (Production) of Acme Core is registered." in shown(told.blocks)
    assert f"Serial number: {serial(1)}" in shown(told.blocks)
    assert "Platform version: 11.17.0 (Build 36348)" in shown(told.blocks)
    assert "This asks 3 people" in shown(told.blocks)
    assert "Fiona Marsh, Rui Costa and Ada Novak" in shown(told.blocks)
    assert buttons(told.blocks) == ["Request the license", "Undo"]


def test_a_contact_who_registers_is_offered_the_file_itself(slack: SlackClient, example: Example) -> None:
    view = filled(slack, "U0RUI", f"register {serial(1)} 11.17.0", "production")

    told = result(slack.submit("U0RUI", view))

    assert buttons(told.blocks) == ["Get the license", "Undo"]
    assert "The file comes at once" in shown(told.blocks)


def test_the_next_step_of_an_engineer_takes_the_place_of_the_result(
    slack: SlackClient, example: Example
) -> None:
    after = result(
        slack.submit("U0BEN", filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production"))
    )

    ask = changed(slack, "U0BEN", after, "license.request")
    told = result(slack.submit("U0BEN", ask, {"reason": "upgrade"}))

    assert "R-1001" in shown(told.blocks)
    assert len(slack.views("U0BEN")) == 1


def test_the_next_step_of_a_contact_brings_the_file(
    slack: SlackClient, signing_desk: Desk, example: Example
) -> None:
    after = result(
        slack.submit("U0RUI", filled(slack, "U0RUI", f"register {serial(1)} 11.17.0", "production"))
    )

    told = changed(slack, "U0RUI", after, "license.request")

    assert "R-1001" in shown(told.blocks)
    with signing_desk.database.read() as connection:
        query = select(tables.deliveries.c.person_id).where(tables.deliveries.c.kind == "file")
        assert connection.execute(query).scalars().all() == [example.rui]


def test_the_modal_says_where_serial_and_version_are_found(slack: SlackClient, example: Example) -> None:
    said = shown(opened(slack, "U0BEN").blocks)

    assert said.count("Meridian Console, Administration > Licensing") == 2


def test_types_are_offered_with_free_slots_and_permitted_use(slack: SlackClient, example: Example) -> None:
    view = opened(slack, "U0BEN")

    assert options(view.blocks, "environment_type") == [
        "Development (2 of 2 free)",
        "Non-production: quality, test, pre-production (2 of 2 free)",
        "Production (3 of 3 free)",
        "Management (1 of 1 free)",
    ]
    assert "Live use by end users." in shown(view.blocks)


def test_only_free_slots_of_the_type_are_offered(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example, example.production[1])

    view = filled(slack, "U0BEN", "register", "production")

    assert options(view.blocks, "slot") == ["Prod 1", "Prod 3"]


def test_another_type_brings_other_slots_and_keeps_what_was_typed(
    slack: SlackClient, example: Example
) -> None:
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production")

    again = changed(slack, "U0BEN", view, TYPE, "development")

    assert options(again.blocks, "slot") == ["Development 1", "Development 2"]
    assert again.state["serial"]["field"]["value"] == serial(1)
    assert again.state["version"]["field"]["value"] == "11.17.0"


def test_the_infrastructure_is_asked_for_when_there_are_several(slack: SlackClient, example: Example) -> None:
    view = opened(slack, "U0ANA")
    assert options(view.blocks, "infrastructure") == [
        "Acme Core (Acme Logistics)",
        "Acme Depot (Acme Logistics)",
    ]
    assert options(view.blocks, "environment_type") == []

    core = changed(slack, "U0ANA", view, INFRASTRUCTURE, str(example.core))
    production = changed(slack, "U0ANA", core, TYPE, "production")
    depot = changed(slack, "U0ANA", production, INFRASTRUCTURE, str(example.depot))

    assert options(depot.blocks, "environment_type") == ["Production (1 of 1 free)"]
    assert options(depot.blocks, "slot") == ["Prod 1"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("7QK-4ZP-M2X-9HB-T5R-C8W-E0N-00", "this has 23"),
        ("AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC", "This is the activation code"),
        ("7QK-4ZP-M2X-9HB-T5R-C8W-E0N-00!", "“!” is neither"),
    ],
)
def test_a_wrong_serial_number_is_said_at_its_field(
    slack: SlackClient, example: Example, typed: str, said: str
) -> None:
    view = filled(slack, "U0BEN", "register", "production")

    submitted = slack.submit("U0BEN", view, {"serial": typed, "version": "11.17.0"})

    assert said in submitted.errors["serial"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Oct.2019 CP2", "is the name of a release"),
        ("eleven", "is not a platform version"),
        ("12.0.0", "covers platform versions up to 11"),
    ],
)
def test_a_wrong_version_is_said_at_its_field(
    slack: SlackClient, example: Example, typed: str, said: str
) -> None:
    view = filled(slack, "U0BEN", "register", "production")

    submitted = slack.submit("U0BEN", view, {"serial": serial(1), "version": typed})

    assert said in submitted.errors["version"]


def test_a_version_above_the_entitled_one_names_the_account_manager(
    slack: SlackClient, example: Example
) -> None:
    view = filled(slack, "U0BEN", "register", "production")

    submitted = slack.submit("U0BEN", view, {"serial": serial(1), "version": "12.0.0"})

    assert "Jo Park, your account manager: jo.park@meridian.example" in submitted.errors["version"]


def test_a_serial_number_of_another_slot_is_refused_and_the_slot_named(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example, example.quality[1])
    view = filled(slack, "U0BEN", "register", "production")

    submitted = slack.submit("U0BEN", view, {"serial": serial(1), "version": "11.17.0"})

    assert "already registered in Quality 2" in submitted.errors["serial"]


def test_a_serial_number_of_another_company_is_refused_without_details(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example, example.globex_production[0], person=example.otto)
    view = filled(slack, "U0BEN", "register", "production")

    submitted = slack.submit("U0BEN", view, {"serial": serial(1), "version": "11.17.0"})

    assert "in use elsewhere" in submitted.errors["serial"]
    assert "Globex" not in submitted.errors["serial"]


def test_a_full_type_says_what_holds_it_and_what_to_do_instead(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example, example.management[0])

    view = filled(slack, "U0BEN", "register", "management")

    said = shown(view.blocks)
    assert "The only Management slot of Acme Core is taken: Management 1 (since " in said
    assert "Eva Lang, Rui Costa or Tom Berg can release it." in said
    assert "Jo Park, your account manager: jo.park@meridian.example" in said
    assert buttons(view.blocks)[:-1] == ["Serial changed"]


def test_release_is_offered_only_to_those_who_may(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example, example.management[0])

    view = filled(slack, "U0RUI", "register", "management")

    assert buttons(view.blocks)[:-1] == ["Serial changed", "Release and register", "Release"]


def test_a_slot_taken_meanwhile_leaves_the_others_to_choose(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production")
    registered(desk, example, example.production[0], number=2)

    again = result(slack.submit("U0BEN", view))

    assert "Prod 1 was taken by somebody else in the meantime. Nothing was registered." in shown(again.blocks)
    assert options(again.blocks, "slot") == ["Prod 2", "Prod 3"]
    assert "Prod 2 (Production) of Acme Core is registered." in shown(
        result(slack.submit("U0BEN", again)).blocks
    )


def test_two_engineers_on_the_last_slot_one_is_told(slack: SlackClient, desk: Desk, example: Example) -> None:
    first = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "management")
    second = filled(slack, "U0RUI", f"register {serial(2)} 11.17.0", "management")
    told: dict[str, str] = {}

    def submit(user: str, view: View) -> None:
        told[user] = shown(result(slack.submit(user, view)).blocks)

    threads = [Thread(target=submit, args=each) for each in (("U0BEN", first), ("U0RUI", second))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sum("is registered." in said for said in told.values()) == 1
    assert sum("slot of Acme Core is taken" in said for said in told.values()) == 1


def test_a_submission_that_comes_three_times_registers_once(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production")
    slack.weather(redeliver=2)

    result(slack.submit("U0BEN", view))

    with desk.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.registrations)).scalar_one() == 1


def test_a_new_version_of_a_registered_serial_number_is_asked_about(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example, example.production[0])

    asked = opened(slack, "U0BEN", f"register {serial(1)} 11.18.0")
    assert "is registered in Prod 1 with version 11.17.0" in shown(asked.blocks)
    told = result(slack.submit("U0BEN", asked))

    assert "Prod 1 (Production) of Acme Core has version 11.18.0 now." in shown(told.blocks)


def test_a_pasted_line_that_is_registered_already_changes_nothing(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example, example.production[0])

    answer = slack.command("U0BEN", f"register {serial(1)} 11.17.0")

    assert "is registered like this already; nothing has changed." in answer.text
    assert buttons(answer.blocks) == ["Request the license"]


def test_a_registered_serial_number_of_others_is_not_betrayed(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example, example.globex_production[0], person=example.otto)

    view = opened(slack, "U0BEN", f"register {serial(1)} 11.17.0")

    assert view.title == "Register"


def test_a_registration_can_be_undone(slack: SlackClient, desk: Desk, example: Example) -> None:
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production")
    told = result(slack.submit("U0BEN", view))

    slack.act("U0BEN", told, "environment.undo")

    slack.wait_for(lambda: "Prod 1 is free again" in shown(_top(slack, "U0BEN").blocks))
    with desk.database.read() as connection:
        assert connection.execute(select(tables.registrations.c.state)).scalar_one() == "ended"


def test_undo_is_over_after_thirty_minutes(
    slack: SlackClient, desk: Desk, example: Example, clock: Clock
) -> None:
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production")
    told = result(slack.submit("U0BEN", view))
    clock.advance(timedelta(minutes=31))

    slack.act("U0BEN", told, "environment.undo")

    slack.wait_for(
        lambda: "30 minutes after registering, and they are over" in shown(_top(slack, "U0BEN").blocks)
    )


def test_an_auditor_is_told_who_can_register(slack: SlackClient, example: Example) -> None:
    answer = slack.command("U0MAX", "register")

    assert "needs a role that you do not have" in answer.text
    assert "Eva Lang" in answer.text


def test_a_cloud_infrastructure_needs_nothing(slack: SlackClient, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(
            update(tables.roles)
            .where(tables.roles.c.person_id == example.ben, tables.roles.c.infrastructure_id == example.core)
            .values(state="resting")
        )

    answer = slack.command("U0BEN", "register")

    assert "Acme Cloud is managed by the vendor and already active." in answer.text
    assert "no license file is to be installed" in answer.text


def test_an_ended_subscription_opens_no_modal(slack: SlackClient, example: Example, clock: Clock) -> None:
    clock.now = TERM_END + timedelta(days=15)

    answer = slack.command("U0BEN", "register")

    assert "The subscription of Acme Core has ended" in answer.text
    assert "Jo Park, your account manager: jo.park@meridian.example" in answer.text


def test_an_ended_subscription_is_said_in_the_modal_where_others_can_be_chosen(
    slack: SlackClient, example: Example, clock: Clock
) -> None:
    clock.now = TERM_END + timedelta(days=15)

    view = changed(slack, "U0ANA", opened(slack, "U0ANA"), INFRASTRUCTURE, str(example.core))

    assert "The subscription of Acme Core has ended" in shown(view.blocks)
    assert options(view.blocks, "environment_type") == []


def test_a_subscription_that_ends_meanwhile_registers_nothing(
    slack: SlackClient, desk: Desk, example: Example, clock: Clock
) -> None:
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production")
    clock.now = TERM_END + timedelta(days=15)

    told = result(slack.submit("U0BEN", view))

    assert "The subscription of Acme Core has ended" in shown(told.blocks)
    with desk.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.registrations)).scalar_one() == 0


def test_a_suspended_subscription_opens_no_modal(slack: SlackClient, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(update(tables.subscriptions).values(state="suspended"))

    assert "The subscription of Acme Core is suspended." in slack.command("U0BEN", "register").text


def test_a_subscription_that_has_not_begun_registers_and_says_when_files_come(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    begins = TERM_END - timedelta(days=1)
    with desk.database.write() as connection:
        connection.execute(update(tables.subscriptions).values(starts_at=begins, unbroken_since=begins))
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production")

    told = result(slack.submit("U0BEN", view))

    assert "Prod 1 (Production) of Acme Core is registered." in shown(told.blocks)
    assert "license files come then" in shown(told.blocks)


def test_grace_is_said_before_and_after_registering(
    slack: SlackClient, example: Example, clock: Clock
) -> None:
    clock.now = TERM_END + timedelta(days=2)
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production")
    assert "everything works in grace until" in shown(view.blocks)

    assert "everything works in grace until" in shown(result(slack.submit("U0BEN", view)).blocks)


def test_a_forged_slot_of_another_company_is_answered_like_one_that_does_not_exist(
    forge: Forge, desk: Desk, example: Example
) -> None:
    foreign = forge.submission("U0BEN", "environment.register", _state(example.globex_production[0]))
    absent = forge.submission("U0BEN", "environment.register", _state(999_999))

    assert "You are not associated with any infrastructure" in shown(foreign["view"]["blocks"])
    assert foreign == absent
    with desk.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.registrations)).scalar_one() == 0


def _state(slot: int) -> dict[str, Any]:
    def typed(text: str) -> dict[str, Any]:
        return {"field": {"type": "plain_text_input", "value": text}}

    chosen = {"type": "static_select", "selected_option": {"value": str(slot)}}
    return {"slot:x": {"field": chosen}, "serial": typed(serial(1)), "version": typed("11.17.0")}


def test_among_more_than_a_hundred_infrastructures_one_is_found_by_typing(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        made = connection.execute(
            tables.infrastructures.insert().returning(tables.infrastructures.c.id),
            [
                {
                    "company_id": example.globex_company,
                    "product_id": example.product,
                    "name": f"Plant {number}",
                    "activation_code": f"P{number}",
                    "hosting": "on_premises",
                    "files": "signed",
                }
                for number in range(120)
            ],
        )
        assert len(made.all()) == 120

    form = opened(slack, "U0NINA")
    assert len(offered(slack, "U0NINA", form, INFRASTRUCTURE)) == 100
    assert offered(slack, "U0NINA", form, INFRASTRUCTURE, "acme") == []
    assert offered(slack, "U0NINA", form, INFRASTRUCTURE, "core")[0] == "Globex Core (Globex)"

    chosen = changed(slack, "U0NINA", form, INFRASTRUCTURE, str(example.globex))

    assert "Production (1 of 1 free)" in shown(chosen.blocks)
    assert slack_state(chosen, "infrastructure")["value"] == str(example.globex)
    fields = {"serial": serial(1), "version": "11.17.0"}
    assert "is registered" in shown(result(slack.submit("U0NINA", chosen, fields)).blocks)


def slack_state(view: View, block_id: str) -> Any:
    """What is chosen in the menu of a block."""
    [held] = view.state[block_id].values()
    return held["selected_option"]


def test_the_shortcut_opens_the_same_modal(slack: SlackClient, example: Example) -> None:
    slack.shortcut("U0BEN", "environment.register")

    assert there(slack, lambda: slack.view("U0BEN")).title == "Register"


def test_a_refusal_of_the_shortcut_is_shown_as_a_modal(slack: SlackClient, example: Example) -> None:
    slack.shortcut("U0MAX", "environment.register")

    view = there(slack, lambda: slack.view("U0MAX"))
    assert "needs a role that you do not have" in shown(view.blocks)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (f"{serial(1)} 11.17.0", (serial(1), "11.17.0")),
        (f"{serial(1)} 11.17.0 (Build 36348)", (serial(1), "11.17.0 (Build 36348)")),
        (
            "7qk 4zp m2x 9hb t5r c8w e0n 001 Version 11.17.0",
            ("7qk 4zp m2x 9hb t5r c8w e0n 001", "Version 11.17.0"),
        ),
        (serial(1), (serial(1), "")),
        (f"{serial(1)} Oct.2019 CP2", (serial(1), "Oct.2019 CP2")),
        ("7QK-4ZP 11.17.0", ("7QK-4ZP", "11.17.0")),
        ("", ("", "")),
    ],
)
def test_serial_and_version_are_told_apart(typed: str, expected: tuple[str, str]) -> None:
    assert split(typed) == expected


def test_among_more_than_a_hundred_free_slots_one_is_found_by_typing(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(
            tables.slots.insert(),
            [
                {
                    "infrastructure_id": example.core,
                    "environment_type": "production",
                    "name": f"Prod {number} " + "x" * 70,
                }
                for number in range(4, 150)
            ],
        )

    view = filled(slack, "U0BEN", "register", "production")

    menu = f"environment.register.slot:{example.core}-production"
    assert len(offered(slack, "U0BEN", view, menu)) == 100
    assert [each[:8] for each in offered(slack, "U0BEN", view, menu, "prod 149")] == ["Prod 149"]
    chosen = slack.suggest("U0BEN", view, menu, "prod 149")[0]["value"]
    slack.act("U0BEN", view, menu, chosen)
    slack.submit("U0BEN", _top(slack, "U0BEN"), {"serial": serial(1), "version": "11.17.0"})
    with desk.database.read() as connection:
        assert connection.execute(select(tables.registrations.c.slot_id)).scalar_one() == int(chosen)


def _top(slack: SlackClient, user: str) -> View:
    view = slack.view(user)
    assert view is not None
    return view
