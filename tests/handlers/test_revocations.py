"""`/license revocations`: the signed list as a file, for those who may have it, when they ask and when it is sent."""

import pytest
from sqlalchemy import update

from bot.sandbox.client import SlackClient
from store import keys, licenses, registrations, releases, revocation_lists
from store.desk import Act, Actor, Desk, intention
from store.tables import deliveries, roles, signing_keys
from tests.example import START, Example, serial
from tests.handlers.acting import told
from tests.handlers.posts import Posts
from tests.handlers.reading import shown


@intention
def issue(act: Act, registration_id: int) -> None:
    licenses.issue(act, registration_id)


@pytest.fixture
def released(desk: Desk, example: Example) -> None:
    made = registrations.register(desk, Actor(example.ana), example.quality[0], serial(1), "11.17.0")
    assert made.environment.registration
    issue(desk, Actor(None, "schedule"), made.environment.registration.id)
    releases.release(desk, Actor(example.rui), made.environment.registration.id, "not needed")


@pytest.mark.parametrize("user", ["U0EVA", "U0TOM", "U0OLGA", "U0NINA"])
def test_admins_and_operators_get_the_list_as_a_file(
    posts: Posts, desk: Desk, released: None, user: str
) -> None:
    said = posts.slack.command(user, "revocations").text
    assert said == "The revocation list is on its way: it comes as a direct message, in a few seconds."

    posts.send()

    [message] = posts.slack.direct(user)
    words = shown(message.blocks)
    assert words.startswith("Here is the revocation list, number 1, with 1 license that counts no more.")
    assert "A newer one should be there from 25 Dec 2026, 09:00 UTC on." in words
    [file] = message.files
    assert file.name == "license-revocations.jwt"
    with desk.database.read() as connection:
        read = revocation_lists.read(posts.slack.download(file), keys.verifying_keys(connection))
    assert [(each.reason, each.revoked_at) for each in read.revocations] == [("released", START)]


@pytest.mark.parametrize("user", ["U0ANA", "U0RUI", "U0FIONA", "U0ADA", "U0MAX"])
def test_others_are_told_who_can_get_it(slack: SlackClient, desk: Desk, example: Example, user: str) -> None:
    said = slack.command(user, "revocations").text

    assert said.startswith("The revocation list needs a role that you do not have. Nothing has changed. Ask ")
    assert "Eva Lang" in said
    with desk.database.read() as connection:
        assert connection.execute(deliveries.select()).all() == []


def test_somebody_without_a_role_gets_nothing(slack: SlackClient, example: Example) -> None:
    slack.command("U0ZOE", "revocations")

    assert "nothing here for you to see" in told(slack, "U0ZOE", "not associated").text


def test_the_help_offers_it_to_those_who_can_have_it(slack: SlackClient, example: Example) -> None:
    assert "`/license revocations`" in shown(slack.command("U0EVA", "help").blocks)
    assert "/license revocations" not in shown(slack.command("U0MAX", "help").blocks)


def test_the_same_command_twice_is_one_list(posts: Posts, released: None) -> None:
    for _ in range(2):
        posts.slack.command("U0EVA", "revocations")
    posts.send()
    assert len(posts.slack.direct("U0EVA")) == 1


def test_somebody_who_lost_the_role_meanwhile_gets_no_file(
    posts: Posts, desk: Desk, example: Example, released: None
) -> None:
    posts.slack.command("U0EVA", "revocations")
    with desk.database.write() as connection:
        connection.execute(update(roles).where(roles.c.person_id == example.eva).values(held_until=START))
    posts.send()

    [message] = posts.slack.direct("U0EVA")
    assert message.files == []
    assert "The revocation list that you asked for was not made" in shown(message.blocks)


def test_without_a_key_that_signs_it_is_said_so(posts: Posts, desk: Desk, released: None) -> None:
    posts.slack.command("U0EVA", "revocations")
    with desk.database.write() as connection:
        connection.execute(update(signing_keys).values(state="compromised"))
    posts.send()

    [message] = posts.slack.direct("U0EVA")
    assert message.files == []
    assert "because no signing key is active" in shown(message.blocks)


@pytest.mark.parametrize("method", ["files.completeUploadExternal", "files.getUploadURLExternal"])
def test_a_list_whose_answer_was_lost_is_sent_once(posts: Posts, released: None, method: str) -> None:
    posts.slack.command("U0EVA", "revocations")
    posts.slack.weather(fault="lost", method=method, calls=1)
    posts.send()

    assert [len(each.files) for each in posts.slack.direct("U0EVA")] == [1]
