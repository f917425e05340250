import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.errors import Refused
from tests.sandbox.apps import EchoApp
from tests.sandbox.workspace import ANA, Caller, world
from tests.workflow_lines import FUNCTIONS

INPUTS: dict[str, Any] = {"environment": "Quality 1", "reason": "upgrade", "person": ANA}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(world(functions=FUNCTIONS, events=("team_join",))) as started:
        yield started


def test_a_run_reaches_the_app_with_its_inputs_whatever_it_subscribed_to(
    app: EchoApp, slack: SlackClient
) -> None:
    execution = slack.run_step("request_license", **INPUTS)

    slack.wait_for(lambda: app.heard)
    [body] = app.heard
    event = body["event"]
    assert event["type"] == "function_executed"
    assert event["function_execution_id"] == execution
    assert event["inputs"] == INPUTS
    assert event["function"]["callback_id"] == "request_license"
    assert [each["name"] for each in event["function"]["input_parameters"]] == list(INPUTS)
    assert [each["is_required"] for each in event["function"]["output_parameters"]] == [True, False]
    assert "user" not in event


def test_the_token_of_a_run_is_not_in_the_traffic(app: EchoApp, slack: SlackClient) -> None:
    slack.run_step("request_license", **INPUTS)

    slack.wait_for(lambda: app.heard)
    assert app.heard[0]["event"]["bot_access_token"].startswith("xwfp-")
    assert "xwfp-" not in json.dumps([each.sent for each in slack.traffic()])


def test_a_run_is_sent_again_when_it_was_not_acked(app: EchoApp, slack: SlackClient) -> None:
    slack.weather(redeliver=2)

    slack.run_step("request_license", **INPUTS)

    slack.wait_for(lambda: len(app.heard) == 3)
    assert len({each["event_id"] for each in app.heard}) == 1


@pytest.mark.parametrize(
    ("callback_id", "inputs", "says"),
    [
        ("another", INPUTS, "offers no step another"),
        ("request_license", {**INPUTS, "person": "U0NOBODY"}, "person"),
        ("request_license", {**INPUTS, "person": ""}, "person"),
        ("request_license", {**INPUTS, "colour": "red"}, "colour"),
        ("request_license", {**INPUTS, "reason": 7}, "reason"),
        ("request_license", {"person": ANA}, "environment, reason"),
    ],
)
def test_inputs_that_do_not_fit_the_step_do_not_run_it(
    slack: SlackClient, callback_id: str, inputs: dict[str, Any], says: str
) -> None:
    with pytest.raises(Refused, match=says):
        slack.run_step(callback_id, **inputs)


def test_a_run_is_completed_once(slack: SlackClient, api: Caller) -> None:
    execution = slack.run_step("request_license", **INPUTS)
    outputs = {"state": "forwarded", "decider": ANA}

    assert api("functions.completeSuccess", function_execution_id=execution, outputs=outputs)["ok"]

    assert slack.function(execution)["result"] == outputs
    again = api("functions.completeError", function_execution_id=execution, error="too late")
    assert again["error"] == "execution_not_in_running_state"
    nowhere = api("functions.completeSuccess", function_execution_id="Fx0NONE", outputs=outputs)
    assert nowhere["error"] == "function_execution_not_found"


@pytest.mark.parametrize(
    "outputs",
    [
        {},
        {"decider": ANA},
        {"state": 1},
        {"state": "x", "more": "y"},
        {"state": "x", "decider": "U0NOBODY"},
        "x",
    ],
)
def test_outputs_that_do_not_fit_the_step_are_refused_and_the_run_goes_on(
    slack: SlackClient, api: Caller, outputs: Any
) -> None:
    execution = slack.run_step("request_license", **INPUTS)

    answer = api("functions.completeSuccess", function_execution_id=execution, outputs=outputs)

    assert answer["error"] == "parameter_validation_failed"
    assert slack.function(execution)["outcome"] == "running"
