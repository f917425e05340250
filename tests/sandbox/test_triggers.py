"""Triggers live three seconds and work once; response addresses five times in thirty minutes."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from bot.sandbox.client import SlackClient
from tests.sandbox.apps import ScriptedApp
from tests.sandbox.workspace import Caller, Reply, modal, post, section


def test_a_trigger_opens_a_view_within_three_seconds(
    slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    given = trigger()
    slack.advance(2.9)
    assert api("views.open", trigger_id=given, view=modal())["ok"]


def test_a_trigger_is_too_late_after_three_seconds(
    slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    given = trigger()
    slack.advance(3.1)
    assert api("views.open", trigger_id=given, view=modal()) == {"ok": False, "error": "expired_trigger_id"}


def test_a_late_trigger_can_be_refused_in_its_other_shape(
    slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    slack.weather(trigger_error="invalid_arguments")
    given = trigger()
    slack.advance(3.1)
    answer = api("views.open", trigger_id=given, view=modal())
    assert answer["error"] == "invalid_arguments"
    assert "`trigger_id` expired" in answer["response_metadata"]["messages"][0]


def test_a_trigger_works_once(api: Caller, trigger: Callable[[], str]) -> None:
    given = trigger()
    assert api("views.open", trigger_id=given, view=modal())["ok"]
    assert api("views.push", trigger_id=given, view=modal())["error"] == "exchanged_trigger_id"


def test_a_trigger_of_nobody_is_refused(api: Caller) -> None:
    assert api("views.open", trigger_id="1.2.3", view=modal())["error"] == "invalid_trigger_id"


def _address(script: ScriptedApp) -> str:
    """The `response_url` of the last push: a member of a command, or of a payload."""
    form = parse_qs(script.pushed[-1][1].decode())
    if "payload" in form:
        return str(json.loads(form["payload"][0])["response_url"])
    return form["response_url"][0]


def _answer(address: str, **body: object) -> Reply:
    return post(address, json.dumps(body).encode(), {"Content-Type": "application/json"})


def test_a_response_address_takes_five_answers(script: ScriptedApp, slack: SlackClient) -> None:
    slack.command("ana", command="/echo")
    address = _address(script)
    statuses = [_answer(address, text=f"answer {number}").status for number in range(6)]
    assert statuses == [200] * 5 + [404]
    assert [each.text for each in slack.ephemerals("ana")] == [f"answer {number}" for number in range(5)]


def test_a_response_address_ends_after_thirty_minutes(script: ScriptedApp, slack: SlackClient) -> None:
    slack.command("ana", command="/echo")
    slack.advance(30 * 60 + 1)
    refused = _answer(_address(script), text="late")
    assert (refused.status, refused.json["error"]) == (404, "expired_url")


def test_an_answer_can_replace_what_only_one_person_sees(script: ScriptedApp, slack: SlackClient) -> None:
    row = {"type": "actions", "elements": [{"type": "button", "action_id": "press", "text": PRESS}]}
    script.says(text="first", blocks=[section("first"), row])
    slack.command("ana", command="/echo")
    shown = slack.ephemerals("ana")[0]
    slack.click("ana", shown, "press")
    _answer(_address(script), text="second", replace_original=True)
    assert [(each.ts, each.text) for each in slack.ephemerals("ana")] == [(shown.ts, "second")]
    _answer(_address(script), delete_original=True)
    assert slack.ephemerals("ana") == []


PRESS = {"type": "plain_text", "text": "Press"}


@pytest.mark.parametrize("kind", ["in_channel", "ephemeral"])
def test_the_ack_of_a_command_is_seen_by_everybody_only_when_it_says_so(
    kind: str, script: ScriptedApp, slack: SlackClient
) -> None:
    script.says(text="hello", response_type=kind)
    slack.command("ana", command="/echo", channel="general")
    assert [each.text for each in slack.messages("general")] == (["hello"] if kind == "in_channel" else [])
    assert [each.text for each in slack.ephemerals("ana")] == ([] if kind == "in_channel" else ["hello"])


def test_a_message_made_by_an_ack_cannot_be_updated(
    script: ScriptedApp, slack: SlackClient, api: Caller
) -> None:
    script.says(text="hello", response_type="in_channel")
    slack.command("ana", command="/echo", channel="general")
    made = slack.messages("general")[0]
    refused = api("chat.update", channel=made.channel, ts=made.ts, text="changed")
    assert refused["error"] == "cant_update_message"
