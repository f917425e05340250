"""What people fill in, as the app gets it, and what Slack's own client objects to first."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from bot.sandbox.client import SlackClient
from bot.sandbox.errors import Refused
from tests.sandbox.apps import ScriptedApp
from tests.sandbox.workspace import GENERAL, Caller, Json, modal

CHOICES = [{"text": {"type": "plain_text", "text": word}, "value": word} for word in ("one", "two")]
ONE, TWO = CHOICES
GROUPS = [{"label": {"type": "plain_text", "text": "All"}, "options": CHOICES}]
Value = str | list[str] | None


def _input(element: Json, **block: object) -> Json:
    label = {"type": "plain_text", "text": "Field"}
    return {"type": "input", "block_id": "b", "label": label, "element": element | {"action_id": "a"}} | block


def _submit(
    slack: SlackClient, api: Caller, trigger: str, block: Json, values: dict[str, Value]
) -> dict[str, str]:
    assert api("views.open", trigger_id=trigger, view=modal(block))["ok"]
    view = slack.view("ana")
    assert view is not None
    return slack.submit("ana", view, values).errors


def _state(script: ScriptedApp) -> Json:
    payload = json.loads(parse_qs(script.pushed[-1][1].decode())["payload"][0])
    state: Json = payload["view"]["state"]["values"]["b"]["a"]
    return state


# Each row: the element, what the person fills in, what the state then holds besides the type.
STATES: list[tuple[Json, Value, Json]] = [
    ({"type": "plain_text_input"}, "typed", {"value": "typed"}),
    ({"type": "email_text_input"}, "a@b.example", {"value": "a@b.example"}),
    ({"type": "url_text_input"}, "https://a.example", {"value": "https://a.example"}),
    ({"type": "number_input", "is_decimal_allowed": False}, "7", {"value": "7"}),
    ({"type": "static_select", "options": CHOICES}, "two", {"selected_option": TWO}),
    ({"type": "static_select", "option_groups": GROUPS}, "two", {"selected_option": TWO}),
    ({"type": "radio_buttons", "options": CHOICES}, "one", {"selected_option": ONE}),
    ({"type": "checkboxes", "options": CHOICES}, ["two"], {"selected_options": [TWO]}),
    ({"type": "multi_static_select", "options": CHOICES}, ["one", "two"], {"selected_options": CHOICES}),
    ({"type": "users_select"}, "U0RUI00001", {"selected_user": "U0RUI00001"}),
    ({"type": "conversations_select"}, GENERAL, {"selected_conversation": GENERAL}),
    ({"type": "datepicker"}, "2026-12-24", {"selected_date": "2026-12-24"}),
]
NAMES = [f"{element['type']}-{number}" for number, (element, _, _) in enumerate(STATES)]


@pytest.mark.parametrize(("element", "value", "held"), STATES, ids=NAMES)
def test_what_is_filled_in_is_shaped_as_by_slack(
    element: Json,
    value: Value,
    held: Json,
    script: ScriptedApp,
    slack: SlackClient,
    api: Caller,
    trigger: Callable[[], str],
) -> None:
    assert _submit(slack, api, trigger(), _input(element), {"b": value}) == {}
    assert _state(script) == {"type": element["type"]} | held


@pytest.mark.parametrize(("element", "value", "held"), STATES, ids=NAMES)
def test_nothing_filled_in_is_shaped_as_by_slack(
    element: Json,
    value: Value,
    held: Json,
    script: ScriptedApp,
    slack: SlackClient,
    api: Caller,
    trigger: Callable[[], str],
) -> None:
    _submit(slack, api, trigger(), _input(element, optional=True), {})
    member, filled = next(iter(held.items()))
    assert _state(script) == {"type": element["type"], member: [] if isinstance(filled, list) else None}


@pytest.mark.parametrize("element", [element for element, _, _ in STATES], ids=NAMES)
def test_a_required_input_left_empty_is_not_sent(
    element: Json, script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    errors = _submit(slack, api, trigger(), _input(element), {})
    assert errors == {"b": "Please complete this required field."}
    assert script.pushed == []


def test_initial_values_are_sent_when_nobody_changes_them(
    script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    block = _input({"type": "static_select", "options": CHOICES, "initial_option": ONE})
    assert _submit(slack, api, trigger(), block, {}) == {}
    assert _state(script)["selected_option"] == ONE


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "min_length": 3}, "ab"),
        ({"type": "plain_text_input", "max_length": 3}, "abcd"),
        ({"type": "plain_text_input"}, "x" * 3001),
        ({"type": "plain_text_input"}, "   "),
        ({"type": "email_text_input"}, "nobody"),
        ({"type": "url_text_input"}, "somewhere"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "2"}, "2.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "1"),
        ({"type": "checkboxes", "options": CHOICES}, []),
        ({"type": "multi_static_select", "options": CHOICES, "max_selected_items": 1}, ["one", "two"]),
    ],
    ids=["short", "long", "very long", "spaces", "email", "url", "decimal", "high", "low", "none", "many"],
)
def test_slacks_client_objects_before_anything_is_sent(
    element: Json,
    value: Value,
    script: ScriptedApp,
    slack: SlackClient,
    api: Caller,
    trigger: Callable[[], str],
) -> None:
    assert list(_submit(slack, api, trigger(), _input(element), {"b": value})) == ["b"]
    assert script.pushed == []


def test_a_file_is_put_into_a_file_input(
    script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    file = slack.upload("ana", "a.csv", b"x,y")
    assert _submit(slack, api, trigger(), _input({"type": "file_input"}), {"b": [file.id]}) == {}
    held = _state(script)["files"][0]
    assert (held["id"], held["name"], held["size"]) == (file.id, "a.csv", 3)


def test_an_option_that_is_not_offered_cannot_be_chosen(
    script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    block = _input({"type": "static_select", "options": CHOICES})
    with pytest.raises(Refused, match="offers no option 'three'; it offers one, two"):
        _submit(slack, api, trigger(), block, {"b": "three"})


def test_a_field_that_is_not_there_cannot_be_filled_in(
    script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    with pytest.raises(Refused, match="nothing called c can be filled in; there is: b"):
        _submit(slack, api, trigger(), _input({"type": "plain_text_input"}), {"c": "x"})
