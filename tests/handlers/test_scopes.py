"""What people and operators are told while the app lacks a scope, and that nothing is lost by it.

`commands` is not here: without it Slack passes nothing on. That the doctor names each missing scope is tested with it.
"""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.scopes import SCOPES
from store.delivery_claims import retry
from store.desk import Actor, Desk
from store.tables import conversation_members, deliveries, persons, request_items
from tests.example import APPROVAL_CHANNEL, Example, serial
from tests.handlers.acting import told
from tests.handlers.posts import Posts
from tests.handlers.reading import shown
from tests.handlers.requesting import asked, registered, states
from tests.handlers.test_bulk import handed_in

COMMAND = Actor(None, "command")
IN_DEGREES = {
    "channels:read",
    "chat:write",
    "files:read",
    "files:write",
    "groups:read",
    "im:history",
    "im:write",
    "users:read",
    "users:read.email",
}
"""The scopes of calls that the product makes."""


def put_right(posts: Posts) -> None:
    """Grant what is missing, and have done again what failed, as operators do."""
    posts.slack.weather(missing_scopes=[])
    retry(posts.desk, COMMAND, [])
    posts.send()


def failed(desk: Desk) -> set[str]:
    """The kinds of deliveries that were given up, each for want of a scope."""
    query = select(deliveries.c.kind, deliveries.c.error).where(deliveries.c.state == "failed")
    with desk.database.read() as connection:
        rows = connection.execute(query).all()
    assert {row.error for row in rows} <= {"missing_scope"}
    return {row.kind for row in rows}


def bens(desk: Desk, example: Example) -> int:
    """Ben asks for the license of Quality 1."""
    return asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))


def test_each_scope_is_tried_but_the_one_without_which_slack_says_nothing() -> None:
    assert {each.name for each in SCOPES} - {"commands"} == IN_DEGREES


def test_without_chat_write_requests_wait_and_are_put_to_people_once_it_is_there(
    posts: Posts, desk: Desk, example: Example
) -> None:
    posts.slack.weather(missing_scopes=["chat:write"])
    bens(desk, example)
    for _ in range(3):
        posts.send()
        posts.clock.advance(timedelta(minutes=30))

    answer = posts.slack.command("U0BEN", "requests")
    assert "R-1001" in shown(answer.blocks)
    assert states(desk) == ["pending"]
    assert {"card", "notice"} <= failed(desk)

    put_right(posts)
    assert failed(desk) == set()
    assert posts.card().text.startswith("R-1001: Ben Okafor asks")
    assert any("Slack answered “missing_scope”" in each for each in posts.direct("U0OLGA"))


@pytest.mark.parametrize("scope", ["files:write", "files:read"])
def test_without_a_scope_of_files_both_are_told_and_the_file_arrives_once_it_is_there(
    posts: Posts, desk: Desk, example: Example, scope: str
) -> None:
    posts.slack.weather(missing_scopes=[scope])
    bens(desk, example)
    posts.send()
    posts.click("U0RUI", posts.card(), "request.forward")
    posts.answer("U0RUI", "you forwarded")
    posts.send()

    assert failed(desk) == {"file"}
    assert any("did not reach you yet" in each for each in posts.direct("U0BEN"))
    assert any("did not reach Ben Okafor yet" in each for each in posts.direct("U0RUI"))
    assert any("(file for Ben Okafor): Slack answered" in each for each in posts.direct("U0OLGA"))

    put_right(posts)
    [file] = posts.slack.files("U0BEN")
    assert file.name == f"{serial(1)}.lic"
    with desk.database.read() as connection:
        assert connection.execute(select(request_items.c.delivered_at)).scalar_one() is not None


def test_without_files_read_a_table_put_into_a_form_is_refused_in_words(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.weather(missing_scopes=["files:read"])

    said = shown(handed_in(slack, "U0EVA", b"infrastructure;environment type\nAcme Core;production\n").blocks)

    assert said.startswith("Slack did not give us the file. Nothing has changed.")


def test_without_im_write_the_channel_is_asked_alone_and_the_file_waits_for_it(
    posts: Posts, desk: Desk, example: Example
) -> None:
    posts.slack.weather(missing_scopes=["im:write"])
    bens(desk, example)
    posts.send()
    posts.click("U0RUI", posts.card(), "request.forward")
    posts.send()

    assert states(desk) == ["forwarded"]
    assert "file" in failed(desk)
    assert posts.card().text.endswith("being delivered.")

    put_right(posts)
    assert len(posts.slack.files("U0BEN")) == 1
    assert any("Slack answered “missing_scope”" in each for each in posts.direct("U0OLGA"))


@pytest.mark.parametrize("scope", ["channels:read", "groups:read"])
def test_without_a_look_at_the_channel_those_asked_get_the_card_directly_as_well(
    posts: Posts, sandbox: Sandbox, desk: Desk, example: Example, scope: str
) -> None:
    with desk.database.write() as connection:
        connection.execute(delete(conversation_members))
    sandbox.world.conversations[APPROVAL_CHANNEL].kind = "group" if scope == "groups:read" else "channel"
    posts.slack.weather(missing_scopes=[scope])
    bens(desk, example)
    posts.send()

    assert posts.card().text.startswith("R-1001: Ben Okafor asks")
    assert any("R-1001: Ben Okafor asks" in each for each in posts.direct("U0RUI"))
    assert failed(desk) == set()


def test_without_im_history_a_message_whose_answer_was_lost_comes_all_the_same(
    posts: Posts, desk: Desk, example: Example
) -> None:
    posts.slack.weather(missing_scopes=["im:history"])
    posts.slack.weather(fault="cut", method="chat.postMessage", calls=1)
    registered(desk, example.ben, example.quality[0])
    posts.send()

    assert failed(desk) == set()
    assert any("Ben Okafor registered Quality 1" in each for each in posts.direct("U0RUI"))


def test_without_users_read_somebody_new_is_told_so_and_others_are_served(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.weather(missing_scopes=["users:read"])
    slack.command("U0LENA", "slots")

    told(slack, "U0LENA", "We could not find out who you are")
    assert "slots are free" in slack.command("U0BEN", "slots").text

    slack.weather(missing_scopes=[])
    slack.command("U0LENA", "slots")
    told(slack, "U0LENA", "slots are free")


def test_without_users_read_email_nobody_is_kept_who_could_not_be_linked_later(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.weather(missing_scopes=["users:read.email"])
    slack.command("U0LENA", "slots")

    told(slack, "U0LENA", "Slack does not tell License Desk your e-mail address")
    with desk.database.read() as connection:
        kept = select(persons.c.id).where(persons.c.slack_id == "U0LENA")
        assert connection.execute(kept).all() == []

    slack.weather(missing_scopes=[])
    slack.command("U0LENA", "slots")
    told(slack, "U0LENA", "slots are free")
