"""Everything that can be made to go wrong, seen from the app that has to live with it."""

import http.client
import logging
import socket
import time

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.errors import Refused
from tests.sandbox.apps import EchoApp, ScriptedApp
from tests.sandbox.workspace import GENERAL, Caller, post, world


def _post(api: Caller) -> None:
    api("chat.postMessage", channel=GENERAL, text="Hello")


def test_rate_limits_strike_one_method_for_some_calls(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="ratelimited", method="chat.postMessage", calls=2, retry_after=7)
    for _ in range(2):
        limited = api.reply("chat.postMessage", channel=GENERAL, text="Hello")
        assert (limited.status, limited.headers["retry-after"]) == (429, "7")
        assert limited.json == {"ok": False, "error": "ratelimited"}
    assert api("auth.test")["ok"]
    assert api("chat.postMessage", channel=GENERAL, text="Hello")["ok"]
    assert len(slack.messages(GENERAL)) == 1


def test_rate_limits_strike_for_some_time(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="ratelimited", seconds=30)
    assert api.reply("auth.test").status == 429
    slack.advance(31)
    assert api.reply("auth.test").status == 200


def test_slacks_sdk_reads_the_rate_limit(sandbox: Sandbox, slack: SlackClient) -> None:
    slack.weather(fault="ratelimited", calls=1, retry_after=3)
    client = WebClient("xoxb-sandbox-bot-token", base_url=sandbox.api_url, retry_handlers=[])
    with pytest.raises(SlackApiError) as limited:
        client.auth_test()
    assert limited.value.response.headers["Retry-After"] == "3"


def test_the_server_can_be_down(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="server_error", status=502, calls=1)
    assert api.reply("chat.postMessage", channel=GENERAL, text="Hello").status == 502
    assert slack.messages(GENERAL) == []


def test_the_answer_can_be_garbage(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="garbage", calls=1)
    answer = api.reply("auth.test")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_an_error_of_slack_can_be_ordered(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="refused", method="chat.update", error="fatal_error", calls=1)
    assert api("chat.update", channel=GENERAL, ts="1.2", text="x")["error"] == "fatal_error"
    assert api("chat.update", channel=GENERAL, ts="1.2", text="x")["error"] == "message_not_found"


def test_an_answer_can_be_lost_after_its_effect(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="lost", method="chat.postMessage", calls=1)
    with pytest.raises(http.client.IncompleteRead):
        _post(api)
    assert [each.text for each in slack.messages(GENERAL)] == ["Hello"]
    assert slack.calls("chat.postMessage")[0].outcome == "lost"


def test_a_connection_can_be_cut_before_anything_happens(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="cut", calls=1)
    with pytest.raises(http.client.IncompleteRead):
        _post(api)
    assert slack.messages(GENERAL) == []


def test_silence_holds_the_connection_until_the_weather_clears(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="silence", method="chat.postMessage")
    with pytest.raises(TimeoutError):
        _silent(api)
    slack.clear_weather()
    assert api("auth.test")["ok"]
    assert slack.messages(GENERAL) == []


def _silent(api: Caller) -> None:
    client = WebClient(api.token, base_url=f"{api.url}/api/", timeout=1, retry_handlers=[])
    client.chat_postMessage(channel=GENERAL, text="Hello")


def test_the_upload_itself_can_fail(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="server_error", method="upload", calls=1)
    ticket = api("files.getUploadURLExternal", filename="a.lic", length=3)
    assert post(ticket["upload_url"], b"abc").status == 503
    done = {"files": [{"id": ticket["file_id"]}], "channel_id": GENERAL}
    assert api("files.completeUploadExternal", **done)["error"] == "file_update_failed"
    assert post(ticket["upload_url"], b"abc").status == 200
    assert api("files.completeUploadExternal", **done)["ok"]
    assert [each.outcome for each in slack.traffic("upload")] == ["server_error", "ok"]


def test_every_call_can_be_slow(slack: SlackClient, api: Caller) -> None:
    slack.weather(latency=0.1)
    started = time.monotonic()
    api("auth.test")
    assert time.monotonic() - started >= 0.1
    assert slack.calls("auth.test")[0].seconds >= 0.1


def test_scopes_can_go_missing(slack: SlackClient, api: Caller) -> None:
    slack.weather(missing_scopes=["chat:write"])
    refused = api("chat.postMessage", channel=GENERAL, text="Hello")
    assert (refused["error"], refused["needed"]) == ("missing_scope", "chat:write")
    assert "chat:write" not in refused["provided"].split(",")
    slack.clear_weather()
    assert api("chat.postMessage", channel=GENERAL, text="Hello")["ok"]


def test_everything_can_arrive_three_times(app: EchoApp, slack: SlackClient) -> None:
    slack.weather(redeliver=2)
    assert slack.command("ana", "hello", "/echo").text == "You said: hello"
    slack.say("ana", "hello")
    slack.wait_for(lambda: len(app.heard) == 3)
    assert len({body["event_id"] for body in app.heard}) == 1
    kind = "push" if app.request_url else "envelope"
    slack.wait_for(lambda: len(slack.traffic(kind, "slash_commands")) == 3)
    assert [each.text for each in slack.ephemerals("ana")] == ["You said: hello"]


def test_a_late_ack_is_no_answer(script: ScriptedApp, slack: SlackClient) -> None:
    script.answer = b"too late"
    script.open.clear()
    slack.weather(ack=0.05)
    answer = slack.command("ana", command="/echo")
    assert (answer.ok, answer.error, answer.text) == (False, "operation_timeout", "")
    assert slack.ephemerals("ana") == []


def test_an_app_that_fails_is_said_to_have_failed(script: ScriptedApp, slack: SlackClient) -> None:
    script.status = 500
    assert slack.command("ana", command="/echo").error == "dispatch_failed"


def test_an_app_that_is_not_there_is_said_to_have_failed(slack: SlackClient) -> None:
    assert slack.command("ana", command="/echo").error == "dispatch_failed"
    slack.set_request_url("http://127.0.0.1:1/nowhere")
    assert slack.command("ana", command="/echo").error == "dispatch_failed"


def test_an_answer_over_a_limit_is_not_shown(script: ScriptedApp, slack: SlackClient) -> None:
    script.says(text="x", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}])
    answer = slack.command("ana", command="/echo")
    assert (answer.ok, answer.error) == (False, "invalid_blocks")
    assert answer.problems != []
    assert slack.ephemerals("ana") == []


def test_an_unknown_wish_is_refused(slack: SlackClient) -> None:
    with pytest.raises(Refused, match="latency"):
        slack.weather(latencee=1)
    with pytest.raises(Refused, match="no such trouble"):
        slack.weather(fault="hail")
    with pytest.raises(Refused, match="no such trouble"):
        slack.weather(fault="lost", times=3)


def test_an_app_that_is_killed_in_the_middle_of_a_call_is_no_error_of_the_sandbox(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Sandbox.start(world()) as sandbox, caplog.at_level(logging.INFO):
        with socket.create_connection(("127.0.0.1", sandbox.port)) as killed:
            head = f"POST /api/auth.test HTTP/1.1\r\nHost: 127.0.0.1:{sandbox.port}\r\nContent-Length: 100\r\n\r\n"
            killed.sendall(f"{head}token=".encode())
        assert Caller(sandbox.url)("auth.test")["ok"]
    assert [each.getMessage() for each in caplog.records if each.name.startswith("uvicorn")] == []
