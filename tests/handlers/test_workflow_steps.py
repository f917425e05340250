import json
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.sandbox.client import SlackClient
from handlers import workflow_steps as steps
from handlers.blocks.ids import Step
from store import decisions, people, releases
from store.desk import Actor, Desk
from store.expiry import expire_due
from store.tables import audit_entries, deliveries, persons, subscriptions, workflow_steps
from store.tables import requests as request_rows
from tests.conftest import Clock
from tests.example import Example, serial
from tests.handlers.conftest import Counts
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import asked, made, registered, states

Json = dict[str, Any]


def run(
    slack: SlackClient, person: str = "U0ANA", environment: str = "Quality 1", reason: str = "upgrade"
) -> str:
    return slack.run_step(Step.REQUEST, person=person, environment=environment, reason=reason)


def taken(slack: SlackClient, desk: Desk) -> str:
    """A run of Ana's, as soon as its request is made."""
    execution = run(slack)
    slack.wait_for(lambda: made(desk))
    return execution


def refusal(posts: Posts, slack: SlackClient, execution: str) -> str:
    """What Slack is told about a run that asked for nothing."""
    slack.wait_for(lambda: known(posts.desk, execution))
    posts.send()
    state = slack.function(execution)
    assert state["outcome"] == "error", state
    return str(state["result"])


def known(desk: Desk, execution: str) -> bool:
    with desk.database.read() as connection:
        query = select(workflow_steps.c.id).where(workflow_steps.c.execution_id == execution)
        return connection.execute(query).first() is not None


def outcome(slack: SlackClient, execution: str) -> tuple[str, Json | str | None]:
    state = slack.function(execution)
    return state["outcome"], state["result"]


def test_a_run_asks_in_the_name_of_its_person_and_goes_on_when_a_contact_forwards(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    execution = taken(slack, desk)
    posts.send()
    assert outcome(slack, execution) == ("running", None)

    posts.click("U0RUI", posts.card(), "request.forward")
    slack.wait_for(lambda: states(desk) == ["forwarded"])
    posts.send()

    assert outcome(slack, execution) == ("success", {"state": "forwarded", "decider": "U0RUI"})
    assert [each.name for each in slack.files("U0ANA")] == [f"{serial(1)}.lic"]


def test_those_who_decide_see_that_a_workflow_asked(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    taken(slack, desk)
    posts.send()

    said = shown(posts.card().blocks)
    assert "Asked by: " in said
    assert "Asked through: a workflow; Slack does not say who ran it" in said


def test_a_request_from_slack_itself_does_not_speak_of_a_workflow(
    posts: Posts, desk: Desk, example: Example
) -> None:
    asked(desk, example.ana, registered(desk, example.ben, example.quality[0]))
    posts.send()

    assert "workflow" not in shown(posts.card().blocks)


def test_the_person_named_is_told_and_can_withdraw_what_they_did_not_ask_for(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    execution = taken(slack, desk)
    posts.send()
    told = posts.direct_message("U0ANA", "a workflow asked in your name")
    assert told.text == (
        "R-1001: a workflow asked in your name for the license file of Quality 1 (Non-production), "
        "Acme Logistics, Acme Core."
    )
    assert "Reason: “upgrade”" in shown(told.blocks)
    assert buttons(told.blocks) == ["Withdraw"]

    posts.click("U0ANA", told, "item.withdraw")
    slack.wait_for(lambda: states(desk) == ["withdrawn"])
    posts.send()

    assert outcome(slack, execution) == ("success", {"state": "withdrawn"})


def test_a_run_goes_on_when_its_request_is_declined(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    execution = taken(slack, desk)

    decisions.decline(desk, Actor(example.rui), _request(desk), None, "not now")
    posts.send()

    assert outcome(slack, execution) == ("success", {"state": "declined", "decider": "U0RUI"})


def told(slack: SlackClient, user: str) -> str:
    """The history as the person sees it."""
    answer = slack.command(user, "history")
    return f"{answer.text} {shown(answer.blocks)}"


def _request(desk: Desk) -> int:
    with desk.database.read() as connection:
        return int(connection.execute(select(request_rows.c.id)).scalar_one())


def test_a_run_goes_on_when_its_request_expires(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example, clock: Clock
) -> None:
    registered(desk, example.ben, example.quality[0])
    execution = taken(slack, desk)
    posts.send()

    clock.advance(timedelta(days=8))
    expire_due(desk)
    posts.send()

    assert outcome(slack, execution) == ("success", {"state": "expired"})


def test_a_run_goes_on_when_its_request_is_closed(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    execution = taken(slack, desk)

    releases.release(desk, Actor(example.rui), registration, "gone")
    posts.send()

    assert outcome(slack, execution) == ("success", {"state": "closed"})


def test_with_the_direct_right_a_run_goes_on_once_the_file_has_arrived(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    execution = run(slack, "U0RUI")
    slack.wait_for(lambda: made(desk))
    assert outcome(slack, execution) == ("running", None)

    posts.send()

    assert outcome(slack, execution) == ("success", {"state": "delivered"})
    [message] = [each for each in slack.direct("U0RUI") if each.files]
    assert "A workflow asked for it in your name." in shown(message.blocks)


def test_a_direct_file_that_may_not_be_delivered_any_more_ends_the_run(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    execution = run(slack, "U0RUI")
    slack.wait_for(lambda: made(desk))
    with desk.database.write() as connection:
        connection.execute(update(subscriptions).values(state="suspended"))

    posts.send()

    assert outcome(slack, execution) == ("success", {"state": "closed"})


def test_a_direct_file_that_slack_refuses_fails_the_run_in_words(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    slack.weather(fault="refused", method="files.getUploadURLExternal", error="storage_limit_reached")
    execution = run(slack, "U0RUI")
    slack.wait_for(lambda: made(desk))

    posts.send()

    said = outcome(slack, execution)
    assert said == (
        "error",
        "R-1001: Slack did not take the license file of Quality 1. Ask the operators for help.",
    )


def test_the_serial_number_names_the_environment_as_well(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])

    run(slack, environment=serial(1).lower().replace("-", " "))

    slack.wait_for(lambda: made(desk))


def test_the_same_event_again_changes_nothing(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    slack.weather(redeliver=2)
    execution = taken(slack, desk)
    # A push is written down once it was answered.
    event, *_ = slack.wait_for(
        lambda: [
            each.sent for each in slack.traffic("push") if "function_execution_id" in json.dumps(each.sent)
        ]
    )
    decisions.forward(desk, Actor(example.rui), _request(desk))
    posts.send()

    assert slack.deliver("events_api", event)["ok"]
    posts.send()

    assert made(desk) == 1
    assert len(slack.calls("functions.completeSuccess")) == 1
    assert outcome(slack, execution)[0] == "success"


def test_a_run_joins_what_the_person_asked_for_before(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    request = asked(desk, example.ana, registered(desk, example.ben, example.quality[0]))
    execution = run(slack)
    slack.wait_for(lambda: known(desk, execution))

    decisions.forward(desk, Actor(example.rui), request)
    posts.send()

    assert made(desk) == 1
    assert outcome(slack, execution) == ("success", {"state": "forwarded", "decider": "U0RUI"})


@pytest.mark.parametrize(
    ("person", "environment", "reason", "said"),
    [
        ("U0ANA", "Mars", "upgrade", "You see no registered environment called “Mars”."),
        ("U0ANA", serial(9), "upgrade", "is not registered yet, so there is no license for it to ask for."),
        ("U0ANA", "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC", "upgrade", "activation code"),
        ("U0MAX", "Quality 1", "upgrade", "needs a role that you do not have"),
        ("U0OTTO", "Quality 1", "upgrade", "You see no registered environment called “Quality 1”."),
        ("U0GUS", "Quality 1", "upgrade", "Guests can use License Desk only"),
        ("U0ZOE", "Quality 1", "upgrade", "not associated"),
        ("U0ANA", "Quality 1", " ", "Say in a few words what this is for"),
        ("U0ANA", " ", "upgrade", "Choose at least one environment."),
    ],
)
def test_what_cannot_be_asked_for_fails_in_the_words_of_the_command(
    posts: Posts,
    slack: SlackClient,
    desk: Desk,
    example: Example,
    person: str,
    environment: str,
    reason: str,
    said: str,
) -> None:
    registered(desk, example.ben, example.quality[0])

    execution = run(slack, person, environment, reason)

    assert said in refusal(posts, slack, execution)
    assert made(desk) == 0


def test_a_name_that_several_environments_have_is_not_guessed_at(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0], 1)
    registered(desk, example.ana, example.depot_production[0], 2)

    execution = run(slack, "U0ANA", "prod 1")

    assert refusal(posts, slack, execution) == (
        "2 environments are called “prod 1”, so nothing was asked for. Give the serial number in place of the name."
    )
    assert made(desk) == 0


def test_the_name_of_an_infrastructure_names_no_environment(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])

    assert "no registered environment" in refusal(posts, slack, run(slack, environment="Acme Core"))
    assert made(desk) == 0


def test_a_refusal_is_recorded_and_counted_once(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example, counts: Counts
) -> None:
    registered(desk, example.ben, example.quality[0])

    refusal(posts, slack, run(slack, "U0MAX"))

    assert counts.refusals == ["NoRight"]
    with desk.database.read() as connection:
        entry = connection.execute(
            select(audit_entries).where(audit_entries.c.action.like("refused:%"))
        ).one()
    assert (entry.action, entry.source, entry.actor_id) == (
        "refused:ask_by_workflow",
        "workflow",
        example.max,
    )


def test_the_record_says_that_it_came_through_a_workflow(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    taken(slack, desk)

    with desk.database.read() as connection:
        entry = connection.execute(select(audit_entries).where(audit_entries.c.action == "ask")).one()
    assert (entry.source, entry.actor_id) == ("workflow", example.ana)
    assert "through a workflow" in told(slack, "U0ANA")


def test_marks_of_slack_in_what_was_typed_have_no_power_where_the_step_fails(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    execution = run(slack, environment="<!channel> & co")

    said = refusal(posts, slack, execution)
    assert "<!channel>" not in said
    assert "&lt;!channel&gt;" in said


def test_somebody_whom_the_import_named_is_linked_on_their_first_run(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])

    run(slack, "U0LENA")

    slack.wait_for(lambda: made(desk))
    with desk.database.read() as connection:
        linked = connection.execute(
            select(persons.c.slack_id).where(persons.c.id == example.lena)
        ).scalar_one()
    assert linked == "U0LENA"


def test_a_person_whom_slack_cannot_look_up_fails_the_step(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    slack.weather(fault="refused", method="users.info", calls=1, error="internal_error")

    assert "could not find out who you are" in refusal(posts, slack, run(slack, "U0LENA"))
    assert made(desk) == 0


def test_somebody_who_was_deactivated_is_refused(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    slack.deactivate("U0ANA")
    slack.wait_for(lambda: not _active(desk, example.ana))

    refusal(posts, slack, run(slack))

    assert made(desk) == 0


def _active(desk: Desk, person_id: int) -> bool:
    with desk.database.read() as connection:
        return people.get(connection, person_id).active


def forged(**more: Any) -> Json:
    inputs = {"person": "U0ANA", "environment": "Quality 1", "reason": "upgrade"}
    happened = {
        "type": "function_executed",
        "function": {"callback_id": str(Step.REQUEST)},
        "inputs": inputs,
        "function_execution_id": "Fx0FORGED",
        "workflow_execution_id": "Wx0FORGED",
        "bot_access_token": "xwfp-canary",
    }
    return {**happened, **more}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"inputs": {"environment": "Quality 1", "reason": "x"}}, steps.NO_PERSON),
        ({"inputs": {"person": "Ana Silva", "environment": "Quality 1", "reason": "x"}}, steps.NO_PERSON),
        ({"inputs": {"person": ["U0ANA"], "environment": 7, "reason": {}}}, steps.NO_PERSON),
        ({"inputs": None}, steps.NO_PERSON),
        ({"function": {"callback_id": "something_else"}}, steps.OLD_STEP),
        ({"function": None}, steps.OLD_STEP),
    ],
)
def test_a_step_that_is_not_as_it_should_be_fails_in_words(
    posts: Posts, slack: SlackClient, forge: Forge, desk: Desk, example: Example, more: Json, said: str
) -> None:
    registered(desk, example.ben, example.quality[0])
    slack.start_function("Fx0FORGED")

    assert forge.event(forged(**more)).status == 200

    assert refusal(posts, slack, "Fx0FORGED") == said
    assert made(desk) == 0


@pytest.mark.parametrize("execution", ["", "x" * 65, "Fx1; DROP", None, 7, ["Fx1"]])
def test_a_run_without_a_name_is_left_alone(
    slack: SlackClient, forge: Forge, desk: Desk, example: Example, execution: Any
) -> None:
    registered(desk, example.ben, example.quality[0])

    assert forge.event(forged(function_execution_id=execution)).status == 200

    assert made(desk) == 0


def test_a_run_of_another_workspace_is_left_alone(forge: Forge, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.quality[0])

    assert forge.event(forged(), team="T0FAR").status == 200

    assert made(desk) == 0


def test_the_token_that_comes_with_a_run_is_neither_kept_nor_logged(
    forge: Forge, desk: Desk, example: Example, logged: list[MutableMapping[str, Any]]
) -> None:
    registered(desk, example.ben, example.quality[0])

    forge.event(forged())

    assert made(desk) == 1
    assert "xwfp-canary" not in str(logged)
    with desk.database.read() as connection:
        for table in (workflow_steps, deliveries, request_rows, audit_entries):
            assert "xwfp-canary" not in str(connection.execute(select(table)).all())


def test_an_answer_that_was_lost_does_not_fail_a_run_that_is_complete(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    execution = taken(slack, desk)
    decisions.forward(desk, Actor(example.rui), _request(desk))
    slack.weather(fault="lost", method="functions.completeSuccess", calls=1)

    posts.send()

    assert outcome(slack, execution) == ("success", {"state": "forwarded", "decider": "U0RUI"})
    assert step_states(desk) == {"sent"}


def step_states(desk: Desk) -> set[str]:
    with desk.database.read() as connection:
        return set(
            connection.execute(select(deliveries.c.state).where(deliveries.c.kind == "step")).scalars()
        )


def test_a_slack_that_puts_the_end_off_is_told_later(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    execution = taken(slack, desk)
    decisions.forward(desk, Actor(example.rui), _request(desk))
    slack.weather(fault="ratelimited", method="functions.completeSuccess", calls=1, retry_after=5)

    posts.send()

    assert outcome(slack, execution)[0] == "success"


def test_operators_are_told_of_a_run_that_slack_does_not_let_end(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    taken(slack, desk)
    decisions.forward(desk, Actor(example.rui), _request(desk))
    slack.weather(fault="refused", method="functions.completeSuccess", error="function_execution_not_found")

    posts.send()

    assert step_states(desk) == {"failed"}
    assert any("function_execution_not_found" in each for each in posts.direct("U0OLGA"))
