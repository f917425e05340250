"""Home: what each person sees there, drawn when they open it and again when it changes."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import View
from handlers.commands import SUBCOMMANDS
from handlers.home_buttons import command_buttons
from store import identity, releases, tables
from store.desk import Actor, Desk
from store.identity import Workspace
from store.rules.rights import Rights, RoleName
from tests.conftest import Clock
from tests.example import WORKSPACE, Example, serial
from tests.handlers.acting import another, there
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import asked, registered, states
from tests.store.holding import hold
from tests.store.requesting import change, give_role

UPLOAD = "Upload a license file"


def drawn(slack: SlackClient, user: str, part: str = "") -> View:
    """Somebody's Home, as soon as it has these words in it."""

    def look() -> View | None:
        view = slack.home(user)
        return view if view and part in shown(view.blocks) else None

    return there(slack, look)


def opened(slack: SlackClient, user: str, part: str = "Your infrastructures") -> View:
    slack.open_home(user)
    return drawn(slack, user, part)


def pressed(slack: SlackClient, user: str, action: str) -> View:
    """The modal that a button of Home opens."""
    view = slack.home(user)
    assert view
    before = slack.view(user)
    slack.act(user, view, action)
    return another(slack, user, before)


def sites(desk: Desk, example: Example, many: int) -> None:
    """More infrastructures of Acme Logistics, which Eva administers."""
    rows = [
        {
            "company_id": example.acme,
            "product_id": example.product,
            "name": f"Site {number:03}",
            "activation_code": f"S{number:03}",
            "hosting": "on_premises",
            "files": "signed",
        }
        for number in range(many)
    ]
    with desk.database.write() as connection:
        connection.execute(insert(tables.infrastructures), rows)


def test_an_engineer_sees_figures_before_bars(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0])

    said = shown(opened(slack, "U0BEN").blocks)

    assert "Nothing waits for you." in said
    assert "Production: 1 of 3 used, 2 free ███░░░░░░░" in said
    assert "Management: 0 of 1 used, 1 free ░░░░░░░░░░" in said


def test_buttons_are_those_of_the_commands_that_a_role_allows(slack: SlackClient, example: Example) -> None:
    engineer, auditor = opened(slack, "U0BEN"), opened(slack, "U0MAX")

    assert {"Register an environment", "Request a license", "Help"} <= set(buttons(engineer.blocks))
    assert not {"Release", "Report"} & set(buttons(engineer.blocks))
    assert "Report" in buttons(auditor.blocks)
    assert "Register an environment" not in buttons(auditor.blocks)


def test_uploading_is_offered_where_the_vendor_makes_the_files(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    assert UPLOAD not in buttons(opened(slack, "U0RUI").blocks)

    hold(desk, example)

    slack.open_home("U0RUI")
    there(slack, lambda: UPLOAD in buttons(slack.home("U0RUI").blocks) or None)  # type: ignore[union-attr] # opened above


def test_uploading_is_not_offered_for_what_somebody_may_not_upload_to(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    # Rui gets files directly in Acme Core, and is a member of Acme Depot alone.
    give_role(desk, example.rui, "member", example.depot)
    depot = tables.infrastructures.c.id == example.depot
    change(desk, update(tables.infrastructures).where(depot).values(files="held"))

    view = opened(slack, "U0RUI")

    assert "Acme Depot" in shown(view.blocks)
    assert UPLOAD not in buttons(view.blocks)


@pytest.mark.parametrize("held", [True, False])
def test_uploading_is_offered_for_what_is_on_a_later_page_as_well(
    slack: SlackClient, desk: Desk, example: Example, held: bool
) -> None:
    sites(desk, example, 30)
    last = tables.infrastructures.c.name == "Site 029"
    change(desk, update(tables.infrastructures).where(last).values(files="held" if held else "signed"))

    view = opened(slack, "U0EVA")

    assert "Site 029" not in shown(view.blocks)
    assert (UPLOAD in buttons(view.blocks)) is held


def test_there_is_a_button_for_each_subcommand_for_whoever_may_use_it() -> None:
    labels = {each.name for each in SUBCOMMANDS}
    for role in RoleName:
        rights = Rights(frozenset({role}))
        allowed = {each.name for each in SUBCOMMANDS if each.allowed(rights)}
        assert {str(each["value"]) for each in command_buttons(rights, uploads=True)} == allowed <= labels


@pytest.mark.parametrize(
    "name", ["slots", "environments", "requests", "people", "subscription", "history", "help"]
)
def test_a_button_answers_like_its_command_in_a_modal(
    slack: SlackClient, example: Example, name: str
) -> None:
    opened(slack, "U0EVA")

    assert shown(pressed(slack, "U0EVA", f"home.command:{name}").blocks)


def test_a_form_is_opened_from_home(slack: SlackClient, example: Example) -> None:
    opened(slack, "U0BEN")

    assert pressed(slack, "U0BEN", "home.command:register").callback_id == "environment.register"


def test_a_contact_decides_in_home(slack: SlackClient, posts: Posts, desk: Desk, example: Example) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.production[0]))
    assert "1 request waits for you." in shown(opened(slack, "U0RUI", "Waiting for you").blocks)

    after = pressed(slack, "U0RUI", "request.forward")

    assert "R-1001" in shown(after.blocks)
    assert states(desk) == ["forwarded"]
    posts.send()
    drawn(slack, "U0RUI", "Nothing waits for you.")


def test_the_requester_sees_how_a_request_stands_and_opens_it(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    opened(slack, "U0BEN")
    request = asked(desk, example.ben, registered(desk, example.ben, example.production[0]))
    posts.send()
    drawn(slack, "U0BEN", "1 request of yours waits for an answer")

    modal = pressed(slack, "U0BEN", f"home.request:{request}")

    assert "R-1001" in shown(modal.blocks)
    assert "Withdraw" in "".join(buttons(modal.blocks))


def test_home_is_drawn_anew_for_others_when_a_slot_is_freed(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.production[0])
    opened(slack, "U0ADA", "Production: 1 of 3 used")

    releases.release(desk, Actor(example.rui), registration, "switched off")
    posts.send()

    drawn(slack, "U0ADA", "Production: 0 of 3 used")


def test_licenses_that_end_soon_are_named(slack: SlackClient, example: Example) -> None:
    said = shown(opened(slack, "U0BEN", "Licenses ending soon").blocks)

    assert "Acme Core (Acme Logistics): the subscription ends in 37 days" in said


def test_admins_see_people_who_need_attention_and_the_latest_history(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])

    said = shown(opened(slack, "U0EVA", "Latest history").blocks)

    assert "People who need attention" in said
    assert "Lena Holm" in said
    assert "Ben Okafor registered" in said


def test_infrastructures_whose_people_are_not_looked_at_are_counted(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    sites(desk, example, 20)

    said = shown(opened(slack, "U0EVA", "People who need attention").blocks)

    # Acme Core, Acme Depot and the first two sites are looked at.
    assert "… and 18 more infrastructures that you administer." in said


def test_engineers_see_neither(slack: SlackClient, example: Example) -> None:
    said = shown(opened(slack, "U0BEN").blocks)

    assert "Latest history" not in said
    assert "People who need attention" not in said


def test_many_infrastructures_are_paged_and_the_page_stays(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    sites(desk, example, 120)
    view = opened(slack, "U0EVA")
    assert len(view.blocks) <= 100
    assert "Site 008" not in shown(view.blocks)

    slack.act("U0EVA", view, "home.page:1")
    there(slack, lambda: (slack.calls("views.publish") and page_of(desk, example.eva) == 1) or None)
    posts.send()
    assert "Site 008" in shown(drawn(slack, "U0EVA", "Your infrastructures, page 2").blocks)

    registered(desk, example.eva, example.production[0])
    posts.send()
    drawn(slack, "U0EVA", "Your infrastructures, page 2")


def page_of(desk: Desk, person: int) -> int:
    with desk.database.read() as connection:
        query = select(tables.homes.c.page).where(tables.homes.c.person_id == person)
        return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("R-1001", "R-1001"),
        (serial(1).lower(), "Prod 1"),
        ("Site 1", "Site 1"),
        ("globex", "Globex"),
        ("Prod 1", "Prod 1"),
        ("nowhere", "You see no registered environment called “nowhere”"),
    ],
)
def test_an_operator_finds_everything(
    slack: SlackClient, desk: Desk, example: Example, typed: str, found: str
) -> None:
    sites(desk, example, 110)
    asked(desk, example.ben, registered(desk, example.ben, example.production[0]))
    opened(slack, "U0OLGA")

    submitted = slack.submit("U0OLGA", pressed(slack, "U0OLGA", "home.search"), {"search": typed})

    assert submitted.view
    assert found in shown(submitted.view.blocks)


def test_a_thousand_environments_are_shown_in_pages(slack: SlackClient, desk: Desk, example: Example) -> None:
    crowd(desk, example, 1000)
    view = opened(slack, "U0BEN")
    assert len(view.blocks) <= 100

    modal = pressed(slack, "U0BEN", f"home.environments:{example.core}")
    assert shown(modal.blocks).count("Serial number") == 10
    slack.act("U0BEN", modal, f"home.environments:{example.core}-more")

    second = there(slack, lambda: ((now := slack.view("U0BEN")) and now.hash != modal.hash and now) or None)
    assert {"Back", "More"} <= set(buttons(second.blocks))


def crowd(desk: Desk, example: Example, many: int) -> None:
    """Registered environments, written as they would be after years."""
    names = [
        {"infrastructure_id": example.core, "environment_type": "production", "name": f"N {n:04}"}
        for n in range(many)
    ]
    with desk.database.write() as connection:
        made = connection.execute(insert(tables.slots).returning(tables.slots.c.id), names).scalars().all()
        rows = [
            {
                "slot_id": slot,
                "infrastructure_id": example.core,
                "serial": serial(number + 1000),
                "platform_version": "11.17.0",
                "registrant_id": example.ben,
                "registered_at": desk.clock(),
                "state": "open",
            }
            for number, slot in enumerate(made)
        ]
        connection.execute(insert(tables.registrations), rows)


def test_somebody_without_a_role_is_told_so_and_can_ask_for_access(
    slack: SlackClient, example: Example
) -> None:
    slack.open_home("U0ZOE")

    view = drawn(slack, "U0ZOE", "not associated")
    assert buttons(view.blocks) == ["Ask for access"]


def test_somebody_never_seen_is_looked_up(slack: SlackClient, example: Example) -> None:
    slack.open_home("U0LENA")

    drawn(slack, "U0LENA", "Your infrastructures")
    first = slack.calls("views.publish")[0]
    assert "Checking who you are" in str(first)


def test_a_guest_sees_nothing_of_the_desk(slack: SlackClient, example: Example) -> None:
    slack.open_home("U0GUS")

    view = drawn(slack, "U0GUS", "uest")
    assert "Acme Core" not in shown(view.blocks)


def test_the_messages_beside_home_draw_nothing(slack: SlackClient, desk: Desk, example: Example) -> None:
    slack.open_home("U0BEN", tab="messages")
    opened(slack, "U0RUI")

    assert slack.home("U0BEN") is None


def test_after_a_week_without_a_look_home_is_left_alone(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, clock: Clock
) -> None:
    opened(slack, "U0ADA")
    clock.advance(timedelta(days=8))

    registered(desk, example.ben, example.production[0])
    posts.send()

    assert "Production: 0 of 3 used" in shown(drawn(slack, "U0ADA").blocks)


def test_nothing_is_drawn_once_the_app_was_removed(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    identity.remember(
        desk, Actor(None), Workspace(WORKSPACE, "Acme", "B0DESK", "U0DESK", None, connected=True)
    )
    opened(slack, "U0ADA")
    registered(desk, example.ben, example.production[0])
    identity.disconnect(desk, Actor(None), WORKSPACE)
    before = len(slack.calls("views.publish"))

    posts.send()

    assert len(slack.calls("views.publish")) == before


def test_somebody_who_became_a_guest_sees_nothing_any_more(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    opened(slack, "U0ADA")
    with desk.database.write() as connection:
        guest = update(tables.persons).where(tables.persons.c.id == example.ada)
        connection.execute(guest.values(guest=True, slack_id_imported=False))

    registered(desk, example.ben, example.production[0])
    posts.send()

    assert "Acme Core" not in shown(drawn(slack, "U0ADA", "uest").blocks)


@pytest.mark.parametrize(
    ("action", "value"), [("home.page:1", "x"), ("home.environments:x", "0"), ("home.page:9", "9" * 17)]
)
def test_a_forged_click_changes_nothing(
    forge: Forge, desk: Desk, example: Example, action: str, value: str
) -> None:
    view = {"id": "V1", "type": "home", "hash": "1", "private_metadata": "", "state": {"values": {}}}
    pressed = {"type": "button", "action_id": action, "value": value, "action_ts": "1.1"}
    body = {"type": "block_actions", "team": {"id": WORKSPACE}, "view": view, "actions": [pressed]}
    forge.interaction({**body, "user": {"id": "U0BEN", "team_id": WORKSPACE}})

    with desk.database.read() as connection:
        assert connection.execute(select(tables.homes.c.id)).all() == []
