"""Buttons of messages that were there before what they name: ids are given out again after a backup was restored."""

from datetime import timedelta

import pytest

import handlers
from handlers.older_messages import NAMED, NAMELESS
from store.desk import Act, Actor, intention
from store.rules.older_messages import Thing
from tests.attacks.aims import CLICKS
from tests.attacks.conftest import Attack, Said, Stage
from tests.attacks.payloads import Json, by

POSTED = 1_700_000_000
REFUSED = "This message is older than what its button stands for today."


@intention
def restored(act: Act) -> None:
    """Everything on the stage came after a backup was restored, which had none of it."""
    act.record("restored", "backup", **{f"highest_{each.name.lower()}": 0 for each in Thing})


def clicked(payload: Json, after: timedelta, user: str, *, ephemeral: bool = False) -> Json:
    """A click in a message that had been there for some time."""
    [pressed] = payload["actions"]
    pressed = {**pressed, "action_ts": f"{POSTED + after.total_seconds():.6f}"}
    container = {"type": "message", "message_ts": f"{POSTED}.000100", "channel_id": "D0X"}
    place = {"container": {**container, "is_ephemeral": ephemeral}, "channel": {"id": "D0X"}}
    return by({**payload, **place, "actions": [pressed]}, user)


def press(staged: Stage, attack: Attack, action: str, after: timedelta, *, ephemeral: bool = False) -> Said:
    aim = CLICKS[action]
    return attack(clicked(aim.payload(staged.acme), after, min(aim.may), ephemeral=ephemeral))


def test_it_is_known_of_every_button_what_it_names() -> None:
    assert set(NAMED) | NAMELESS == set(handlers.CLICKS)
    assert not set(NAMED) & NAMELESS


@pytest.mark.parametrize("action", NAMED)
def test_a_button_of_a_message_that_is_older_than_what_it_names_changes_nothing(
    staged: Stage, attack: Attack, action: str
) -> None:
    restored(staged.desk, Actor(None, "command"))
    before = staged.state()

    said = press(staged, attack, action, timedelta(days=1))

    assert REFUSED in str(said)
    assert said.opened() <= {"None"}
    assert staged.state() == before


@pytest.mark.parametrize("action", NAMED)
def test_a_button_of_a_message_that_came_after_the_restore_is_answered(
    staged: Stage, attack: Attack, action: str
) -> None:
    restored(staged.desk, Actor(None, "command"))

    assert REFUSED not in str(press(staged, attack, action, timedelta(seconds=59)))


@pytest.mark.parametrize("action", NAMED)
def test_where_nothing_was_restored_a_message_may_be_of_any_age(
    staged: Stage, attack: Attack, action: str
) -> None:
    assert REFUSED not in str(press(staged, attack, action, timedelta(days=1)))


def test_what_only_one_person_sees_is_looked_at_as_well(staged: Stage, attack: Attack) -> None:
    restored(staged.desk, Actor(None, "command"))
    assert REFUSED in str(press(staged, attack, "request.forward", timedelta(days=1), ephemeral=True))


@pytest.mark.parametrize("moment", ["soon", "1e9", "nan", "-1", "٣.٣", "9" * 400])
def test_a_message_without_a_readable_moment_changes_nothing(
    staged: Stage, attack: Attack, moment: str
) -> None:
    payload = clicked(CLICKS["request.forward"].payload(staged.acme), timedelta(), "U0RUI")
    before = staged.state()

    attack({**payload, "container": {**payload["container"], "message_ts": moment}})

    assert staged.state() == before
