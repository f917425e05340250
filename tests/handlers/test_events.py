from typing import Any

import pytest
from sqlalchemy import insert, select, text

from bot.sandbox.client import SlackClient
from handlers.drawings import Drawings
from store import deliveries, registrations, requests, tables
from store.desk import Actor, Desk
from store.overtaken import follow_up
from store.request_views import view
from tests.example import APPROVAL_CHANNEL, WORKSPACE, Example, serial
from tests.handlers.conftest import BOT_USER
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts


def person(desk: Desk, person_id: int) -> Any:
    with desk.database.read() as connection:
        return connection.execute(select(tables.persons).where(tables.persons.c.id == person_id)).one()


def channel(desk: Desk) -> Any:
    with desk.database.read() as connection:
        return connection.execute(
            select(tables.conversations).where(tables.conversations.c.kind == "channel")
        ).one()


def members(desk: Desk) -> set[str]:
    with desk.database.read() as connection:
        return set(connection.execute(select(tables.conversation_members.c.slack_id)).scalars())


def role_states(desk: Desk, person_id: int) -> set[str]:
    with desk.database.read() as connection:
        query = select(tables.roles.c.state).where(tables.roles.c.person_id == person_id)
        return set(connection.execute(query).scalars())


def helps(desk: Desk) -> list[deliveries.Delivery]:
    with desk.database.read() as connection:
        return [each for each in deliveries.listing(connection) if each.notice == "short_help"]


def drawn(desk: Desk, delivery: deliveries.Delivery) -> str:
    with desk.database.read() as connection:
        return str(Drawings().notice(connection, desk, delivery)["text"])


def test_roles_of_somebody_deactivated_rest(slack: SlackClient, desk: Desk, example: Example) -> None:
    slack.deactivate("U0RUI")

    slack.wait_for(lambda: role_states(desk, example.rui) == {"resting"})
    assert person(desk, example.rui).active is False


def test_a_guest_who_becomes_a_member_is_let_in_and_the_other_way_round(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.change_person("U0GUS", is_restricted=False)
    slack.wait_for(lambda: not person(desk, example.gus).guest)
    assert "slots are free" in slack.command("U0GUS", "slots").text

    slack.change_person("U0GUS", is_restricted=True)
    slack.wait_for(lambda: person(desk, example.gus).guest)
    assert "Guests can use License Desk only" in slack.command("U0GUS", "slots").text


def test_somebody_whom_the_import_named_is_linked_when_they_join(
    forge: Forge, desk: Desk, example: Example
) -> None:
    user = {
        "id": "U0LENA",
        "team_id": WORKSPACE,
        "name": "lena",
        "profile": {"email": "Lena.Holm@acme.example"},
    }

    assert forge.event({"type": "team_join", "user": user}).status == 200

    assert person(desk, example.lena).slack_id == "U0LENA"


def test_somebody_whose_address_becomes_the_one_that_the_import_named_is_linked(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.change_person("U0LENA", email="somebody@else.example")
    slack.change_person("U0LENA", email="lena.holm@acme.example")

    slack.wait_for(lambda: person(desk, example.lena).slack_id == "U0LENA")


def test_somebody_of_no_concern_is_not_kept(forge: Forge, desk: Desk, example: Example) -> None:
    for user in (
        {"id": "U0NEW", "team_id": WORKSPACE, "profile": {"email": "new@acme.example"}},
        {"id": "U0BOT", "team_id": WORKSPACE, "is_bot": True, "profile": {"email": "lena.holm@acme.example"}},
        {"id": "U0FAR", "team_id": "T0FAR", "profile": {"email": "lena.holm@acme.example"}},
    ):
        assert forge.event({"type": "team_join", "user": user}).status == 200

    with desk.database.read() as connection:
        known = set(connection.execute(select(tables.persons.c.slack_id)).scalars())
    assert not known & {"U0NEW", "U0BOT", "U0FAR"}


def test_comings_and_goings_in_the_approval_channel_are_noted(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.join("U0ADA", APPROVAL_CHANNEL)
    slack.wait_for(lambda: "U0ADA" in members(desk))

    slack.leave("U0RUI", APPROVAL_CHANNEL)
    slack.wait_for(lambda: "U0RUI" not in members(desk))


def test_a_channel_without_the_bot_counts_as_none_until_it_is_back(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(
            insert(tables.workspaces).values(
                workspace_id=WORKSPACE, name="Acme", bot_id="B0DESK", bot_user_id=BOT_USER
            )
        )
    slack.remove_bot(APPROVAL_CHANNEL)
    slack.wait_for(lambda: channel(desk).absent)

    slack.join(BOT_USER, APPROVAL_CHANNEL)
    slack.wait_for(lambda: not channel(desk).absent)


def test_an_archived_channel_counts_as_none_until_it_is_back(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.archive(APPROVAL_CHANNEL)
    slack.wait_for(lambda: channel(desk).archived)

    slack.unarchive(APPROVAL_CHANNEL)
    slack.wait_for(lambda: not channel(desk).archived)


def test_a_deleted_channel_counts_as_none(slack: SlackClient, desk: Desk, example: Example) -> None:
    slack.delete_channel(APPROVAL_CHANNEL)

    slack.wait_for(lambda: channel(desk).archived and channel(desk).absent)


def test_a_renamed_channel_is_known_by_its_new_name(slack: SlackClient, desk: Desk, example: Example) -> None:
    slack.rename_channel(APPROVAL_CHANNEL, "license-requests")

    slack.wait_for(lambda: channel(desk).name == "license-requests")


def test_a_channel_keeps_its_place_under_a_new_id(forge: Forge, desk: Desk, example: Example) -> None:
    event = {"type": "channel_id_changed", "old_channel_id": APPROVAL_CHANNEL, "new_channel_id": "G0NEW"}

    for _ in range(2):
        assert forge.event(event).status == 200

    assert channel(desk).slack_id == "G0NEW"
    with desk.database.read() as connection:
        query = select(tables.infrastructures.c.approval_channel).where(
            tables.infrastructures.c.id == example.core
        )
        assert connection.execute(query).scalar_one() == "G0NEW"


def test_a_removed_app_is_noted(forge: Forge, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(
            insert(tables.workspaces).values(
                workspace_id=WORKSPACE, name="Acme", bot_id="B0DESK", bot_user_id=BOT_USER
            )
        )

    assert forge.event({"type": "tokens_revoked", "tokens": {"oauth": ["U0BEN"], "bot": []}}).status == 200
    assert _connected(desk)
    assert forge.event({"type": "app_uninstalled"}).status == 200
    assert not _connected(desk)


def test_who_writes_to_the_bot_gets_a_short_help_once_for_each_message(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.weather(redeliver=2)
    slack.say("U0BEN", "hello?")

    slack.wait_for(lambda: helps(desk))
    slack.wait_for(lambda: len(slack.traffic("push")) >= 3)

    assert [each.person_id for each in helps(desk)] == [example.ben]
    assert "I only understand commands. Type `/license`" in drawn(desk, helps(desk)[0])


def test_who_writes_without_a_role_is_told_whom_to_ask(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.say("U0ZOE", "hello?")

    slack.wait_for(lambda: helps(desk))

    assert "You are not associated with any infrastructure" in drawn(desk, helps(desk)[0])


def test_a_guest_who_writes_is_refused(slack: SlackClient, desk: Desk, example: Example) -> None:
    slack.say("U0GUS", "hello?")

    slack.wait_for(
        lambda: any("Guests can use License Desk only" in each.text for each in slack.direct("U0GUS"))
    )
    assert helps(desk) == []


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B0DESK"},
        {"subtype": "message_changed", "message": {}},
        {"subtype": "message_deleted"},
        {"channel_type": "channel"},
        {"user": BOT_USER},
        {"user": None},
    ],
)
def test_what_nobody_typed_to_the_bot_is_left_alone(
    forge: Forge, desk: Desk, example: Example, more: dict[str, Any]
) -> None:
    event = {
        "type": "message",
        "channel": "D1",
        "channel_type": "im",
        "user": "U0BEN",
        "ts": "1.1",
        "text": "x",
    }

    assert forge.event(event | more).status == 200

    assert helps(desk) == []


def test_events_of_another_workspace_are_left_alone(forge: Forge, desk: Desk, example: Example) -> None:
    user = {"id": "U0LENA", "team_id": WORKSPACE, "profile": {"email": "lena.holm@acme.example"}}

    assert forge.event({"type": "team_join", "user": user}, team="T0FAR").status == 200

    assert person(desk, example.lena).slack_id is None


def test_opening_the_home_tab_does_nothing(slack: SlackClient, desk: Desk, example: Example) -> None:
    slack.open_home("U0BEN", tab="messages")

    assert helps(desk) == []


def _connected(desk: Desk) -> bool:
    with desk.database.read() as connection:
        return bool(connection.execute(select(tables.workspaces.c.connected)).scalar_one())


def test_somebody_who_writes_while_slack_does_not_say_who_they_are_is_told(
    slack: SlackClient, example: Example
) -> None:
    slack.weather(fault="server_error", method="users.info", calls=1)

    slack.say("U0LENA", "hello?")

    slack.wait_for(
        lambda: any("could not find out who you are" in each.text for each in slack.direct("U0LENA"))
    )


def test_somebody_who_writes_while_the_desk_is_in_trouble_is_told(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        tables.audit_entries.drop(connection)

    slack.say("U0LENA", "hello?")

    slack.wait_for(
        lambda: any("Something went wrong on our side" in each.text for each in slack.direct("U0LENA"))
    )


def test_what_slack_says_while_the_database_is_away_is_heard_when_it_is_said_again(
    forge: Forge, desk: Desk, example: Example
) -> None:
    event = {"type": "user_change", "user": {"id": "U0RUI", "team_id": WORKSPACE, "deleted": True}}
    with desk.database.write() as connection:
        connection.execute(text("ALTER TABLE roles RENAME TO away"))

    assert forge.event(event).status == 503

    with desk.database.write() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO roles"))
    assert person(desk, example.rui).active
    assert forge.event(event).status == 200
    assert role_states(desk, example.rui) == {"resting"}


def test_the_last_company_admin_who_is_deactivated_rests_and_the_operators_and_askers_are_told(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    made = registrations.register(desk, Actor(example.ana), example.depot_production[0], serial(1), "11.17.0")
    assert made.environment.registration
    slack.deactivate("U0TOM")
    slack.wait_for(lambda: role_states(desk, example.tom) == {"resting"})
    asked = requests.ask(desk, Actor(example.ana), [made.environment.registration.id], "upgrade")
    assert asked.asked
    assert [each.name for each in asked.asked.people] == ["Eva Lang"]
    posts.send()

    slack.deactivate("U0EVA")
    slack.wait_for(lambda: role_states(desk, example.eva) == {"resting"})
    follow_up(desk)
    posts.send()

    assert any("Eva Lang was deactivated in Slack" in each.text for each in slack.direct("U0OLGA"))
    with desk.database.read() as connection:
        now = view(connection, asked.request_id or 0)
    assert [each.name for each in now.asked] == ["Olga Ruiz"]
    assert any(each.text.startswith(now.number) for each in slack.direct("U0OLGA"))
