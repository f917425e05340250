"""Menus that the app fills while somebody types."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.client import SlackClient
from bot.sandbox.errors import Refused
from bot.sandbox.seen import View
from tests.sandbox.apps import ScriptedApp
from tests.sandbox.workspace import Caller, modal


def menu(**more: Any) -> dict[str, Any]:
    element = {"type": "external_select", "action_id": "pick", "min_query_length": 2, **more}
    label = {"type": "plain_text", "text": "Place"}
    return {"type": "input", "block_id": "place", "label": label, "element": element}


def option(value: str, text: str = "A place") -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": text}, "value": value}


@pytest.fixture
def form(script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]) -> View:
    api("views.open", trigger_id=trigger(), view=modal(menu()))
    view = slack.view("ana")
    assert view
    return view


def test_the_app_is_asked_for_what_was_typed_and_its_options_can_be_chosen(
    script: ScriptedApp, slack: SlackClient, form: View
) -> None:
    script.says(options=[option("1"), option("2")])

    assert slack.suggest("ana", form, "pick", "pl") == [option("1"), option("2")]

    [asked] = [
        each.sent for each in slack.traffic() if "value" in (each.sent or {}) and "container" in each.sent
    ]
    assert (asked["action_id"], asked["block_id"], asked["value"]) == ("pick", "place", "pl")
    assert asked["view"]["id"] == form.id
    slack.act("ana", form, "pick", "2")
    now = slack.view("ana")
    assert now
    assert now.state["place"]["pick"]["selected_option"] == option("2")


def test_what_the_app_did_not_offer_cannot_be_chosen(
    script: ScriptedApp, slack: SlackClient, form: View
) -> None:
    with pytest.raises(Refused, match="offers no option"):
        slack.act("ana", form, "pick", "1")


def test_too_little_typed_asks_nobody(script: ScriptedApp, slack: SlackClient, form: View) -> None:
    assert slack.suggest("ana", form, "pick", "p") == []


@pytest.mark.parametrize(
    "options",
    [[option(str(number)) for number in range(101)], [option("1", "x" * 76)], [{"value": "1"}], "none"],
    ids=["too many", "too long", "without a text", "no list"],
)
def test_options_over_a_limit_leave_the_menu_empty(
    script: ScriptedApp, slack: SlackClient, form: View, options: Any
) -> None:
    script.says(options=options)

    with pytest.raises(Refused, match="stays empty"):
        slack.suggest("ana", form, "pick", "place")


def test_nothing_is_asked_for_a_menu_with_options_of_its_own(
    script: ScriptedApp, slack: SlackClient, api: Caller, trigger: Callable[[], str]
) -> None:
    own = menu(type="static_select", options=[option("1")])
    del own["element"]["min_query_length"]
    api("views.open", trigger_id=trigger(), view=modal(own))
    view = slack.view("ana")
    assert view

    with pytest.raises(Refused, match="filled by nobody"):
        slack.suggest("ana", view, "pick", "place")
