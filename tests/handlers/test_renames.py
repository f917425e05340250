import pytest
from sqlalchemy import insert, select, update

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import View
from store.desk import Desk
from store.tables import roles, slots
from tests.example import Example
from tests.handlers.acting import result, there, told
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, options, shown
from tests.handlers.requesting import registered
from tests.handlers.test_menus import suggested


def modal(slack: SlackClient, user: str) -> View:
    def drawn() -> View | None:
        now = slack.view(user)
        return now if now and now.title == "Rename a slot" else None

    return there(slack, drawn)


def from_environments(slack: SlackClient, user: str = "U0RUI") -> View:
    """The modal that the button of a single environment opens."""
    slack.command(user, "environments")
    slack.click(user, told(slack, user, "1 environment is registered."), "environment.rename")
    return modal(slack, user)


def from_slots(slack: SlackClient, example: Example, user: str = "U0RUI") -> View:
    """The modal that the button of an infrastructure's slots opens."""
    slack.command(user, "slots Acme Core")
    action = f"environment.rename:infrastructure-{example.core}"
    slack.click(user, told(slack, user, "slots are free."), action)
    return modal(slack, user)


def name_of(desk: Desk, slot: int) -> str:
    with desk.database.read() as connection:
        return str(connection.execute(select(slots.c.name).where(slots.c.id == slot)).scalar_one())


def test_an_environment_is_renamed_and_can_be_renamed_back(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    view = from_environments(slack)
    assert "Slot: Quality 1 (Non-production), Acme Core" in shown(view.blocks)
    assert "No license file is made anew" in shown(view.blocks)

    after = result(slack.submit("U0RUI", view, {"name": "Staging"}))

    said = shown(after.blocks)
    assert said.startswith("Quality 1 is called Staging now.")
    assert "To undo it, rename it back to Quality 1." in said
    assert buttons(after.blocks) == ["Rename"]
    assert name_of(desk, example.quality[0]) == "Staging"

    slack.act("U0RUI", after, "environment.rename")
    again = modal(slack, "U0RUI")
    result(slack.submit("U0RUI", again, {"name": "Quality 1"}))
    assert name_of(desk, example.quality[0]) == "Quality 1"


def test_a_free_slot_is_renamed_from_the_list_of_slots(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = from_slots(slack, example)
    assert "Prod 3" in options(view.blocks, "slot")

    after = result(slack.submit("U0RUI", view, {"slot": str(example.production[2]), "name": "Main"}))

    assert shown(after.blocks).startswith("Prod 3 is called Main now.")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "quality 2",
            "Another slot of this infrastructure is called Quality 2 already. Choose another name.",
        ),
        ("\u200b", "Type the new name."),
    ],
)
def test_a_name_that_cannot_be_one_is_said_at_its_field(
    slack: SlackClient, desk: Desk, example: Example, name: str, said: str
) -> None:
    registered(desk, example.ben, example.quality[0])

    submitted = slack.submit("U0RUI", from_environments(slack), {"name": name})

    assert submitted.errors == {"name": said}
    assert name_of(desk, example.quality[0]) == "Quality 1"


def test_the_same_name_is_no_change(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.quality[0])

    after = result(slack.submit("U0RUI", from_environments(slack)))

    assert "Quality 1 is called so already; nothing has changed." in shown(after.blocks)


@pytest.mark.parametrize("user", ["U0BEN", "U0FIONA", "U0MAX"])
def test_those_who_may_not_rename_are_not_offered_it(
    slack: SlackClient, desk: Desk, example: Example, user: str
) -> None:
    registered(desk, example.ben, example.quality[0])

    for command in ("slots", "environments"):
        assert not [each for each in buttons(slack.command(user, command).blocks) if "Rename" in each]


def test_somebody_with_several_infrastructures_is_offered_each(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    offered = buttons(slack.command("U0TOM", "slots").blocks)

    assert [each for each in offered if each.startswith("Rename")] == [
        "Rename in Acme Core",
        "Rename in Acme Depot",
    ]


def test_a_forged_submission_of_somebody_without_the_right_is_refused(
    forge: Forge, desk: Desk, example: Example
) -> None:
    values = {"name": {"field": {"type": "plain_text_input", "value": "Mine"}}}

    answer = forge.submission("U0BEN", "environment.rename", values, f'{{"slot": "{example.quality[0]}"}}')

    assert "Renaming a slot needs a role that you do not have." in str(answer)
    assert name_of(desk, example.quality[0]) == "Quality 1"


def test_a_right_that_was_lost_meanwhile_is_asked_for_again(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    view = from_environments(slack)
    with desk.database.write() as connection:
        connection.execute(update(roles).where(roles.c.person_id == example.rui).values(role="member"))

    after = result(slack.submit("U0RUI", view, {"name": "Mine"}))

    assert "Renaming a slot needs a role that you do not have." in shown(after.blocks)


def test_those_who_look_after_it_are_told(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    result(slack.submit("U0EVA", from_environments(slack, "U0EVA"), {"name": "Staging <!channel>"}))

    posts.send()

    for user in ("U0RUI", "U0BEN"):
        said = posts.direct_message(user, "Eva Lang renamed Quality 1 to Staging")
        assert "<!channel>" not in shown(said.blocks)
    assert not [each for each in posts.direct("U0EVA") if "renamed" in each]


def test_the_history_tells_both_names(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.quality[0])
    result(slack.submit("U0RUI", from_environments(slack), {"name": "Staging"}))

    answer = slack.command("U0RUI", "history Staging")

    assert "Rui Costa renamed Quality 1 to Staging" in f"{answer.text} {shown(answer.blocks)}"


def test_one_of_more_than_a_hundred_slots_is_looked_for(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    place = {"infrastructure_id": example.core, "environment_type": "development"}
    with desk.database.write() as connection:
        connection.execute(insert(slots), [{**place, "name": f"Cluster {each}"} for each in range(101)])
    view = from_slots(slack, example)
    menu = f"environment.rename.of:{example.core}"

    assert len(slack.suggest("U0RUI", view, menu, "")) == 100
    assert slack.suggest("U0RUI", view, menu, "mars") == []
    [chosen] = slack.suggest("U0RUI", view, menu, "cluster 50")
    after = result(slack.submit("U0RUI", view, {"slot": chosen["value"], "name": "Main"}))

    assert shown(after.blocks).startswith("Cluster 50 is called Main now.")


def test_only_those_who_may_rename_are_offered_the_slots(forge: Forge, example: Example) -> None:
    menu = f"environment.rename.of:{example.core}"

    assert "Prod 1" in suggested(forge, "U0RUI", menu)
    for user in ("U0BEN", "U0FIONA", "U0MAX", "U0OTTO", "U0ZOE"):
        assert suggested(forge, user, menu) == []
