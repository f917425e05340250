"""Signed HTTP on the wire: signatures that Slack's own SDK accepts, forms and JSON, retries."""

import json
from urllib.parse import parse_qs

from slack_sdk.signature import SignatureVerifier

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from tests.sandbox.apps import ScriptedApp
from tests.sandbox.workspace import GENERAL, Caller, actions, button, world

FORM = "application/x-www-form-urlencoded"


def test_a_push_is_signed_as_slack_signs(script: ScriptedApp, slack: SlackClient) -> None:
    slack.command("ana", "hello", "/echo")
    headers, body = script.pushed[0]
    assert SignatureVerifier("sandbox-signing-secret").is_valid_request(body, headers)
    assert not SignatureVerifier("another-secret").is_valid_request(body, headers)


def test_a_command_is_a_form(script: ScriptedApp, slack: SlackClient) -> None:
    script.answer = b"Plain words"
    assert slack.command("ana", "a & b = ü", "/echo").text == "Plain words"
    headers, body = script.pushed[0]
    form = parse_qs(body.decode())
    assert headers["content-type"] == FORM
    assert (form["command"], form["text"], form["is_enterprise_install"]) == (
        ["/echo"],
        ["a & b = ü"],
        ["false"],
    )


def test_a_click_is_a_form_with_a_payload(script: ScriptedApp, slack: SlackClient, api: Caller) -> None:
    api("chat.postMessage", channel=GENERAL, text="x", blocks=[actions(button(value="7"))])
    slack.click("rui", slack.messages(GENERAL)[0], "press")
    headers, body = script.pushed[0]
    payload = json.loads(parse_qs(body.decode())["payload"][0])
    assert headers["content-type"] == FORM
    assert (payload["type"], payload["actions"][0]["value"]) == ("block_actions", "7")
    assert payload["message"]["text"] == "x"
    assert payload["channel"] == {"id": GENERAL, "name": "general"}


def test_an_event_is_json_and_is_sent_again_with_its_retry_headers(
    script: ScriptedApp, slack: SlackClient
) -> None:
    script.status = 500
    slack.say("ana", "hello")
    slack.wait_for(lambda: len(script.pushed) == 2)
    (first, body), (second, again) = script.pushed
    assert first["content-type"] == "application/json"
    assert body == again
    assert "x-slack-retry-num" not in first
    assert (second["x-slack-retry-num"], second["x-slack-retry-reason"]) == ("1", "http_timeout")


def test_only_events_that_the_app_subscribed_to_are_sent() -> None:
    with Sandbox.start(world(events=["user_change"])) as choosy, ScriptedApp() as script:
        slack = SlackClient(choosy.url)
        slack.set_request_url(script.url)
        slack.say("ana", "hello")
        slack.deactivate("ana")
        slack.wait_for(lambda: script.pushed)
        assert [json.loads(body)["event"]["type"] for _, body in script.pushed] == ["user_change"]


def test_an_event_can_be_sent_as_it_is_given(script: ScriptedApp, slack: SlackClient) -> None:
    assert slack.event({"type": "emoji_changed"}).ok
    assert json.loads(script.pushed[0][1])["event"] == {"type": "emoji_changed"}


def test_any_payload_can_be_sent(script: ScriptedApp, slack: SlackClient) -> None:
    script.says(anything=1)
    outcome = slack.deliver("interactive", {"type": "nonsense"})
    assert (outcome["ok"], outcome["body"]) == (True, {"anything": 1})
    assert json.loads(parse_qs(script.pushed[0][1].decode())["payload"][0]) == {"type": "nonsense"}
