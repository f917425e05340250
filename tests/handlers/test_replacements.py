import pytest
from sqlalchemy import insert, select, update

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import View
from store import releases, requests
from store.desk import Actor, Desk
from store.tables import audit_entries, infrastructures, registrations, roles, slots
from tests.example import Example, serial
from tests.handlers.acting import another, filled, result, there
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, options, shown
from tests.handlers.requesting import registered
from tests.handlers.test_menus import suggested

VERSION = "11.17.0 (Build 36348)"


def full(slack: SlackClient, user: str = "U0RUI", typed: str = "", kind: str = "production") -> View:
    """The modal of registering, with a type chosen of which no slot is free."""
    return filled(slack, user, f"register {typed}".strip(), kind)


def replacing(slack: SlackClient, user: str, view: View) -> View:
    """The modal that its button opens in its place."""
    slack.act(user, view, "environment.replace")

    def drawn() -> View | None:
        now = slack.view(user)
        return now if now and now.title == "Release and register" else None

    return there(slack, drawn)


def rows(desk: Desk) -> list[tuple[str, str]]:
    query = select(registrations.c.serial, registrations.c.state).order_by(registrations.c.id)
    with desk.database.read() as connection:
        return [(row.serial, row.state) for row in connection.execute(query)]


@pytest.fixture
def production(desk: Desk, example: Example) -> list[int]:
    """Every production slot of Acme Core, taken."""
    return [registered(desk, example.ben, slot, number) for number, slot in enumerate(example.production, 1)]


def test_one_is_released_and_another_registered_in_one_step(
    slack: SlackClient, desk: Desk, production: list[int]
) -> None:
    view = replacing(slack, "U0RUI", full(slack, typed=f"{serial(9)} {VERSION}"))
    assert options(view.blocks, "environment") == ["Prod 1", "Prod 2", "Prod 3"]

    after = result(slack.submit("U0RUI", view, {"environment": str(production[1]), "reason": "switched off"}))

    said = shown(after.blocks)
    assert said.startswith("Prod 2 (Production) of Acme Core is registered.")
    assert f"Released before: {serial(2)}. It can be registered again." in said
    assert buttons(after.blocks) == ["Get the license", "Undo"]
    assert rows(desk) == [
        (serial(1), "open"),
        (serial(2), "ended"),
        (serial(3), "open"),
        (serial(9), "open"),
    ]


def test_the_modal_tells_what_it_takes_to_choose(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, production: list[int]
) -> None:
    requests.ask(desk, Actor(example.rui), [production[0]], "upgrade")
    posts.send()

    said = shown(replacing(slack, "U0RUI", full(slack)).blocks)

    assert "Every Production slot of Acme Core is taken." in said
    assert "The old license file stays technically valid on the old server until the date in it" in said
    line = next(each for each in said.splitlines() if each.startswith("*Prod 1*"))
    assert serial(1) in line
    assert "by Ben Okafor" in line
    assert "licensed until" in line
    assert "31 Dec 2026" in line
    assert "; last change " in line
    assert "no license yet" in next(each for each in said.splitlines() if each.startswith("*Prod 2*"))


def test_the_answer_warns_of_the_old_file(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, production: list[int]
) -> None:
    requests.ask(desk, Actor(example.rui), [production[0]], "upgrade")
    posts.send()
    view = replacing(slack, "U0RUI", full(slack, typed=f"{serial(9)} {VERSION}"))

    after = result(slack.submit("U0RUI", view, {"environment": str(production[0]), "reason": "gone"}))

    said = shown(after.blocks)
    assert "Its license file stays technically valid on the old server until the date in it" in said
    assert "31 Dec 2026" in said


def test_those_who_may_not_release_are_not_offered_it(
    slack: SlackClient, desk: Desk, production: list[int]
) -> None:
    assert "Release and register" not in buttons(full(slack, "U0BEN").blocks)


def test_errors_stand_at_their_fields_and_nothing_is_released(
    slack: SlackClient, desk: Desk, production: list[int]
) -> None:
    view = replacing(slack, "U0RUI", full(slack))
    chosen = {"environment": str(production[0]), "reason": "gone", "version": VERSION}

    assert "serial" in slack.submit("U0RUI", view, {**chosen, "serial": "7QK"}).errors
    assert (
        "already registered in Prod 2"
        in slack.submit("U0RUI", view, {**chosen, "serial": serial(2)}).errors["serial"]
    )
    high = slack.submit("U0RUI", view, {**chosen, "serial": serial(9), "version": "12.0.0"})
    assert "version" in high.errors
    blank = slack.submit("U0RUI", view, {**chosen, "serial": serial(9), "reason": "  "})
    assert "reason" in blank.errors
    assert {state for _, state in rows(desk)} == {"open"}


def test_in_a_flagged_infrastructure_the_operators_are_asked_and_nothing_is_registered(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    before = slack.view("U0TOM")
    slack.command("U0TOM", f"register {serial(9)} {VERSION}")
    view = another(slack, "U0TOM", before)
    slack.act("U0TOM", view, "environment.register.infrastructure", str(example.depot))

    def chosen() -> View | None:
        now = slack.view("U0TOM")
        return now if now and "Release and register" in buttons(now.blocks) else None

    view = replacing(slack, "U0TOM", there(slack, chosen))
    assert "Releases there are confirmed by the operators" in shown(view.blocks)
    assert "Serial number" not in shown(view.blocks)

    after = result(slack.submit("U0TOM", view, {"environment": str(registration), "reason": "switched off"}))

    said = shown(after.blocks)
    assert "R-1001" in said
    assert "Olga Ruiz" in said
    assert "Your new environment is not registered yet: register it once the slot is free." in said
    assert rows(desk) == [(serial(1), "open")]


def test_an_environment_that_was_released_meanwhile_is_said(
    slack: SlackClient, desk: Desk, example: Example, production: list[int]
) -> None:
    view = replacing(slack, "U0RUI", full(slack, typed=f"{serial(9)} {VERSION}"))
    releases.release(desk, Actor(example.eva), production[0], "gone")

    after = result(slack.submit("U0RUI", view, {"environment": str(production[0]), "reason": "gone"}))

    assert "Prod 1 is not registered with that serial number any more. Nothing has changed." in shown(
        after.blocks
    )
    assert (serial(9), "open") not in rows(desk)


def test_a_slot_that_is_free_by_the_click_is_said(
    slack: SlackClient, desk: Desk, example: Example, production: list[int]
) -> None:
    view = full(slack)
    releases.release(desk, Actor(example.eva), production[0], "gone")

    slack.act("U0RUI", view, "environment.replace")

    def told() -> bool:
        now = slack.view("U0RUI")
        return bool(now and "A slot of this type is free by now." in shown(now.blocks))

    slack.wait_for(told)


def test_a_right_that_was_lost_while_the_modal_was_open_is_asked_for_again(
    slack: SlackClient, desk: Desk, example: Example, production: list[int]
) -> None:
    view = replacing(slack, "U0RUI", full(slack, typed=f"{serial(9)} {VERSION}"))
    with desk.database.write() as connection:
        connection.execute(update(roles).where(roles.c.person_id == example.rui).values(role="member"))

    after = result(slack.submit("U0RUI", view, {"environment": str(production[0]), "reason": "gone"}))

    assert "Releasing an environment needs a role that you do not have." in shown(after.blocks)
    assert {state for _, state in rows(desk)} == {"open"}


def test_one_of_more_than_a_hundred_is_looked_for(slack: SlackClient, desk: Desk, example: Example) -> None:
    place = {"infrastructure_id": example.core, "environment_type": "production"}
    with desk.database.write() as connection:
        connection.execute(insert(slots), [{**place, "name": f"Cluster {each}"} for each in range(101)])
        found = list(
            connection.execute(
                select(slots.c.id).where(
                    slots.c.environment_type == "production", slots.c.infrastructure_id == example.core
                )
            ).scalars()
        )
    for number, slot in enumerate(found, 1):
        registered(desk, example.ben, slot, number)
    registered(desk, example.ben, example.quality[0], len(found) + 1)
    view = replacing(slack, "U0RUI", full(slack, typed=f"{serial(900)} {VERSION}"))
    assert "The first 20 of 104 are shown." in shown(view.blocks)

    menu = f"environment.replace.of:{example.core}-production"
    assert len(slack.suggest("U0RUI", view, menu, "")) == 100
    assert slack.suggest("U0RUI", view, menu, "quality") == []
    chosen = slack.suggest("U0RUI", view, menu, "cluster 50")[0]
    assert slack.suggest("U0RUI", view, menu, chosen["description"]["text"]) == [chosen]
    after = result(slack.submit("U0RUI", view, {"environment": chosen["value"], "reason": "gone"}))

    assert shown(after.blocks).startswith("Cluster 50 (Production) of Acme Core is registered.")


def test_only_those_who_may_release_are_offered_what_makes_room(
    forge: Forge, desk: Desk, example: Example, production: list[int]
) -> None:
    menu = f"environment.replace.of:{example.core}-production"

    assert len(suggested(forge, "U0RUI", menu)) == 3
    for user in ("U0BEN", "U0FIONA", "U0MAX", "U0OTTO", "U0ZOE"):
        assert suggested(forge, user, menu) == []


def test_both_are_in_the_record(
    slack: SlackClient, desk: Desk, example: Example, production: list[int]
) -> None:
    view = replacing(slack, "U0RUI", full(slack, typed=f"{serial(9)} {VERSION}"))
    result(slack.submit("U0RUI", view, {"environment": str(production[0]), "reason": "gone"}))

    with desk.database.read() as connection:
        query = select(audit_entries.c.action).where(audit_entries.c.actor_id == example.rui)
        assert list(connection.execute(query.order_by(audit_entries.c.id)).scalars()) == [
            "release",
            "register",
        ]


def test_an_infrastructure_with_one_type_needs_no_choice_of_it(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(
            update(infrastructures).where(infrastructures.c.id == example.depot).values(flagged=False)
        )
    registration = registered(desk, example.ana, example.depot_production[0])
    before = slack.view("U0TOM")
    slack.command("U0TOM", f"register {serial(9)} {VERSION}")
    view = another(slack, "U0TOM", before)
    slack.act("U0TOM", view, "environment.register.infrastructure", str(example.depot))

    def chosen() -> View | None:
        now = slack.view("U0TOM")
        return now if now and "Release and register" in buttons(now.blocks) else None

    view = replacing(slack, "U0TOM", there(slack, chosen))
    result(slack.submit("U0TOM", view, {"environment": str(registration), "reason": "gone"}))

    assert rows(desk) == [(serial(1), "ended"), (serial(9), "open")]
