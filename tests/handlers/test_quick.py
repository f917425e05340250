"""Answers that a server may give where everybody else waits for them: they read a little, and write nothing."""

from typing import Any

import pytest

from handlers.commands import SUBCOMMANDS, is_quick
from store.database import Database
from store.waiting import WouldWait, without_waiting
from tests.example import Example
from tests.handlers.forging import Forge

QUICK = [each.name for each in SUBCOMMANDS if each.quick]


@pytest.mark.parametrize("user", ["U0BEN", "U0EVA", "U0OLGA", "U0MAX"])
@pytest.mark.parametrize("text", ["", *QUICK])
def test_a_quick_command_is_answered_alike_by_those_who_promised_not_to_wait(
    forge: Forge, example: Example, user: str, text: str
) -> None:
    with without_waiting():
        at_once = forge.command(user, text)

    assert is_quick({"command": "/license", "text": text})
    assert at_once == forge.command(user, text)


def test_a_refusal_waits_to_be_recorded(forge: Forge, example: Example) -> None:
    with without_waiting(), pytest.raises(WouldWait):
        forge.command("U0ZOE", "slots", team_id="T0OTHER")


@pytest.mark.parametrize(
    "body",
    [
        {"command": "/license", "text": "slots north"},
        {"command": "/license", "text": "register"},
        {"command": "/license", "text": ["slots"]},
        {"type": "block_actions", "text": "slots"},
        {},
    ],
)
def test_everything_else_takes_its_time(body: dict[str, Any]) -> None:
    assert not is_quick(body)


def test_who_promised_not_to_wait_reads_and_begins_no_write(database: Database) -> None:
    with without_waiting():
        with database.read() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        with pytest.raises(WouldWait), database.write():
            raise AssertionError("nothing is written")
    with database.write() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
