from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from sqlalchemy import select

from bot.app import bolt_app
from bot.executor import AnswerExecutor
from bot.sandbox.client import SlackClient
from handlers import CLICKS, OFFERED, SHORTCUTS, SUBMISSIONS
from handlers.blocks.ids import Action, Callback
from handlers.blocks.kit import View
from handlers.context import Context
from handlers.redraws import Redraws
from handlers.slack import WebCalls
from store import registrations, tables
from store.desk import Actor, Desk
from tests.example import APPROVAL_CHANNEL, Example, serial
from tests.handlers.acting import INFRASTRUCTURE, TYPE, changed, filled, opened, result, there, told
from tests.handlers.forging import Forge
from tests.handlers.reading import options, shown


@pytest.fixture
def held(executor: AnswerExecutor) -> Iterator[Callable[[], None]]:
    """The executor does nothing until this is called; then everything that waits is done."""
    free = Event()
    for _ in range(2):
        executor.submit(lambda: free.wait(10), lambda _error: None)
    yield free.set
    free.set()


def registered(desk: Desk, person: int, slot: int) -> int:
    made = registrations.register(desk, Actor(person), slot, serial(1), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


@pytest.mark.parametrize("shape", ["expired_trigger_id", "invalid_arguments"])
def test_a_form_that_comes_too_late_is_told_to_try_again(
    slack: SlackClient, example: Example, held: Callable[[], None], shape: str
) -> None:
    slack.weather(trigger_error=shape)
    slack.command("U0BEN", "register")
    slack.advance(4)
    held()

    told(slack, "U0BEN", "could not be opened within the three seconds that Slack allows")
    assert slack.view("U0BEN") is None


def test_a_shortcut_that_comes_too_late_is_told_in_the_direct_message(
    slack: SlackClient, example: Example, held: Callable[[], None]
) -> None:
    slack.shortcut("U0BEN", "environment.register")
    slack.advance(4)
    held()

    slack.wait_for(lambda: any("Please try again." in each.text for each in slack.direct("U0BEN")))


def test_two_quick_choices_leave_the_modal_as_chosen_last(
    slack: SlackClient, example: Example, held: Callable[[], None]
) -> None:
    slack.shortcut("U0BEN", "environment.register")
    held()
    view = there(slack, lambda: slack.view("U0BEN"))

    for kind in ("production", "development", "management"):
        slack.act("U0BEN", view, TYPE, kind)

    slack.wait_for(
        lambda: options(there(slack, lambda: slack.view("U0BEN")).blocks, "slot") == ["Management 1"]
    )


def test_a_view_that_changed_meanwhile_is_read_again_and_drawn_once_more(
    slack: SlackClient, example: Example
) -> None:
    view = opened(slack, "U0BEN", "register")
    slack.weather(fault="refused", method="views.update", calls=1, error="hash_conflict")

    again = changed(slack, "U0BEN", view, TYPE, "production")

    assert options(again.blocks, "slot") == ["Prod 1", "Prod 2", "Prod 3"]
    assert [each.sent.get("hash") for each in slack.calls("views.update")] == [view.hash, None]


def test_a_late_click_does_not_draw_over_a_later_one() -> None:
    redraws = Redraws()
    redraws.note("V1", "U1:1764060000.000200")
    redraws.note("V1", "U1:1764060000.000100")

    assert not redraws.is_newest("V1", "U1:1764060000.000100")
    assert redraws.is_newest("V1", "U1:1764060000.000200")
    assert redraws.is_newest("V2", "U1:1764060000.000100")


def test_only_the_last_thousand_modals_are_remembered() -> None:
    redraws = Redraws()
    for number in range(1_100):
        redraws.note(f"V{number}", "U1:2")

    assert redraws.is_newest("V0", "U1:1")
    assert not redraws.is_newest("V1099", "U1:1")


def test_a_modal_that_cannot_be_drawn_is_told_in_the_direct_message(
    slack: SlackClient, example: Example
) -> None:
    view = opened(slack, "U0ANA", "register")
    slack.weather(fault="server_error", method="views.update", calls=1)

    slack.act("U0ANA", view, INFRASTRUCTURE, str(example.core))

    slack.wait_for(
        lambda: any("Slack did not take our answer" in each.text for each in slack.direct("U0ANA"))
    )


def test_a_refusal_of_a_click_is_seen_only_where_it_was_clicked(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])
    slack.command("U0RUI", "environments", channel=APPROVAL_CHANNEL)
    message = told(slack, "U0RUI", "1 environment is registered.")
    with desk.database.write() as connection:
        connection.execute(
            tables.roles.update().where(tables.roles.c.person_id == example.rui).values(state="resting")
        )

    slack.click("U0RUI", message, "environment.release")

    refusal = told(slack, "U0RUI", "You are not associated with any infrastructure")
    assert refusal.channel == APPROVAL_CHANNEL
    assert slack.messages(APPROVAL_CHANNEL) == []


def test_an_answer_that_its_address_does_not_take_comes_as_a_direct_message(
    slack: SlackClient, example: Example
) -> None:
    slack.weather(fault="server_error", method="response_url")
    slack.command("U0LENA", "slots")

    slack.wait_for(lambda: any("slots are free" in each.text for each in slack.direct("U0LENA")))


def test_an_error_of_ours_is_told_with_a_reference_and_no_more(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        tables.slots.drop(connection)

    answer = slack.command("U0BEN", "slots")

    assert "Something went wrong on our side" in answer.text
    assert "slots" not in answer.text
    assert "Traceback" not in answer.text


def test_without_a_database_people_still_get_words(forge: Forge, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        tables.roles.drop(connection)

    command = forge.command("U0BEN", "slots")
    submission = forge.submission("U0BEN", "environment.register", {})

    assert "Something went wrong on our side" in command["text"]
    assert "Something went wrong on our side" in shown(submission["view"]["blocks"])


def test_a_refusal_that_cannot_be_recorded_is_answered_all_the_same(
    forge: Forge, slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        tables.audit_entries.drop(connection)

    command = forge.command("U0MAX", "register")
    submission = forge.submission("U0MAX", "environment.register", {})
    forge.answer(_click("U0MAX", "environment.register") | {"trigger_id": "over"})

    assert "Something went wrong on our side" in command["text"]
    assert "Something went wrong on our side" in shown(submission["view"]["blocks"])
    slack.wait_for(
        lambda: any("Something went wrong on our side" in each.text for each in slack.direct("U0MAX"))
    )


def test_what_neither_a_form_nor_its_address_can_show_comes_as_a_direct_message(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])
    slack.command("U0RUI", "environments", channel=APPROVAL_CHANNEL)
    message = told(slack, "U0RUI", "1 environment is registered.")
    slack.weather(fault="cut", method="response_url")
    slack.weather(fault="refused", method="views.open", error="internal_error")

    slack.click("U0RUI", message, "environment.release")

    slack.wait_for(
        lambda: any("Slack did not take our answer" in each.text for each in slack.direct("U0RUI"))
    )


class Stumbling(WebCalls):
    """Calls to Slack in which a fault of ours shows itself after the ack."""

    def views_open(self, trigger_id: str, view: View) -> None:
        raise ZeroDivisionError(trigger_id, len(view))


def test_an_error_of_ours_after_the_ack_is_told_and_logged_with_its_place(
    context: Context, slack: SlackClient, example: Example, logged: list[MutableMapping[str, Any]]
) -> None:
    client = WebClient("xoxb-sandbox-bot-token", base_url=f"{slack.url}/api/", retry_handlers=[])
    stumbling = bolt_app(replace(context, slack=Stumbling(client)), client)

    Forge(stumbling).command("U0ANA", "register", trigger_id="1.1")

    slack.wait_for(lambda: slack.direct("U0ANA"))
    [entry] = [each for each in logged if each.get("code") == "ZeroDivisionError"]
    assert isinstance(entry["exc_info"], ZeroDivisionError)


def test_a_form_sent_in_by_somebody_unknown_ends_with_the_answer(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = filled(slack, "U0BEN", f"register {serial(1)} 11.17.0", "production")
    with desk.database.write() as connection:
        connection.execute(
            tables.persons.update().where(tables.persons.c.id == example.ben).values(slack_id=None)
        )
    before = len(slack.calls("views.update"))

    first = result(slack.submit("U0BEN", view))

    assert "Checking who you are" in shown(first.blocks)
    slack.wait_for(lambda: "is registered" in shown(there(slack, lambda: slack.view("U0BEN")).blocks))
    # Drawn by a name that the first answer brings, so that the two cannot overtake each other.
    assert all(each.sent.get("external_id") for each in slack.calls("views.update")[before:])


def test_the_button_of_an_earlier_version_says_so(slack: SlackClient, forge: Forge, example: Example) -> None:
    answer = forge.answer(_click("U0BEN", "a.button.of.old"))

    assert answer.status == 200
    slack.wait_for(
        lambda: (
            any("belongs to an earlier version" in each.text for each in slack.ephemerals("U0RUI"))
            or any("belongs to an earlier version" in each.text for each in slack.direct("U0BEN"))
        )
    )


def test_the_form_of_an_earlier_version_says_so(forge: Forge, example: Example) -> None:
    answer = forge.submission("U0BEN", "a.form.of.old", {})

    assert "belongs to an earlier version" in shown(answer["view"]["blocks"])


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        ({"actions": []}, 400),
        ({"actions": "no"}, 200),
        ({"actions": [{"action_id": 7}]}, 200),
        ({"actions": [{"action_id": "environment.release", "value": {"id": 1}}]}, 200),
        ({"actions": [{"action_id": "environment.release", "value": "1; drop table"}]}, 200),
        ({"actions": [{"action_id": "environment.release"}]}, 200),
        ({"user": {}}, 200),
        ({"team": None}, 200),
        ({"channel": "C1", "container": []}, 200),
    ],
)
def test_a_broken_click_is_acknowledged_and_changes_nothing(
    forge: Forge, desk: Desk, example: Example, broken: dict[str, Any], status: int
) -> None:
    before = _state(desk)

    answer = forge.answer(_click("U0RUI", "environment.release") | broken)

    # What Bolt itself cannot read is turned away where requests come in.
    assert answer.status == status
    assert "Traceback" not in answer.body
    assert _state(desk) == before


@pytest.mark.parametrize(
    "values",
    [
        {"serial": {"field": {"type": "plain_text_input", "value": ["a"]}}},
        {"serial": {"a": {"type": "plain_text_input"}, "b": {"type": "plain_text_input"}}},
        {"slot:1": {"field": {"type": "static_select", "selected_option": {"value": "one"}}}},
        {"environment_type:1": {"field": {"type": "radio_buttons", "selected_option": {"value": "moon"}}}},
        {"serial": {"field": {"type": "no such thing"}}},
    ],
)
def test_a_broken_form_is_said_in_words(forge: Forge, example: Example, values: dict[str, Any]) -> None:
    answer = forge.submission("U0BEN", "environment.register", values)

    assert "could not read what Slack sent" in shown(answer["view"]["blocks"])


def test_what_nobody_listens_to_is_acknowledged(bolt: App, example: Example) -> None:
    body = '{"type": "something_new", "team": {"id": "T0ACME"}}'

    answer = bolt.dispatch(BoltRequest(body=body, headers={"content-type": ["application/json"]}))

    assert answer.status == 200


def test_a_result_takes_the_place_of_the_form(slack: SlackClient, example: Example) -> None:
    view = changed(
        slack, "U0BEN", opened(slack, "U0BEN", f"register {serial(1)} 11.17.0"), TYPE, "production"
    )

    after = result(slack.submit("U0BEN", view))

    assert [each.id for each in slack.views("U0BEN")] == [after.id]
    assert slack.calls("views.open")[-1].outcome == "ok"


def test_every_action_view_and_shortcut_of_ours_has_its_conversation() -> None:
    fields = {Action.FIELD, Action.REASON, Action.URGENT, Action.ITEMS, Action.REQUEST_ENVIRONMENTS}

    assert set(Action) - set(CLICKS) - set(OFFERED) <= fields
    assert set(Callback) - set(SUBMISSIONS) == {Callback.RESULT}
    assert set(SHORTCUTS) == {Callback.REGISTER, Callback.REQUEST}


def _click(user: str, action_id: str) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": "T0ACME"},
        "user": {"id": user, "team_id": "T0ACME"},
        "container": {"type": "message", "channel_id": "D0BEN"},
        "channel": {"id": "D0BEN"},
        "actions": [
            {"type": "button", "block_id": "b", "action_id": action_id, "value": "1", "action_ts": "1.1"}
        ],
    }


def _state(desk: Desk) -> list[Any]:
    with desk.database.read() as connection:
        return [
            connection.execute(select(table)).all() for table in (tables.registrations, tables.request_items)
        ]
