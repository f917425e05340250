"""The controls: on this machine alone, and honest about calls that make no sense; the record without secrets."""

import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from tests.sandbox.apps import ScriptedApp
from tests.sandbox.workspace import GENERAL, Caller, post


@pytest.mark.parametrize("path", ["/sandbox/uninstall", "/api/auth.test", "/answers/x"])
@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"}, {"Origin": "null"}],
    ids=["another page", "another name", "a page without origin"],
)
def test_pages_from_elsewhere_are_refused(path: str, headers: dict[str, str], sandbox: Sandbox) -> None:
    assert post(sandbox.url + path, b"{}", headers).status == 403


def test_the_own_page_is_served(sandbox: Sandbox) -> None:
    assert post(f"{sandbox.url}/sandbox/people", b"{}", {"Origin": sandbox.url}).status == 200


def test_a_picture_on_another_page_changes_nothing(sandbox: Sandbox) -> None:
    assert post(f"{sandbox.url}/sandbox/uninstall", method="GET").status == 405


def test_sockets_from_elsewhere_are_refused(sandbox: Sandbox) -> None:
    url = Caller(sandbox.url, "xapp-sandbox-app-token")("apps.connections.open")["url"]
    elsewhere = {"Origin": "https://elsewhere.example"}
    with pytest.raises(InvalidStatus), connect(url, additional_headers=elsewhere):
        pass


@pytest.mark.parametrize(
    ("verb", "body", "why"),
    [
        ("dance", b"{}", "there is no control dance"),
        ("command", b"{", "malformed"),
        ("command", b"[]", "malformed"),
        ("command", b"{}", "malformed"),
        ("messages", b'{"channel": "nowhere"}', "there is no conversation nowhere"),
    ],
)
def test_a_control_call_that_makes_no_sense_says_why(
    verb: str, body: bytes, why: str, sandbox: Sandbox
) -> None:
    answer = post(f"{sandbox.url}/sandbox/{verb}", body)
    assert answer.status == 400
    assert why in answer.json["refused"]


def test_the_record_has_every_call_with_its_answer(slack: SlackClient, api: Caller) -> None:
    api("conversations.info", channel=GENERAL)
    api("conversations.info", channel="C0NOWHERE01")
    good, bad = slack.calls("conversations.info")
    assert (good.sent, good.outcome, good.answer["ok"]) == ({"channel": GENERAL}, "ok", True)
    assert bad.outcome == "channel_not_found"
    assert good.seconds > 0


def test_the_record_has_no_secrets(script: ScriptedApp, slack: SlackClient, api: Caller) -> None:
    api.form("chat.postMessage", channel=GENERAL, text="my token is xoxb-sandbox-bot-token, see?")
    slack.command("ana", "xapp-sandbox-app-token", "/echo")
    whole = json.dumps([repr(each) for each in slack.traffic()])
    assert "my token is [redacted], see?" in whole
    for secret in ("xoxb-sandbox", "xapp-sandbox", "sandbox-signing-secret", "sandbox-verification-token"):
        assert secret not in whole


def test_the_app_shows_no_secret_of_its_own(sandbox: Sandbox) -> None:
    shown = repr(sandbox.world.app)
    for secret in ("xoxb", "xapp", "signing-secret", "verification-token"):
        assert secret not in shown
