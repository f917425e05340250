from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.sandbox.client import SlackClient
from store import registrations, requests
from store.desk import Actor, Desk
from store.tables import (
    audit_entries,
    persons,
    subscriptions,
)
from tests.example import START, Example, serial
from tests.handlers.acting import opened, result, there
from tests.handlers.conftest import Counts
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import entered, form, made, registered

INFRASTRUCTURE = "license.request.infrastructure"


def test_a_contact_gets_the_files_at_once_and_needs_no_reason(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    view = opened(slack, "U0RUI", "request")
    assert view.title == "Get license files"
    assert "the files come at once, as direct messages from License Desk" in shown(view.blocks)

    after = result(slack.submit("U0RUI", view, entered(view, registration, reason=None)))

    said = shown(after.blocks)
    assert said.startswith(
        "R-1001: the license file of Quality 1 (Non-production) is on its way to your direct"
    )
    posts.send()
    assert [each.name for each in slack.files("U0RUI")] == [f"{serial(1)}.lic"]


@pytest.mark.parametrize("user", ["U0FIONA", "U0TOM", "U0EVA", "U0OLGA"])
def test_everybody_with_the_right_gets_files_at_once(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example, user: str
) -> None:
    registered(desk, example.ben, example.quality[0])
    view = opened(slack, user, f"request {serial(1)}")

    result(slack.submit(user, view))
    posts.send()

    assert len(slack.files(user)) == 1


def test_an_auditor_is_refused_and_told_who_may(
    slack: SlackClient, desk: Desk, example: Example, counts: Counts
) -> None:
    registered(desk, example.ben, example.quality[0])

    answer = slack.command("U0MAX", "request")

    assert "Asking for a license needs a role that you do not have. Nothing has changed. Ask " in answer.text
    assert counts.refusals == ["NoRight"]
    assert slack.view("U0MAX") is None


def test_the_auditor_cannot_submit_a_forged_form(forge: Forge, desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])

    answer = forge.submission("U0MAX", "license.request", form(registration))

    assert "Asking for a license needs a role" in shown(answer["view"]["blocks"])
    assert made(desk) == 0


def test_asking_again_shows_what_waits_and_asks_nothing_more(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    requests.ask(desk, Actor(example.ben), [registration], "first")
    view = opened(slack, "U0BEN", "request")

    after = result(slack.submit("U0BEN", view, entered(view, registration)))

    assert shown(after.blocks).startswith(
        "R-1001 already asks for Quality 1 (Non-production) and waits for an answer, so nothing more was asked for."
    )
    assert buttons(after.blocks) == ["Withdraw"]
    assert made(desk) == 1


def test_the_same_submission_three_times_is_one_request(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    view = opened(slack, "U0BEN", "request")
    slack.weather(redeliver=2)

    after = result(slack.submit("U0BEN", view, entered(view, registration)))

    assert "R-1001: I asked" in shown(after.blocks)
    assert made(desk) == 1


def test_a_click_for_a_file_delivered_three_times_sends_one(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    listed = slack.command("U0RUI", "environments")
    message = there(
        slack, lambda: [each for each in slack.ephemerals("U0RUI") if each.blocks == listed.blocks]
    )[-1]
    slack.weather(redeliver=2)
    posts.click("U0RUI", message, "license.request")
    posts.answer("U0RUI", "is on its way")
    slack.clear_weather()
    slack.weather(sharing=0.0)
    posts.send()

    assert made(desk) == 1
    assert len(slack.files("U0RUI")) == 1


def test_a_click_of_somebody_who_has_to_ask_opens_the_modal_filled_in(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0], 1)
    slack.command("U0BEN", f"environments {serial(1)}")
    message = there(slack, lambda: slack.ephemerals("U0BEN"))[-1]

    posts.click("U0BEN", message, "license.request")

    view = there(slack, lambda: slack.view("U0BEN"))
    after = result(slack.submit("U0BEN", view, {"reason": "upgrade"}))
    assert "R-1001: I asked" in shown(after.blocks)


@pytest.mark.parametrize("reason", [None, "   "])
def test_a_missing_reason_is_said_at_its_field(
    forge: Forge, desk: Desk, example: Example, reason: str | None
) -> None:
    registration = registered(desk, example.ben, example.quality[0])

    answer = forge.submission("U0BEN", "license.request", form(registration, reason=reason))

    assert "Say in a few words what this is for" in answer["errors"]["reason"]
    assert made(desk) == 0


def test_ten_thousand_characters_are_said_at_the_field(forge: Forge, desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])

    answer = forge.submission("U0BEN", "license.request", form(registration, reason="x" * 10_000))

    assert answer["errors"]["reason"].startswith("The reason has 10,000 characters; at most 1,000 fit.")


def test_no_environment_and_too_many_are_said_at_the_field(
    forge: Forge, desk: Desk, example: Example
) -> None:
    nothing = forge.submission("U0BEN", "license.request", form())
    many = forge.submission("U0BEN", "license.request", form(*range(1, 12)))

    assert nothing["errors"] == {"environments:1": "Choose at least one environment."}
    assert "at most 10 environments; you chose 11" in many["errors"]["environments:1"]


def test_environments_of_two_infrastructures_are_refused_by_name(
    forge: Forge, desk: Desk, example: Example
) -> None:
    core = registered(desk, example.ana, example.quality[0], 1)
    depot = registered(desk, example.ana, example.depot_production[0], 2)

    answer = forge.submission("U0ANA", "license.request", form(core, depot))

    assert "belong to several infrastructures: Acme Core and Acme Depot." in shown(answer["view"]["blocks"])


def test_a_forged_id_of_another_company_is_answered_like_none(
    forge: Forge, desk: Desk, example: Example
) -> None:
    foreign = registered(desk, example.otto, example.globex_production[0])

    answers = [forge.submission("U0BEN", "license.request", form(each)) for each in (foreign, 999_999)]

    first, second = (shown(each["view"]["blocks"]) for each in answers)
    assert first == second
    assert "Globex" not in first
    assert made(desk) == 0


@pytest.mark.parametrize("value", ["x", "", "1 OR 1=1", "-5", "9" * 40])
def test_forged_values_are_said_in_words(forge: Forge, example: Example, value: str) -> None:
    values = {
        "environments:1": {"f": {"type": "multi_static_select", "selected_options": [{"value": value}]}}
    }

    answer = forge.submission("U0BEN", "license.request", values)

    assert "could not read" in shown(answer["view"]["blocks"])


def test_an_environment_released_meanwhile_is_said(slack: SlackClient, desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    view = opened(slack, "U0BEN", "request")
    registrations.undo(desk, Actor(example.ben), registration)

    after = result(slack.submit("U0BEN", view, entered(view, registration)))

    assert "Quality 1 is not registered with that serial number any more." in shown(after.blocks)


def test_nobody_at_all_to_ask_is_said_before_and_after(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    others = [example.rui, example.fiona, example.ada, example.tom, example.eva, example.olga]
    with desk.database.write() as connection:
        connection.execute(update(persons).where(persons.c.id.in_(others)).values(active=False))
    view = opened(slack, "U0BEN", "request")
    assert "Nobody who may decide this can be reached in Slack right now" in shown(view.blocks)

    after = result(slack.submit("U0BEN", view, entered(view, registration)))

    said = shown(after.blocks)
    assert (
        "Nobody who may decide this for Acme Core can be reached in Slack, so nothing was asked for." in said
    )
    assert "I looked for contacts, infrastructure administrators, company admins and operators." in said
    assert "These cannot be reached:" in said
    assert made(desk) == 0


def test_before_the_start_the_file_waits(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    begins = START + timedelta(days=3)
    with desk.database.write() as connection:
        connection.execute(update(subscriptions).values(starts_at=begins, unbroken_since=begins))
    assert "The subscription starts on" in shown(opened(slack, "U0BEN", "request").blocks)
    view = opened(slack, "U0RUI", "request")
    assert "files come then" in shown(view.blocks)

    after = result(slack.submit("U0RUI", view, entered(view, registration, reason=None)))

    assert (
        "R-1001: the license file of Quality 1 (Non-production) comes when the subscription starts, on"
        in shown(after.blocks)
    )
    posts.send()
    assert slack.files("U0RUI") == []
    posts.clock.now = begins
    posts.send()
    assert len(slack.files("U0RUI")) == 1


def test_what_was_asked_is_recorded(slack: SlackClient, desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    view = opened(slack, "U0BEN", "request")
    result(slack.submit("U0BEN", view, entered(view, registration)))

    with desk.database.read() as connection:
        query = select(audit_entries).where(audit_entries.c.action == "ask")
        [entry] = connection.execute(query).all()
    assert (entry.actor_id, entry.subject) == (example.ben, "request R-1001")
    assert "upgrade" not in str(entry.facts)


def test_an_additional_contact_asks_although_they_decide(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])

    said = shown(opened(slack, "U0ADA", "request").blocks)

    assert "This asks 2 people, any of whom can forward it: Fiona Marsh and Rui Costa." in said


@pytest.mark.parametrize(
    ("unreachable", "asked"),
    [
        ((), "Fiona Marsh, Rui Costa and Ada Novak"),
        (("rui", "fiona", "ada"), "Tom Berg"),
        (("rui", "fiona", "ada", "tom"), "Eva Lang"),
        (("rui", "fiona", "ada", "tom", "eva"), "Olga Ruiz"),
    ],
)
def test_the_next_step_is_asked_when_one_is_empty(
    slack: SlackClient, desk: Desk, example: Example, unreachable: tuple[str, ...], asked: str
) -> None:
    registered(desk, example.ben, example.quality[0])
    gone = [getattr(example, name) for name in unreachable]
    with desk.database.write() as connection:
        connection.execute(update(persons).where(persons.c.id.in_(gone)).values(active=False))

    said = shown(opened(slack, "U0BEN", "request").blocks)

    assert f": {asked}." in said
    assert ("Not reached in Slack: " in said) == bool(unreachable)
