"""The answers of the sandbox against samples of Slack's: no field invented, each of its type."""

from collections.abc import Callable, Iterator

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from tests.sandbox.shapes import strangers
from tests.sandbox.workspace import (
    ANA,
    BOT,
    GENERAL,
    Caller,
    Json,
    actions,
    button,
    modal,
    post,
    read_facts,
    section,
)

# Members that Slack's answers have although its samples do not show them.
KNOWN = {
    "/response_metadata",  # The reasons of `invalid_arguments` and `invalid_blocks` stand there.
}


def _check(method: str, answer: Json) -> None:
    assert answer["ok"], answer
    sample = read_facts("api-samples", f"{method}.json")
    assert [each for each in strangers(answer, sample) if each.split()[0] not in KNOWN] == []


def _calls() -> Iterator[tuple[str, Json]]:
    yield "api.test", {}
    yield "auth.test", {}
    yield "bots.info", {"bot": "B0SANDBOX01"}
    yield "team.info", {}
    yield "chat.postEphemeral", {"channel": GENERAL, "user": ANA, "text": "psst"}
    yield "conversations.info", {"channel": GENERAL, "include_num_members": True}
    yield "conversations.members", {"channel": GENERAL}
    yield "conversations.list", {"types": "public_channel,private_channel,im"}
    yield "conversations.join", {"channel": "C0OTHER001"}
    yield "conversations.open", {"users": ANA, "return_im": True}
    yield "users.conversations", {"user": BOT, "types": "public_channel,private_channel"}
    yield "users.info", {"user": ANA}
    yield "users.info", {"user": "U0ZOE00001"}
    yield "users.info", {"user": "U0EVA00001"}
    yield "users.list", {}
    yield "users.lookupByEmail", {"email": "ANA@acme.example"}
    yield "views.publish", {"user_id": ANA, "view": {"type": "home", "blocks": [section()]}}
    yield "files.getUploadURLExternal", {"filename": "a.txt", "length": 3}
    yield "files.list", {}


@pytest.mark.parametrize(("method", "arguments"), list(_calls()))
def test_an_answer_has_only_fields_that_slack_has(method: str, arguments: Json, api: Caller) -> None:
    _check(method, api(method, **arguments))


def test_a_connection_is_answered_as_by_slack(sandbox: Sandbox) -> None:
    _check("apps.connections.open", Caller(sandbox.url, "xapp-sandbox-app-token")("apps.connections.open"))


def test_messages_are_answered_as_by_slack(api: Caller) -> None:
    metadata = {"event_type": "card", "event_payload": {"id": 1}}
    content = {"text": "Hello", "blocks": [section(), actions(button())], "metadata": metadata}
    posted = api("chat.postMessage", channel=GENERAL, **content)
    _check("chat.postMessage", posted)
    place = {"channel": GENERAL, "ts": posted["ts"]}
    _check("chat.postMessage", api("chat.postMessage", channel=GENERAL, text="x", thread_ts=posted["ts"]))
    _check("chat.update", api("chat.update", **place, text="Bye"))
    _check("chat.getPermalink", api("chat.getPermalink", channel=GENERAL, message_ts=posted["ts"]))
    _check("chat.delete", api("chat.delete", **place))


def test_views_are_answered_as_by_slack(api: Caller, trigger: Callable[[], str]) -> None:
    opened = api("views.open", trigger_id=trigger(), view=modal())
    _check("views.open", opened)
    _check("views.push", api("views.push", trigger_id=trigger(), view=modal()))
    _check("views.update", api("views.update", view_id=opened["view"]["id"], view=modal()))


def test_files_are_answered_as_by_slack(sandbox: Sandbox, api: Caller) -> None:
    ticket = api("files.getUploadURLExternal", filename="a.lic", length=3)
    post(ticket["upload_url"], b"abc")
    files = [{"id": ticket["file_id"]}]
    _check(
        "files.completeUploadExternal", api("files.completeUploadExternal", files=files, channel_id=GENERAL)
    )
    SlackClient(sandbox.url).wait_for(lambda: SlackClient(sandbox.url).messages(GENERAL))
    shared = api("files.info", file=ticket["file_id"])
    _check("files.info", shared)
    assert list(shared["file"]["shares"]) == ["public"]
    _check("files.list", api("files.list", channel=GENERAL))
    _check("files.delete", api("files.delete", file=ticket["file_id"]))


def test_workflow_steps_are_answered_as_by_slack(slack: SlackClient, api: Caller) -> None:
    slack.start_function("Fx1")
    slack.start_function("Fx2")
    done = {"function_execution_id": "Fx1", "outputs": {}}
    _check("functions.completeSuccess", api("functions.completeSuccess", **done))
    _check("functions.completeError", api("functions.completeError", function_execution_id="Fx2", error="no"))
    assert slack.function("Fx2") == {"outcome": "error", "result": "no"}


@pytest.mark.parametrize("method", ["chat.postMessage", "users.info", "views.open", "files.info"])
def test_a_refusal_has_only_fields_that_slack_has(method: str, api: Caller) -> None:
    sample = read_facts("api-samples", f"{method}.json")
    answer = api(method)
    assert not answer["ok"]
    assert [each for each in strangers(answer, sample) if each.split()[0] not in KNOWN] == []
