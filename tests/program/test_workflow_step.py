"""The real program runs the workflow step: over a socket and over signed HTTP, on both databases, through a kill."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.demo import company_this_year, world_of
from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from handlers.blocks.ids import Action, Step
from tests.postgres import create_database
from tests.program.conftest import CHANNEL, Program, register, wait_until
from tests.program.test_ways_in import over_http, serial
from tests.workflow_lines import added_to

__all__ = ["over_http"]
VERSION = "11.17.0 (Build 36348)"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The demo's workspace, whose app offers the step."""
    description = world_of(company_this_year(datetime.now(UTC)))
    description["app"]["manifest"] = added_to(description["app"]["manifest"])
    with Sandbox.start(World.from_config(description)) as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.db'}"
    return create_database(request.getfixturevalue("postgres_socket"), f"step_{tmp_path.name[-20:].lower()}")


@pytest.fixture(params=["connected", "over_http"])
def running(request: pytest.FixtureRequest, database_url: str) -> Program:  # it is what the program is given
    """The program in each of its two ways, on each database."""
    found: Program = request.getfixturevalue(request.param)
    return found


def run(slack: SlackClient) -> str:
    return slack.run_step(Step.REQUEST, person="U0ANA", environment="Quality 1", reason="canary reason")


def test_a_workflow_asks_and_goes_on_when_a_contact_forwards(running: Program, slack: SlackClient) -> None:
    register(slack, "U0ANA", serial(1), VERSION, "Quality 1")
    slack.weather(redeliver=1)
    execution = run(slack)
    wait_until(lambda: slack.messages(CHANNEL))

    slack.click("U0RUI", slack.messages(CHANNEL)[0], str(Action.FORWARD))

    wait_until(lambda: slack.function(execution)["outcome"] != "running")
    assert slack.function(execution)["result"] == {"state": "forwarded", "decider": "U0RUI"}
    wait_until(lambda: slack.files("U0ANA"))
    assert len([each for each in slack.messages(CHANNEL) if not each.thread_ts]) == 1
    assert len(slack.calls("functions.completeSuccess")) == 1
    assert not [each for each in ("xwfp-", "canary reason") if each in running.logs()]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_run_ends_although_the_program_was_killed_before_it_could_say_so(
    connected: Program, slack: SlackClient
) -> None:
    register(slack, "U0ANA", serial(1), VERSION, "Quality 1")
    execution = run(slack)
    wait_until(lambda: slack.messages(CHANNEL))
    slack.weather(fault="silence", method="functions.completeSuccess", hold=30)
    slack.click("U0RUI", slack.messages(CHANNEL)[0], str(Action.FORWARD))
    wait_until(lambda: slack.files("U0ANA"))

    connected.running[0].kill()
    connected.running[0].wait()
    assert slack.function(execution)["outcome"] == "running"
    slack.clear_weather()
    connected.start()

    wait_until(lambda: slack.function(execution)["outcome"] == "success")
