"""What somebody sees who asks or is refused too often, and what the operators see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.sandbox.client import SlackClient
from store import pauses
from store.desk import Desk
from store.tables import audit_entries
from tests.conftest import Clock
from tests.example import Example, serial
from tests.handlers.acting import opened, result, told
from tests.handlers.conftest import Counts
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.reading import shown
from tests.handlers.requesting import entered, made, registered
from tests.handlers.test_menus import suggested

PAUSED = "License Desk had to refuse what you tried 3 times within 10 minutes"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """A desk with small limits."""
    return replace(desk, policy=replace(desk.policy, refusals_most=3, requests_most=1))


def guess(slack: SlackClient, user: str, times: int = 3) -> None:
    for number in range(times):
        assert "not one of yours" in slack.command(user, f"check {serial(900 + number)}").text


def test_somebody_who_guesses_is_told_until_when_nothing_is_done_for_them(
    slack: SlackClient, desk: Desk, example: Example, clock: Clock, counts: Counts
) -> None:
    guess(slack, "U0BEN")

    for command in ("slots", "environments", "request", "help", f"check {serial(1)}"):
        said = slack.command("U0BEN", command).text
        assert said.startswith(PAUSED)
        assert "Nothing has changed. Try again after that" in said
    assert counts.refusals[-1] == "RefusedTooOften"
    assert not slack.command("U0RUI", "slots").text.startswith(PAUSED)

    clock.advance(timedelta(minutes=10))
    assert not slack.command("U0BEN", "slots").text.startswith(PAUSED)


def test_what_is_submitted_clicked_and_searched_in_a_pause_does_nothing(
    slack: SlackClient, forge: Forge, desk: Desk, example: Example
) -> None:
    place = registered(desk, example.ben, example.production[0])
    view = opened(slack, "U0BEN", "request")
    slack.command("U0BEN", "slots Acme Core")
    message = told(slack, "U0BEN", "slots are free.")
    guess(slack, "U0BEN")

    after = result(slack.submit("U0BEN", view, entered(view, place)))
    assert shown(after.blocks).startswith(PAUSED)
    assert made(desk) == 0
    slack.click("U0BEN", message, "environment.register")
    told(slack, "U0BEN", PAUSED)
    assert suggested(forge, "U0BEN", "environment.register.infrastructure") == []


def test_operators_go_on_being_answered(slack: SlackClient, desk: Desk, example: Example) -> None:
    guess(slack, "U0OLGA", 5)

    assert not slack.command("U0OLGA", "slots").text.startswith(PAUSED)


def test_the_operators_read_who_how_often_and_what_kind_and_nothing_that_was_typed(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    guess(slack, "U0BEN", 2)
    slack.command("U0BEN", "report")
    pauses.tell_due(desk)

    posts.send()

    said = shown(posts.direct_message("U0OLGA", "was refused").blocks)
    assert said.startswith("Ben Okafor was refused 3 times within 10 minutes.")
    assert "serial numbers, requests or infrastructures that are not theirs: 2 times" in said
    assert "what takes a right that they do not have: 1 time" in said
    assert "license-desk audit show --person U0BEN" in said
    assert serial(900) not in said


def test_the_operators_read_it_in_their_channel(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    guess(slack, "U0BEN")
    pauses.tell_due(replace(desk, policy=replace(desk.policy, operators_channel="C0LICENSES")))

    posts.send()

    assert posts.card().text == "Ben Okafor was refused 3 times within 10 minutes."


def test_a_refused_pause_is_in_the_record_and_makes_it_no_longer(
    slack: SlackClient, desk: Desk, example: Example, clock: Clock
) -> None:
    guess(slack, "U0BEN")
    clock.advance(timedelta(minutes=9))
    for _ in range(5):
        slack.command("U0BEN", "slots")
    clock.advance(timedelta(minutes=1))

    assert not slack.command("U0BEN", "slots").text.startswith(PAUSED)
    with desk.database.read() as connection:
        facts = connection.execute(select(audit_entries.c.facts)).scalars().all()
    assert [each for each in facts if each.get("refusal") == "RefusedTooOften"]


def test_somebody_who_asks_too_often_is_told_when_they_can_again(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    places = [registered(desk, example.ben, slot, n) for n, slot in enumerate(example.production[:2], 1)]
    view = opened(slack, "U0BEN", "request")
    result(slack.submit("U0BEN", view, entered(view, places[0])))

    again = opened(slack, "U0BEN", "request")
    after = result(slack.submit("U0BEN", again, entered(again, places[1])))

    said = shown(after.blocks)
    assert said.startswith("You asked 1 time within 1 hour, which is as often as one person may ask.")
    assert "Nothing was asked for. You can ask again from" in said
    assert made(desk) == 1
