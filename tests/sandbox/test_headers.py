import http.client
from email.utils import parsedate_to_datetime

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from tests.sandbox.workspace import Caller


def test_every_answer_to_the_bot_token_tells_what_the_app_was_granted(
    api: Caller, slack: SlackClient
) -> None:
    assert "users:read" in api.reply("auth.test").headers["x-oauth-scopes"].split(",")
    slack.weather(missing_scopes=["users:read"])
    assert "users:read" not in api.reply("auth.test").headers["x-oauth-scopes"].split(",")


def test_a_token_that_is_not_the_bot_s_is_told_no_scopes(sandbox: Sandbox) -> None:
    reply = Caller(sandbox.url, "xoxb-of-another-app").reply("auth.test")
    assert "x-oauth-scopes" not in reply.headers


def test_every_answer_tells_the_time_by_the_sandbox_s_clock(api: Caller, slack: SlackClient) -> None:
    before = parsedate_to_datetime(api.reply("auth.test").headers["date"])
    slack.advance(3600)
    after = parsedate_to_datetime(api.reply("auth.test").headers["date"])
    assert 3600 <= (after - before).total_seconds() < 3700


def test_an_answer_to_an_unknown_method_tells_the_time_too(api: Caller) -> None:
    reply = api.reply("not.a.method")
    assert reply.status == http.client.OK
    assert "date" in reply.headers
