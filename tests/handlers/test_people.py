"""`/license people`: who is who, and the modals that change it, over the wire."""

import pytest
from sqlalchemy import insert, select, update

from bot.sandbox.client import SlackClient
from store import tables
from store.desk import Desk
from tests.conftest import Clock
from tests.example import APPROVAL_CHANNEL, START, Example
from tests.handlers.acting import result, there, told
from tests.handlers.conftest import Counts
from tests.handlers.forging import Forge
from tests.handlers.peopling import ROLE, afterwards, pressed, role_chosen, saved, wait_direct, who
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, field, options, shown
from tests.store.peopling import holders
from tests.store.requesting import change, put, registered, rest_roles


def test_everybody_with_a_role_sees_who_is_who(slack: SlackClient, example: Example) -> None:
    for user in ("U0ANA", "U0MAX"):
        said = shown(who(slack, user).blocks)
        assert "Financial contact: Fiona Marsh" in said
        assert "Technical contact: Rui Costa" in said
        assert "Infrastructure administrators: Tom Berg" in said
        assert "Company admins: Eva Lang" in said
        assert "Members: Ana Silva, Ben Okafor, Gus Tan (guest) and Lena Holm (not in Slack)" in said
        assert f"Approval channel: <#{APPROVAL_CHANNEL}>" in said


def test_what_needs_attention_is_said_in_words(slack: SlackClient, desk: Desk, example: Example) -> None:
    rest_roles(desk, example.rui)
    change(
        desk,
        update(tables.persons).where(tables.persons.c.id == example.fiona).values(active=False),
        update(tables.conversations).values(archived=True),
    )
    message = who(slack, "U0EVA")
    said = shown(message.blocks)
    assert message.text == "Acme Core (Acme Logistics): 10 people have a role, and 6 things need attention."
    assert "There is only one active company admin." in said
    assert "The approval channel is archived." in said
    assert "Fiona Marsh (financial contact) is deactivated in Slack, so their roles rest." in said
    assert "Rui Costa (technical contact) is back in Slack, but their roles rest" in said
    assert (
        "Lena Holm (member) is not known in Slack yet. They are linked when they first type `/license`."
        in said
    )
    assert "Gus Tan (member) is a guest whom the import does not name" in said


def test_where_nobody_is_a_contact_it_is_said(slack: SlackClient, example: Example) -> None:
    assert "Nobody is a contact, so that requests go to administrators." in shown(
        who(slack, "U0TOM", "Acme Depot").blocks
    )


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("U0ANA", ["Hand over my roles"]),
        ("U0MAX", ["Hand over my roles"]),
        ("U0ADA", ["Name a stand-in", "Hand over my roles"]),
        ("U0RUI", ["Change a role", "Name a stand-in", "Hand over my roles"]),
        ("U0TOM", ["Change a role", "Approval channel", "Name a stand-in", "Hand over my roles"]),
        ("U0OLGA", ["Change a role"]),
    ],
)
def test_each_sees_the_buttons_of_what_they_may(
    slack: SlackClient, example: Example, user: str, expected: list[str]
) -> None:
    assert buttons(who(slack, user).blocks) == expected


def test_one_of_several_infrastructures_is_chosen_from_a_menu(slack: SlackClient, example: Example) -> None:
    slack.command("U0TOM", "people")
    menu = told(slack, "U0TOM", "You see 2 infrastructures.")

    slack.click("U0TOM", menu, "people.infrastructure", option=str(example.depot))

    told(slack, "U0TOM", "Acme Depot (Acme Logistics): ")


def test_an_unknown_name_is_said(slack: SlackClient, example: Example) -> None:
    assert "None of your infrastructures is called “mars”." in slack.command("U0TOM", "people mars").text


def test_the_infrastructure_of_others_cannot_be_chosen(
    slack: SlackClient, forge: Forge, example: Example
) -> None:
    slack.command("U0TOM", "people")
    menu = told(slack, "U0TOM", "You see 2 infrastructures.")
    element = menu.blocks[-1]["elements"][0]
    element["options"][0]["value"] = str(example.globex)

    slack.click("U0TOM", menu, "people.infrastructure", option=str(example.globex))

    told(slack, "U0TOM", "You are not associated with any infrastructure")


def test_a_technical_contact_is_replaced_by_somebody_known(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = role_chosen(slack, "U0TOM", "technical_contact")
    assert "Technical contact now: Rui Costa." in shown(view.blocks)

    after = result(saved(slack, "U0TOM", view, add="U0BEN"))

    said = shown(after.blocks)
    assert "Rui Costa is no longer the technical contact of Acme Core (Acme Logistics)." in said
    assert "Ben Okafor is now the technical contact of Acme Core (Acme Logistics)." in said
    assert holders(desk, "technical_contact") == {example.ben}


def test_somebody_unknown_is_looked_up_after_the_answer(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = role_chosen(slack, "U0TOM", "member")

    first = result(saved(slack, "U0TOM", view, add=["U0ZOE", "U0EVA"], remove=[str(example.ben)]))

    assert "Looking up in Slack who that is…" in shown(first.blocks)
    said = afterwards(slack, "U0TOM", "Zoe Quist is now a member of Acme Core")
    assert "Eva Lang is now a member of Acme Core" in said
    assert "Ben Okafor is no longer a member of Acme Core" in said
    assert len(slack.calls("users.info")) == 1


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"is_restricted": True}, "Zoe Quist is a guest in Slack"),
        ({"deleted": True}, "Zoe Quist is deactivated in Slack"),
        ({"team": "T0FAR"}, "Zoe Quist belongs to another workspace"),
    ],
)
def test_somebody_who_cannot_have_a_role_is_refused_after_looking(
    slack: SlackClient, desk: Desk, example: Example, changes: dict[str, object], part: str
) -> None:
    slack.change_person("U0ZOE", **changes)
    saved(slack, "U0TOM", role_chosen(slack, "U0TOM", "member"), add=["U0ZOE"])

    assert "Nothing has changed." in afterwards(slack, "U0TOM", part)
    with desk.database.read() as connection:
        known = select(tables.persons.c.id).where(tables.persons.c.slack_id == "U0ZOE")
        assert connection.execute(known).first() is None


def test_a_guest_of_the_import_without_a_slack_id_gets_no_role(slack: SlackClient, example: Example) -> None:
    after = result(saved(slack, "U0TOM", role_chosen(slack, "U0TOM", "additional_contact"), add=["U0GUS"]))

    assert "Gus Tan is a guest in Slack, and only the import can let a guest in" in shown(after.blocks)


def test_when_slack_does_not_answer_nothing_changes_and_it_is_said(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.weather(fault="server_error", method="users.info", calls=1)
    saved(slack, "U0TOM", role_chosen(slack, "U0TOM", "member"), add=["U0ZOE"])

    afterwards(slack, "U0TOM", "Slack did not answer, so we could not look that up. Nothing has changed.")


def test_nobody_chosen_is_said_at_the_field(slack: SlackClient, example: Example) -> None:
    view = role_chosen(slack, "U0TOM", "member")

    submitted = slack.submit("U0TOM", view)

    assert submitted.errors == {field(view.blocks, "add"): "Choose somebody to add or to remove."}


def test_the_last_company_admin_stays(slack: SlackClient, desk: Desk, example: Example) -> None:
    view = role_chosen(slack, "U0EVA", "company_admin")
    assert "This role counts in every infrastructure of Acme Logistics." in shown(view.blocks)

    after = result(saved(slack, "U0EVA", view, remove=[str(example.eva)]))

    assert "Eva Lang is the last active company admin of Acme Logistics" in shown(after.blocks)
    assert example.eva in holders(desk, "company_admin")


def test_somebody_may_choose_only_among_the_roles_that_they_may_set(
    slack: SlackClient, example: Example
) -> None:
    assert options(pressed(slack, "U0RUI", "people.set_role").blocks, "role") == ["Technical contact"]
    assert options(pressed(slack, "U0OLGA", "people.set_role").blocks, "role") == [
        "Financial contact",
        "Infrastructure administrator",
        "Company admin",
        "Auditor",
    ]


@pytest.mark.parametrize(
    ("user", "role", "part"),
    [
        (
            "U0RUI",
            "company_admin",
            "You cannot set who is a company admin here. Nothing has changed. Ask Eva Lang.",
        ),
        ("U0ANA", "member", "You cannot set who is a member here."),
        ("U0NINA", "member", "You are not associated with any infrastructure"),
    ],
)
def test_a_forged_form_gives_no_right(
    forge: Forge, desk: Desk, example: Example, user: str, role: str, part: str
) -> None:
    values = {
        "role": {ROLE: {"type": "static_select", "selected_option": {"value": role}}},
        f"add:{role}": {"field": {"type": "multi_users_select", "selected_users": ["U0BEN"]}},
    }
    before = holders(desk, role)

    answer = forge.submission(user, "people.set_role", values, f'{{"infrastructure": "{example.core}"}}')

    assert part in shown(answer["view"]["blocks"])
    assert holders(desk, role) == before


def test_the_approval_channel_is_looked_at_before_it_is_taken(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = pressed(slack, "U0TOM", "people.set_channel", "Acme Depot")

    first = result(slack.submit("U0TOM", view, {"channel": APPROVAL_CHANNEL}))

    assert "Looking at the channel…" in shown(first.blocks)
    afterwards(
        slack, "U0TOM", f"The approval channel of Acme Depot (Acme Logistics) is <#{APPROVAL_CHANNEL}> now."
    )
    assert channel_of(desk, example.depot) == APPROVAL_CHANNEL


def channel_of(desk: Desk, infrastructure: int) -> str | None:
    rows = tables.infrastructures
    with desk.database.read() as connection:
        query = select(rows.c.approval_channel).where(rows.c.id == infrastructure)
        found: str | None = connection.execute(query).scalar_one()
    return found


@pytest.mark.parametrize(
    ("trouble", "part"),
    [
        ("archive", "it is archived. Unarchive it, or choose another channel"),
        ("remove_bot", "it does not have me in it. Write `/invite @License Desk` there"),
        ("share_channel", "it is shared with another organization"),
        ("delete_channel", "it does not have me in it"),
    ],
)
def test_a_channel_where_no_card_could_be_posted_is_refused(
    slack: SlackClient, desk: Desk, example: Example, trouble: str, part: str
) -> None:
    view = pressed(slack, "U0TOM", "people.set_channel", "Acme Depot")
    getattr(slack, trouble)(APPROVAL_CHANNEL)

    slack.submit("U0TOM", view, {"channel": APPROVAL_CHANNEL})

    said = afterwards(slack, "U0TOM", part)
    assert "The approval channel stays as it was." in said
    assert channel_of(desk, example.depot) is None


def test_without_a_channel_requests_go_to_each_person(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = pressed(slack, "U0EVA", "people.set_channel")

    after = result(slack.submit("U0EVA", view, {"channel": None}))

    assert "has no approval channel now. Requests go to each person directly." in shown(after.blocks)
    assert channel_of(desk, example.core) is None


def test_a_stand_in_is_named_by_the_contact_and_ended_with_a_button(
    slack: SlackClient, desk: Desk, posts: Posts, example: Example
) -> None:
    view = pressed(slack, "U0RUI", "people.name_stand_in")
    assert "For: Rui Costa" in shown(view.blocks)
    days = {"stand_in": "U0BEN", "from": "2026-11-25", "until": "2026-12-01"}

    after = result(slack.submit("U0RUI", view, days))
    posts.send()

    assert "Ben Okafor stands in for Rui Costa from 25 Nov 2026 to 1 Dec 2026." in shown(after.blocks)
    [notice] = [each for each in posts.direct("U0BEN") if "stand in" in each]
    assert notice.startswith(
        "You stand in for Rui Costa in Acme Core (Acme Logistics), from 25 Nov 2026 to 1 Dec 2026"
    )
    assert "You get no other rights by it." in notice

    message = who(slack, "U0RUI")
    assert "Ben Okafor stands in for Rui Costa" in shown(message.blocks)
    slack.click("U0RUI", message, "people.end_stand_in")
    told(slack, "U0RUI", "Ben Okafor no longer stands in for Rui Costa.")
    assert "stands in" not in shown(who(slack, "U0RUI").blocks)


def test_an_administrator_chooses_the_contact(slack: SlackClient, desk: Desk, example: Example) -> None:
    view = pressed(slack, "U0TOM", "people.name_stand_in")
    assert options(view.blocks, "contact") == ["Ada Novak", "Fiona Marsh", "Rui Costa"]
    days = {"contact": str(example.fiona), "stand_in": "U0ZOE", "from": "2026-12-01", "until": "2026-12-10"}

    slack.submit("U0TOM", view, days)

    afterwards(slack, "U0TOM", "Zoe Quist stands in for Fiona Marsh from")


@pytest.mark.parametrize(
    ("values", "block", "part"),
    [
        ({"until": "2026-12-25"}, "until", "These are 31 days; somebody stands in for 30 days at most."),
        ({"until": "2026-11-24"}, "until", "The last day comes before the first."),
        ({"from": "2026-11-20", "until": "2026-11-21"}, "until", "This day has passed."),
        ({"stand_in": "U0RUI"}, "stand_in", "nobody stands in for themselves"),
    ],
)
def test_what_is_wrong_with_a_stand_in_is_said_at_the_field(
    slack: SlackClient, example: Example, values: dict[str, str], block: str, part: str
) -> None:
    view = pressed(slack, "U0RUI", "people.name_stand_in")
    days = {"stand_in": "U0BEN", "from": "2026-11-25", "until": "2026-12-01"}

    submitted = slack.submit("U0RUI", view, {**days, **values})

    assert part in submitted.errors[block]


def test_a_contact_cannot_name_a_stand_in_for_another_one(forge: Forge, desk: Desk, example: Example) -> None:
    values = {
        "stand_in": {"field": {"type": "users_select", "selected_user": "U0BEN"}},
        "from": {"field": {"type": "datepicker", "selected_date": "2026-11-25"}},
        "until": {"field": {"type": "datepicker", "selected_date": "2026-11-26"}},
    }
    memory = f'{{"infrastructure": "{example.core}", "contact": "{example.fiona}"}}'

    answer = forge.submission("U0RUI", "people.name_stand_in", values, memory)

    assert "Naming somebody's stand-in needs a role that you do not have." in shown(answer["view"]["blocks"])


def test_resting_roles_are_confirmed_from_the_notice(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, counts: Counts
) -> None:
    slack.deactivate("U0RUI")
    there(slack, lambda: not holders(desk, "technical_contact") or None)
    slack.reactivate("U0RUI")
    there(slack, lambda: told_of(desk, "roles_to_confirm"))
    posts.send()
    notice = posts.direct_message("U0TOM", "Rui Costa is back in Slack, and their roles rest.")
    assert "the technical contact of Acme Core (Acme Logistics)" in shown(notice.blocks)

    posts.click("U0TOM", notice, "people.confirm_roles")
    view = there(slack, lambda: slack.view("U0TOM"))
    after = result(slack.submit("U0TOM", view))

    assert "Rui Costa is again the technical contact of Acme Core (Acme Logistics)." in shown(after.blocks)
    assert holders(desk, "technical_contact") == {example.rui}
    posts.send()
    assert any("Tom Berg confirmed your role" in each for each in posts.direct("U0RUI"))
    assert any("Tom Berg confirmed that Rui Costa is" in each for each in posts.direct("U0EVA"))


def told_of(desk: Desk, notice: str) -> list[int]:
    """The deliveries of a notice."""
    with desk.database.read() as connection:
        query = select(tables.deliveries.c.id).where(tables.deliveries.c.notice == notice)
        return list(connection.execute(query).scalars())


def test_a_second_admin_who_presses_confirm_is_told_that_it_is_done(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    rest_roles(desk, example.rui)
    first = pressed(slack, "U0EVA", "people.confirm_roles:infrastructure")
    second = pressed(slack, "U0TOM", "people.confirm_roles:infrastructure")
    assert options(first.blocks, "roles") == ["Rui Costa: Technical contact"]
    result(slack.submit("U0EVA", first))

    after = result(slack.submit("U0TOM", second))

    assert "They were confirmed already. Nothing has changed." in shown(after.blocks)


def test_a_technical_contact_hands_over(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    view = pressed(slack, "U0RUI", "people.hand_over")
    assert options(view.blocks, "roles") == ["Technical contact"]
    assert "These requests wait for your answer: R-1001." in shown(view.blocks)

    after = result(slack.submit("U0RUI", view, {"successor": "U0BEN"}))
    posts.send()

    assert "Ben Okafor is now the technical contact of Acme Core (Acme Logistics), in your place." in shown(
        after.blocks
    )
    assert holders(desk, "technical_contact") == {example.ben}
    assert any("R-1001" in each for each in posts.direct("U0BEN"))
    assert any(
        "Rui Costa made you the technical contact of Acme Core" in each for each in posts.direct("U0BEN")
    )


def test_what_one_may_not_give_is_given_by_those_who_may(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    view = pressed(slack, "U0FIONA", "people.hand_over")
    after = result(slack.submit("U0FIONA", view, {"successor": "U0BEN"}))
    assert (
        "You stay the financial contact of Acme Core (Acme Logistics) until Olga Ruiz gives it to Ben Okafor."
        in (shown(after.blocks))
    )
    assert holders(desk, "financial_contact") == {example.fiona}
    posts.send()
    notice = posts.direct_message(
        "U0OLGA", "Fiona Marsh would like Ben Okafor to follow them as the financial contact"
    )

    posts.click("U0OLGA", notice, "people.take_over")

    part = (
        "Ben Okafor is now the financial contact of Acme Core (Acme Logistics), in the place of Fiona Marsh."
    )
    wait_direct(slack, "U0OLGA", part)
    assert holders(desk, "financial_contact") == {example.ben}


def test_a_stranger_who_presses_the_button_of_a_hand_over_is_told_nothing(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, forge: Forge
) -> None:
    held = tables.roles
    with desk.database.read() as connection:
        role = connection.execute(select(held.c.id).where(held.c.person_id == example.fiona)).scalar_one()
    for user, part in (
        ("U0NINA", "You are not associated with any infrastructure"),
        ("U0ANA", "You cannot set who is the financial contact here."),
    ):
        forge.interaction(
            {
                "type": "block_actions",
                "team": {"id": example.workspace},
                "user": {"id": user, "team_id": example.workspace},
                "container": {"channel_id": "C0X", "message_ts": "1.2", "is_ephemeral": False},
                "channel": {"id": APPROVAL_CHANNEL},
                "actions": [
                    {"action_id": "people.take_over", "value": f"{role}-{example.ben}", "action_ts": "1.1"}
                ],
            }
        )
        # They are not in that channel, so that the answer reaches them directly.
        wait_direct(slack, user, part)
    assert holders(desk, "financial_contact") == {example.fiona}


def test_a_role_is_given_up_without_a_successor(slack: SlackClient, desk: Desk, example: Example) -> None:
    view = pressed(slack, "U0ADA", "people.hand_over")

    after = result(slack.submit("U0ADA", view))

    assert "You are no longer an additional contact of Acme Core (Acme Logistics)." in shown(after.blocks)
    assert holders(desk, "additional_contact") == set()


def test_the_last_admin_cannot_give_up(slack: SlackClient, desk: Desk, example: Example) -> None:
    view = pressed(slack, "U0EVA", "people.hand_over")

    after = result(slack.submit("U0EVA", view))

    assert "Eva Lang is the last active company admin of Acme Logistics" in shown(after.blocks)
    assert example.eva in holders(desk, "company_admin")


def test_names_that_people_typed_have_no_power(slack: SlackClient, desk: Desk, example: Example) -> None:
    hostile = "<!channel> *" + "ⓧ" * 80
    change(
        desk,
        update(tables.persons).values(name=hostile),
        update(tables.infrastructures)
        .where(tables.infrastructures.c.id == example.core)
        .values(name="Acme Core"),
    )
    said = shown(who(slack, "U0EVA").blocks)
    assert "<!channel>" not in said
    for action in ("people.set_role", "people.name_stand_in", "people.hand_over"):
        assert pressed(slack, "U0EVA", action)


def test_many_people_keep_to_slack_s_limits(slack: SlackClient, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        rows = [
            {"workspace_id": example.workspace, "slack_id": f"U0M{each}", "name": f"{'Long ' * 20}{each}"}
            for each in range(130)
        ]
        ids = list(connection.execute(insert(tables.persons).returning(tables.persons.c.id), rows).scalars())
        for role in ("member", "additional_contact", "infrastructure_admin"):
            values = {"role": role, "infrastructure_id": example.core, "held_from": START, "state": "resting"}
            connection.execute(insert(tables.roles), [{**values, "person_id": each} for each in ids])

    message = who(slack, "U0EVA")
    assert "more" in shown(message.blocks)

    view = role_chosen(slack, "U0EVA", "member")
    after = saved(slack, "U0EVA", view, remove=["U0M7"])
    assert "is no longer a member" in shown(result(after).blocks)


def test_a_redelivered_submission_has_one_effect(
    slack: SlackClient, desk: Desk, clock: Clock, example: Example
) -> None:
    slack.weather(redeliver=2)
    saved(slack, "U0TOM", role_chosen(slack, "U0TOM", "additional_contact"), add=["U0BEN"])

    with desk.database.read() as connection:
        given = select(tables.audit_entries.c.id).where(tables.audit_entries.c.action == "give_role")
        assert len(connection.execute(given).all()) == 1
