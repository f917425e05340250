from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import View
from store.desk import Desk
from store.tables import (
    infrastructures,
    persons,
    roles,
    slots,
    subscriptions,
)
from tests.example import START, TERM_END, Example, serial
from tests.handlers.acting import changed, offered, opened, result, there
from tests.handlers.forging import Forge, Json
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, field, options, shown
from tests.handlers.requesting import entered, made, registered

INFRASTRUCTURE = "license.request.infrastructure"


def many_infrastructures(desk: Desk, example: Example, count: int, company: int) -> list[int]:
    with desk.database.write() as connection:
        rows = [
            {
                "company_id": company,
                "product_id": example.product,
                "name": f"Plant {number:03}",
                "activation_code": f"P{number}",
                "hosting": "on_premises",
                "files": "signed",
            }
            for number in range(count)
        ]
        ids = list(
            connection.execute(insert(infrastructures).returning(infrastructures.c.id), rows).scalars()
        )
        term = {"edition": "E", "features": [], "limits": {}, "starts_at": START, "highest_version": "11"}
        connection.execute(
            insert(subscriptions),
            [
                {**term, "infrastructure_id": each, "ends_at": TERM_END, "unbroken_since": START}
                for each in ids
            ],
        )
        kind = {"environment_type": "production", "name": "Line"}
        connection.execute(insert(slots), [{**kind, "infrastructure_id": each} for each in ids])
    return ids


def slot_of(desk: Desk, infrastructure: int) -> int:
    with desk.database.read() as connection:
        query = select(slots.c.id).where(slots.c.infrastructure_id == infrastructure)
        return int(connection.execute(query.limit(1)).scalar_one())


def test_an_engineer_is_told_who_will_be_asked_before_asking(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    view = opened(slack, "U0BEN", "request")

    said = shown(view.blocks)
    assert view.title == "Request a license"
    assert "Infrastructure: Acme Core (Acme Logistics)" in said
    assert "This asks 3 people, any of whom can forward it: Fiona Marsh, Rui Costa and Ada Novak." in said
    assert "Those who are asked will read it." in said
    after = result(slack.submit("U0BEN", view, entered(view, registration)))

    said = shown(after.blocks)
    assert said.startswith(
        "R-1001: I asked Fiona Marsh, Rui Costa and Ada Novak about Quality 1 (Non-production)."
    )
    assert "License Desk tells you in a direct message what they answer." in said
    posts.send()
    assert posts.card().text.startswith("R-1001: Ben Okafor asks for the license file of Quality 1")


def test_the_environment_is_filled_in_by_serial_number_or_name(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0], 1)
    second = registered(desk, example.ben, example.quality[1], 2)

    for typed in (serial(2), serial(2).lower().replace("-", " "), "quality 2"):
        view = opened(slack, "U0BEN", f"request {typed}")
        chosen = view.state[field(view.blocks, "environments")]["license.request.environments"]
        assert [each["value"] for each in chosen["selected_options"]] == [str(second)], typed


def test_an_infrastructure_is_chosen_by_its_name_without_choosing_all_that_is_in_it(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ana, example.quality[0], 1)
    registered(desk, example.ana, example.depot_production[0], 2)

    view = opened(slack, "U0ANA", "request depot")

    assert options(view.blocks, "environments") == ["Prod 1 (Production)"]
    chosen = view.state[field(view.blocks, "environments")]["license.request.environments"]
    assert chosen["selected_options"] == []


def test_a_serial_number_that_is_not_registered_can_be_registered_filled_in(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    answer = slack.command("U0BEN", f"request {serial(7).lower()}")

    assert f"The serial number {serial(7)} is not registered yet" in answer.text
    assert buttons(answer.blocks) == ["Register it"]


def test_a_serial_number_of_another_company_is_answered_like_one_that_nobody_has(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.otto, example.globex_production[0], 1)

    foreign, nobodys = (slack.command("U0BEN", f"request {serial(each)}").text for each in (1, 2))

    assert foreign == nobodys.replace(serial(2), serial(1))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("7QK-4ZP-M2X-9HB-T5R-C8W-E0N-00", "A serial number has 24 letters and digits; this has 23."),
        ("AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC", "This is the activation code"),
        ("<!channel> `mars`", "You see no registered environment called “&lt;!channel&gt; ˋmarsˋ”."),
        ("x" * 2000, "You see no registered environment called “xxx"),
        ("Globex Core", "You see no registered environment called “Globex Core”."),
    ],
)
def test_what_cannot_be_found_is_said_with_what_may_be_wrong(
    slack: SlackClient, desk: Desk, example: Example, typed: str, said: str
) -> None:
    registered(desk, example.ben, example.quality[0])
    registered(desk, example.otto, example.globex_production[0], 2)

    answer = slack.command("U0BEN", f"request {typed}")

    assert said in answer.text
    assert answer.problems == []


def test_without_anything_registered_registering_is_offered(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = opened(slack, "U0BEN", "request")

    assert "No environment of Acme Core is registered yet, so there is no license to ask for." in shown(
        view.blocks
    )
    assert buttons(view.blocks) == ["Register an environment"]
    register = changed(slack, "U0BEN", view, "environment.register")
    assert register.title == "Register"


def test_the_modal_begins_where_something_is_registered(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ana, example.depot_production[0])

    view = opened(slack, "U0ANA", "request")

    assert options(view.blocks, "environments") == ["Prod 1 (Production)"]
    assert options(view.blocks, "infrastructure") == ["Acme Core", "Acme Depot"]


def test_another_infrastructure_has_other_environments_and_the_reason_stays(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ana, example.quality[0], 1)
    depot = registered(desk, example.ana, example.depot_production[0], 2)
    view = opened(slack, "U0ANA", "request")
    slack.act("U0ANA", view, "reason", "because <b>")

    other = changed(slack, "U0ANA", view, INFRASTRUCTURE, str(example.depot))

    assert options(other.blocks, "environments") == ["Prod 1 (Production)"]
    assert other.state["reason"]["reason"]["value"] == "because <b>"
    assert "This asks 1 person: Tom Berg. No contact can be reached" in shown(other.blocks)
    after = result(slack.submit("U0ANA", other, {field(other.blocks, "environments"): [str(depot)]}))
    assert "R-1001: I asked Tom Berg about Prod 1 (Production)." in shown(after.blocks)


def test_an_infrastructure_without_environments_can_be_left_again(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ana, example.quality[0], 1)
    view = opened(slack, "U0ANA", "request")

    empty = changed(slack, "U0ANA", view, INFRASTRUCTURE, str(example.depot))
    assert "No environment of Acme Depot is registered yet" in shown(empty.blocks)

    back = changed(slack, "U0ANA", empty, INFRASTRUCTURE, str(example.core))
    assert options(back.blocks, "environments") == ["Quality 1 (Non-production)"]


def test_a_forged_infrastructure_is_answered_like_none(
    slack: SlackClient, forge: Forge, desk: Desk, example: Example
) -> None:
    registered(desk, example.ana, example.quality[0])
    seen = []
    for wanted in (example.globex, 999_999):
        view = opened(slack, "U0ANA", "request")
        forge.interaction(_choice("U0ANA", view, str(wanted)))
        seen.append(there(slack, lambda: _told_in_view(slack, "U0ANA")))

    assert seen[0] == seen[1]
    assert "Globex" not in seen[0]


def test_a_cloud_infrastructure_needs_no_file(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.quality[0])

    assert "managed by the vendor and already active" in slack.command("U0BEN", "request acme cloud").text


def test_somebody_with_nothing_but_cloud_is_told_so(slack: SlackClient, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(
            delete(roles).where(roles.c.person_id == example.ben, roles.c.infrastructure_id == example.core)
        )

    assert "managed by the vendor and already active" in slack.command("U0BEN", "request").text


def test_in_grace_everything_works_and_says_so(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    posts.clock.now = TERM_END + timedelta(days=1)

    view = opened(slack, "U0BEN", "request")

    assert "The subscription has ended; everything works in grace until" in shown(view.blocks)
    assert "I asked" in shown(result(slack.submit("U0BEN", view, entered(view, registration))).blocks)


@pytest.mark.parametrize(
    ("state", "said"),
    [("suspended", "is suspended. Nothing has changed."), ("ended", "has ended, and its days of grace")],
)
def test_ended_and_suspended_are_said_before_anything_is_filled_in(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, state: str, said: str
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    view = opened(slack, "U0BEN", "request")
    if state == "ended":
        posts.clock.now = TERM_END + timedelta(days=30)
    else:
        with desk.database.write() as connection:
            connection.execute(update(subscriptions).values(state="suspended"))

    assert said in slack.command("U0BEN", "request").text
    assert said in shown(result(slack.submit("U0BEN", view, entered(view, registration))).blocks)
    assert made(desk) == 0


def test_a_suspended_infrastructure_can_be_left_for_another(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ana, example.quality[0], 1)
    registered(desk, example.ana, example.depot_production[0], 2)
    with desk.database.write() as connection:
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.infrastructure_id == example.core)
            .values(state="suspended")
        )
    view = opened(slack, "U0ANA", "request")
    assert options(view.blocks, "environments") == ["Prod 1 (Production)"]

    refused = changed(slack, "U0ANA", view, INFRASTRUCTURE, str(example.core))

    assert "The subscription of Acme Core is suspended." in shown(refused.blocks)
    back = changed(slack, "U0ANA", refused, INFRASTRUCTURE, str(example.depot))
    assert options(back.blocks, "environments") == ["Prod 1 (Production)"]


def test_more_infrastructures_than_a_menu_holds_are_searched(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    ids = many_infrastructures(desk, example, 120, example.globex_company)
    registered(desk, example.nina, slot_of(desk, ids[111]), 5)
    view = opened(slack, "U0NINA", "request")
    assert offered(slack, "U0NINA", view, INFRASTRUCTURE, "Mars") == []
    assert offered(slack, "U0NINA", view, INFRASTRUCTURE, "plant 111") == ["Plant 111 (Globex)"]

    form = changed(slack, "U0NINA", view, INFRASTRUCTURE, str(ids[111]))
    assert options(form.blocks, "environments") == ["Line (Production)"]
    after = result(
        slack.submit(
            "U0NINA",
            form,
            {"license.request.environments": [form.blocks[1]["element"]["options"][0]["value"]]},
        )
    )
    assert "R-1001: the license file of Line (Production) is on its way" in shown(after.blocks)


def test_the_shortcut_searches_too_and_names_work(slack: SlackClient, desk: Desk, example: Example) -> None:
    ids = many_infrastructures(desk, example, 120, example.globex_company)
    registered(desk, example.nina, slot_of(desk, ids[7]), 5)
    slack.shortcut("U0NINA", "license.request")
    view = there(slack, lambda: slack.view("U0NINA"))

    assert offered(slack, "U0NINA", view, INFRASTRUCTURE, "plant 007") == ["Plant 007 (Globex)"]

    named = opened(slack, "U0NINA", "request plant 007")
    assert options(named.blocks, "environments") == ["Line (Production)"]


def test_more_environments_than_a_menu_holds_can_be_named(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        rows = [
            {"infrastructure_id": example.core, "environment_type": "production", "name": f"Line {number:03}"}
            for number in range(130)
        ]
        ids = list(connection.execute(insert(slots).returning(slots.c.id), rows).scalars())
    made_ids = [registered(desk, example.ben, slot, 1000 + number) for number, slot in enumerate(ids)]

    whole = opened(slack, "U0BEN", "request")
    menu = f"license.request.environments:{example.core}"
    assert len(offered(slack, "U0BEN", whole, menu)) == 100
    assert offered(slack, "U0BEN", whole, menu, "line 12")[:10] == [
        f"Line 12{each} (Production)" for each in range(10)
    ]
    slack.close("U0BEN", whole)
    named = opened(slack, "U0BEN", "request line 129")

    chosen = named.state[field(named.blocks, "environments")][menu]
    assert [each["value"] for each in chosen["selected_options"]] == [str(made_ids[-1])]


def test_the_longest_and_most_hostile_names_fit_the_modal(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    hostile = ("<!channel> *x* `y` & \u202eשלום 😀 " * 9)[:80]
    with desk.database.write() as connection:
        connection.execute(update(slots).where(slots.c.id == example.quality[0]).values(name=hostile))
        connection.execute(
            update(infrastructures).where(infrastructures.c.id == example.core).values(name=hostile)
        )
        connection.execute(update(persons).values(name=hostile))
    registration = registered(desk, example.ana, example.quality[0])

    view = opened(slack, "U0ANA", "request")
    after = result(slack.submit("U0ANA", view, entered(view, registration, reason="x" * 1000)))

    assert "R-1001: I asked" in shown(after.blocks)
    assert "<!channel>" not in shown(after.blocks)
    assert "\u202e" not in shown(view.blocks) + shown(after.blocks)


def test_somebody_of_another_company_sees_nothing_of_this_one(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    registered(desk, example.otto, example.globex_production[0], 2)

    view = opened(slack, "U0OTTO", "request")

    assert options(view.blocks, "environments") == ["Production 1 (Production)"]
    assert "Acme" not in str(view.blocks)


def _choice(user: str, view: View, value: str) -> Json:
    action = {
        "action_id": INFRASTRUCTURE,
        "block_id": "infrastructure",
        "type": "static_select",
        "action_ts": "1.1",
        "selected_option": {"value": value},
    }
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": "T0ACME"},
        "team": {"id": "T0ACME"},
        "container": {"type": "view", "view_id": view.id},
        "view": view.raw,
        "trigger_id": "1",
        "actions": [action],
    }


def _told_in_view(slack: SlackClient, user: str) -> str:
    view = slack.view(user)
    return shown(view.blocks) if view and view.callback_id == "result" else ""
