"""The client for Slack: one attempt for each call, counted and timed."""

from collections.abc import Iterator
from http.client import HTTPException

import pytest
from slack_sdk.errors import SlackApiError

from bot.metrics import Metrics
from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.world import World
from bot.settings import Settings
from bot.web import DeskClient, web_client


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(World.from_config({})) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> DeskClient:
    settings = Settings(
        _env_file=None, slack_bot_token=sandbox.world.app.bot_token, slack_api_url=sandbox.api_url
    )
    return web_client(settings, Metrics())


def _count(client: DeskClient, method: str, outcome: str) -> str:
    name = f'license_desk_slack_call_seconds_count{{method="{method}",outcome="{outcome}"}} '
    assert client.metrics is not None
    lines = client.metrics.page().decode().splitlines()
    return next((line.removeprefix(name) for line in lines if line.startswith(name)), "none")


def test_a_call_that_slack_accepts_is_counted_as_ok(client: DeskClient) -> None:
    assert client.auth_test()["ok"]
    assert _count(client, "auth.test", "ok") == "1.0"


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("ratelimited", "ratelimited"),
        ("refused", "fatal_error"),
        ("garbage", "garbled"),
        ("server_error", "garbled"),
    ],
)
def test_a_call_that_slack_refuses_is_tried_once_and_counted_by_its_code(
    fault: str, outcome: str, client: DeskClient, sandbox: Sandbox
) -> None:
    slack = SlackClient(sandbox.url)
    slack.weather(fault=fault)
    with pytest.raises(SlackApiError):
        client.auth_test()
    assert _count(client, "auth.test", outcome) == "1.0"
    assert len(slack.calls("auth.test")) == 1


def test_a_call_without_an_answer_is_tried_once_and_counted(client: DeskClient, sandbox: Sandbox) -> None:
    slack = SlackClient(sandbox.url)
    slack.weather(fault="cut")
    with pytest.raises((OSError, HTTPException)):
        client.auth_test()
    assert _count(client, "auth.test", "no_answer") == "1.0"
    assert len(slack.calls("auth.test")) == 1
