"""The methods of the sandbox against what is documented: their arguments, scopes and error codes."""

import json
import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.web_api.methods import METHODS
from tests.sandbox.workspace import (
    ANA,
    BOT,
    EVA,
    GENERAL,
    HIDDEN,
    OLD,
    OTHER,
    SECRET,
    Caller,
    Json,
    facts,
    modal,
    read_facts,
    section,
    world,
)

# Two methods that the folder with facts does not have; their codes are those of Slack's reference.
HISTORY_CODES = {
    "channel_not_found",
    "invalid_cursor",
    "invalid_ts_latest",
    "invalid_ts_oldest",
    "not_in_channel",
}
WITHOUT_FACTS = {
    "conversations.history": HISTORY_CODES,
    "conversations.replies": HISTORY_CODES | {"thread_not_found"},
}
# Codes that Slack answers and its reference leaves out, each with the reason for having it.
REPORTED = {
    "conversations.open": {"cannot_dm_bot"},  # What Slack answers for the id of a bot.
    "api.test": {"my_error"},  # It answers whatever it is asked to.
}
DOCUMENTED = sorted(set(METHODS) - set(WITHOUT_FACTS))


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """One sandbox for all calls of this file; none of them depends on another."""
    with Sandbox.start(world()) as running:
        yield running


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_method_takes_the_documented_arguments(name: str) -> None:
    documented = read_facts("methods", f"{name}.json")["args"]
    method = METHODS[name]
    assert set(method.required) == {arg for arg, about in documented.items() if about["required"]}
    assert {*method.required, *method.optional} == set(documented)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_method_asks_for_a_documented_scope(name: str) -> None:
    documented = read_facts("methods", f"{name}.json")["scopes"].get("bot", [])
    method = METHODS[name]
    assert method.scope == "" or method.scope in [scope["name"] for scope in documented]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_method_with_documented_scopes_is_refused_without_them(name: str) -> None:
    documented = [scope["name"] for scope in read_facts("methods", f"{name}.json")["scopes"].get("bot", [])]
    if not documented:
        pytest.skip("this method needs no scope")
    good = {arg: VALUES.get(arg, ["x"])[0] for arg in METHODS[name].required}
    with Sandbox.start(world(scopes=[])) as poor:
        answer = Caller(poor.url)(name, **good)
    assert answer["error"] == "missing_scope"
    assert set(answer["needed"].split(",")) <= set(documented)
    assert answer["provided"] == ""


# Good and bad values for every argument; the first of each is good.
CHANNELS: list[Any] = [
    GENERAL,
    SECRET,
    OLD,
    OTHER,
    HIDDEN,
    ANA,
    EVA,
    BOT,
    "C0NOWHERE01",
    "general",
    "",
    ["C1"],
]
STAMPS: list[Any] = ["1.000000", "x", "", None]
VALUES: dict[str, list[Any]] = {
    "channel": CHANNELS,
    "channel_id": [*CHANNELS, "D0NOWHERE01"],
    "channels": [GENERAL, f"{GENERAL},{ANA}", ",".join(["C"] * 101), HIDDEN],
    "user": [ANA, EVA, BOT, "U0NOBODY001", ""],
    "user_id": [ANA, EVA, "U0NOBODY001"],
    "users": [ANA, EVA, BOT, "U0ROBOT001", f"{ANA},{BOT}", "U0NOBODY001", ""],
    "text": ["Hello", "", "x" * 4001, "x" * 40_001],
    "blocks": [[section()], "[", "{}", [], [{"type": "nothing"}], [section("x" * 3001)], 5],
    "attachments": [[], "[", [{}] * 101],
    "markdown_text": ["", "**bold**"],
    "metadata": [{"event_type": "a", "event_payload": {}}, "{", "[]", {"event_type": "a"}, 5, {}],
    "thread_ts": STAMPS,
    "ts": STAMPS,
    "message_ts": STAMPS,
    "oldest": ["0", "x"],
    "latest": ["1.5", "x"],
    "view": [
        modal(),
        "{",
        "[]",
        {},
        modal(type="home"),
        modal(title=None),
        modal(private_metadata="x" * 251_000),
    ],
    "view_id": ["V0NOWHERE1", ""],
    "trigger_id": ["1.2.3", ""],
    "hash": ["1.2", ""],
    "cursor": ["", "x", "next:x", "next:1"],
    "limit": [10, 0, -1, "x", 5000],
    "count": [10, "x"],
    "page": [1, "x"],
    "types": ["public_channel", "private_channel,im", "mpim", "nonsense"],
    "email": ["ana@acme.example", "eva@acme.example", ""],
    "files": [[{"id": "F0NOWHERE1"}], "[", [], ["F1"], 5],
    "file": ["F0NOWHERE1", ""],
    "filename": ["a.txt", ""],
    "length": [5, 0, "x", 10**12],
    "bot": ["B0SANDBOX01", "B0NOWHERE01"],
    "team": ["T0SANDBOX01", "T0NOWHERE01"],
    "error": ["my_error"],
    "outputs": [{}, "{", "[]"],
    "function_execution_id": ["Fx0NOWHERE"],
    "as_user": [True],
    "invented": ["x"],
}


def _calls(name: str, amount: int) -> list[Json]:
    """Calls of a method with arguments of every kind, the same ones each time."""
    chance = random.Random(name)  # noqa: S311  # The same calls each time, not secrets.
    method = METHODS[name]
    names = [*method.required, *method.optional]
    good = {arg: VALUES.get(arg, ["x"])[0] for arg in method.required}
    calls = [good | {arg: value} for arg in names for value in VALUES.get(arg, [])]
    nonsense: list[Any] = ["x", 5, None, []]
    calls += [dict.fromkeys(method.required, value) for value in nonsense]
    for _ in range(amount):
        chosen = [*method.required, *chance.sample(names, min(len(names), 4))]
        chosen = [*chosen, "invented"] if chance.random() < 0.05 else chosen
        calls.append({arg: chance.choice(VALUES.get(arg, ["x"])) for arg in chosen})
    return calls


def _codes(name: str) -> set[str]:
    common = set(json.loads(facts("common_errors.json").read_text(encoding="utf-8")))
    if name in WITHOUT_FACTS:
        return common | WITHOUT_FACTS[name]
    documented: Json = read_facts("methods", f"{name}.json")["errors"]
    return common | set(documented) | REPORTED.get(name, set())


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_method_answers_documented_codes_only(name: str, shared: Sandbox) -> None:
    api, codes = Caller(shared.url), _codes(name)
    answered = {}
    for arguments in _calls(name, 60):
        reply = api.reply(name, **arguments)
        assert reply.status == 200
        if not reply.json["ok"]:
            answered[reply.json["error"]] = arguments
    assert {code: arguments for code, arguments in answered.items() if code not in codes} == {}


def test_tokens_are_looked_at_before_anything_else(shared: Sandbox) -> None:
    common = read_facts("common_errors.json")
    cases = product(["", "xoxb-wrong", "xapp-sandbox-app-token"], ["auth.test", "chat.postMessage"])
    for token, name in cases:
        assert Caller(shared.url, token)(name)["error"] in common
