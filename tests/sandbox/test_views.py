"""Modals and Home: stacks, hashes, what stays filled in, and what the answer to a submission does."""

from collections.abc import Callable

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.errors import Refused
from bot.sandbox.seen import View
from tests.sandbox.apps import ScriptedApp
from tests.sandbox.workspace import ANA, Caller, Json, actions, button, modal, section, text_input, world


@pytest.fixture
def form(script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]) -> View:
    """A modal that Ana has open; whatever she does with it is answered by the script."""
    api("views.open", trigger_id=trigger(), view=modal())
    return _front(slack)


def _front(slack: SlackClient) -> View:
    view = slack.view("ana")
    assert view is not None
    return view


def test_three_modals_lie_on_each_other_and_no_more(
    slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    assert api("views.push", trigger_id=trigger(), view=modal())["error"] == "not_found"
    first = api("views.open", trigger_id=trigger(), view=modal())["view"]
    second = api("views.push", trigger_id=trigger(), view=modal())["view"]
    assert (second["previous_view_id"], second["root_view_id"]) == (first["id"], first["id"])
    assert api("views.push", trigger_id=trigger(), view=modal())["ok"]
    assert api("views.push", trigger_id=trigger(), view=modal())["error"] == "push_limit_reached"
    assert len(slack.views("ana")) == 3
    with pytest.raises(Refused, match="another modal"):
        slack.close("ana", slack.views("ana")[0])
    slack.close("ana", slack.views("ana")[2])
    assert len(slack.views("ana")) == 2


def test_an_update_with_an_old_hash_is_a_conflict(
    slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    view = api("views.open", trigger_id=trigger(), view=modal())["view"]
    changed = api("views.update", view_id=view["id"], hash=view["hash"], view=modal(section("new")))
    assert changed["ok"]
    refused = api("views.update", view_id=view["id"], hash=view["hash"], view=modal())
    assert refused["error"] == "hash_conflict"
    assert api("views.update", view_id=view["id"], view=modal())["ok"]


def test_a_closed_view_cannot_be_updated(slack: SlackClient, api: Caller, form: View) -> None:
    slack.close("ana", form)
    assert api("views.update", view_id=form.id, view=modal())["error"] == "not_found"
    with pytest.raises(Refused, match="no longer open"):
        slack.submit("ana", form)


def test_an_external_id_names_a_view_and_is_taken_once(api: Caller, trigger: Callable[[], str]) -> None:
    assert api("views.open", trigger_id=trigger(), view=modal(external_id="mine"))["ok"]
    assert api("views.update", external_id="mine", view=modal(external_id="mine"))["ok"]
    again = api("views.push", trigger_id=trigger(), view=modal(external_id="mine"))
    assert again["error"] == "duplicate_external_id"


def test_a_view_over_a_limit_is_refused_with_its_place(api: Caller, trigger: Callable[[], str]) -> None:
    view = modal(title={"type": "plain_text", "text": "x" * 25})
    refused = api("views.open", trigger_id=trigger(), view=view)
    assert refused["error"] == "invalid_arguments"
    assert "/title" in refused["response_metadata"]["messages"][0]


def test_what_was_filled_in_stays_under_the_same_ids(slack: SlackClient, api: Caller, form: View) -> None:
    slack.act("ana", form, "name_text", "typed")
    api("views.update", view_id=form.id, view=modal(text_input(), text_input("other", initial_value="new")))
    assert _front(slack).state == {
        "name": {"name_text": {"type": "plain_text_input", "value": "typed"}},
        "other": {"other_text": {"type": "plain_text_input", "value": "new"}},
    }


def test_errors_stand_at_the_inputs_they_name(script: ScriptedApp, slack: SlackClient, form: View) -> None:
    script.says(response_action="errors", errors={"name": "Not good."})
    outcome = slack.submit("ana", form, {"name": "x"})
    assert (outcome.errors, outcome.trouble, outcome.closed) == ({"name": "Not good."}, None, False)
    assert _front(slack).id == form.id


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nothing": "Not good."}},
        {"response_action": "errors", "errors": {"name_text": "An action is no block."}},
        {"response_action": "errors", "errors": {"name": ""}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors"},
        {"response_action": "dance"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "update"},
        {"text": "an answer for a command"},
    ],
    ids=str,
)
def test_an_answer_that_makes_no_sense_is_trouble(
    answer: Json, script: ScriptedApp, slack: SlackClient, form: View
) -> None:
    script.says(**answer)
    outcome = slack.submit("ana", form, {"name": "x"})
    assert outcome.trouble == "We had some trouble connecting. Try again?"
    assert (outcome.errors, outcome.closed) == ({}, False)
    assert _front(slack).id == form.id


def test_an_input_block_is_needed_for_an_error(
    script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    api("views.open", trigger_id=trigger(), view=modal(section() | {"block_id": "words"}))
    script.says(response_action="errors", errors={"words": "Only inputs have errors."})
    assert slack.submit("ana", _front(slack)).trouble


def test_an_answer_can_lay_a_view_on_top_and_clear_all(
    script: ScriptedApp, slack: SlackClient, form: View
) -> None:
    script.says(response_action="push", view=modal(text_input("second")))
    pushed = slack.submit("ana", form, {"name": "x"}).view
    assert pushed is not None
    assert [each.id for each in slack.views("ana")] == [form.id, pushed.id]
    script.says(response_action="clear")
    assert slack.submit("ana", pushed, {"second": "x"}).closed
    assert slack.views("ana") == []


def test_a_late_answer_to_a_submission_is_trouble(
    script: ScriptedApp, slack: SlackClient, form: View
) -> None:
    slack.weather(ack=0.05)
    script.open.clear()
    outcome = slack.submit("ana", form, {"name": "x"})
    assert (outcome.error, outcome.trouble is not None) == ("operation_timeout", True)
    assert _front(slack).id == form.id


def test_closing_is_told_only_when_asked_for(
    script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    for told in (False, True):
        api("views.open", trigger_id=trigger(), view=modal(notify_on_close=told))
        slack.close("ana", _front(slack))
    assert len(script.pushed) == 1
    assert b"view_closed" in script.pushed[0][1]


def test_home_is_published_and_used(script: ScriptedApp, slack: SlackClient, api: Caller) -> None:
    home = {"type": "home", "blocks": [section(), actions(button())]}
    published = api("views.publish", user_id=ANA, view=home)
    assert slack.home("rui") is None
    shown = slack.home("ana")
    assert shown is not None
    assert (shown.id, shown.type) == (published["view"]["id"], "home")
    assert slack.act("ana", shown, "press").ok
    stale = api("views.publish", user_id=ANA, view=home, hash="1.2")
    assert stale["error"] == "hash_conflict"


def test_home_needs_its_tab() -> None:
    with Sandbox.start(world(home_tab=False)) as plain:
        refused = Caller(plain.url)(
            "views.publish", user_id=ANA, view={"type": "home", "blocks": [section()]}
        )
        assert refused["error"] == "not_enabled"


def test_nobody_uses_the_view_of_another(slack: SlackClient, form: View) -> None:
    with pytest.raises(Refused, match="does not have that view open"):
        slack.submit("rui", form, {"name": "x"})


def test_the_modals_of_a_deactivated_person_are_gone(slack: SlackClient, api: Caller, form: View) -> None:
    slack.deactivate("ana")
    assert api("views.update", view_id=form.id, view=modal())["error"] == "not_found"
