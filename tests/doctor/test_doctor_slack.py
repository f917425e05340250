"""Slack as the doctor sees it: tokens, scopes, channels, people, clocks, and the program beside it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from bot.doctor import present
from bot.doctoring.finding import Level
from bot.health import Finding as Health
from bot.health import health_app
from bot.http import HttpServer
from bot.metrics import Metrics
from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.scopes import SCOPES, Scope
from store.database import Database
from store.tables import conversations, infrastructures, persons, roles, workspaces
from tests.doctor.conftest import Look, levels, says
from tests.example import APPROVAL_CHANNEL, WORKSPACE, Example

READING = {"auth.test", "apps.connections.open", "bots.info", "conversations.info", "users.info"}


def test_tokens_that_work_and_scopes_that_suffice_are_well(look: Look) -> None:
    found = look("Slack")
    assert levels(found) == {Level.OK}
    assert len(found) == 3


def test_the_doctor_only_reads_in_slack_and_leaves_no_connection(look: Look, slack: SlackClient) -> None:
    look("Slack")
    assert {each.name for each in slack.calls()} == READING
    assert slack.connections() == 0


def test_without_a_bot_token_slack_is_not_asked(look: Look, slack: SlackClient) -> None:
    assert look("Slack", slack_bot_token="") == []
    assert slack.calls() == []


def test_a_bot_token_that_slack_does_not_know_is_a_problem(look: Look) -> None:
    found = look("Slack", slack_bot_token="xoxb-of-another-app")
    assert levels(found) == {Level.PROBLEM}
    assert "does not accept the bot token (invalid_auth)" in says(found)
    assert "LICENSE_DESK_SLACK_BOT_TOKEN" in says(found)
    assert "of-another-app" not in says(found)


def test_an_app_that_was_removed_is_to_be_installed_again(look: Look, slack: SlackClient) -> None:
    slack.uninstall()
    assert "Install the app in the workspace again" in says(look("Slack"))


def test_an_app_token_that_slack_does_not_know_is_a_problem(look: Look) -> None:
    found = look("Slack", slack_app_token="xapp-1-A0SANDBOX01-1-wrong")
    assert "does not accept the app token (invalid_auth)" in says(found)


def test_over_http_the_app_token_is_not_asked_about(look: Look, slack: SlackClient) -> None:
    assert levels(look("Slack", mode="http", slack_app_token="xapp-wrong")) == {Level.OK}
    assert slack.calls("apps.connections.open") == []


def test_tokens_of_two_apps_are_told_apart(look: Look, sandbox: Sandbox) -> None:
    sandbox.world.app = type(sandbox.world.app)(**{**vars(sandbox.world.app), "id": "A0OTHER"})
    assert "bot token and app token belong to different apps (A0OTHER and A0SANDBOX01)" in says(look("Slack"))


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_each_missing_scope_is_named_with_what_does_not_work(
    look: Look, slack: SlackClient, scope: Scope
) -> None:
    slack.weather(missing_scopes=[scope.name])
    found = look("Slack")
    assert f"the scope {scope.name} is missing: {scope.without}" in says(found)
    assert [each.level for each in found].count(Level.PROBLEM) == 1


def test_a_database_of_another_workspace_is_a_problem(look: Look, migrated: Database) -> None:
    identity = {"name": "Other", "bot_id": "B1", "bot_user_id": "U1"}
    with migrated.write() as connection:
        connection.execute(insert(workspaces).values(workspace_id="T0OTHER", **identity))
    assert f"belongs to the workspace Other (T0OTHER), the bot token to {WORKSPACE}" in says(look("Slack"))


def test_a_database_of_this_workspace_is_well(look: Look, migrated: Database) -> None:
    identity = {"name": "Acme", "bot_id": "B1", "bot_user_id": "U1"}
    with migrated.write() as connection:
        connection.execute(insert(workspaces).values(workspace_id=WORKSPACE, **identity))
    assert levels(look("Slack")) == {Level.OK}


@pytest.mark.parametrize("fault", ["server_error", "garbage", "cut"])
def test_a_slack_that_gives_no_answer_is_told_as_that(look: Look, slack: SlackClient, fault: str) -> None:
    slack.weather(fault=fault)
    found = look("Slack")
    assert levels(found) == {Level.PROBLEM}
    assert "did not answer when asked with the bot token" in says(found)


def test_a_slack_that_cannot_be_reached_is_told_and_the_rest_examined(look: Look, sandbox: Sandbox) -> None:
    sandbox.stop()
    assert "did not answer" in says(look("Slack"))
    assert look("Approval channels") == []
    assert look("Companies") != []


def test_the_doctor_waits_as_long_as_slack_asks_and_goes_on(
    look: Look, slack: SlackClient, pauses: list[float]
) -> None:
    slack.weather(fault="ratelimited", method="users.info", calls=2, retry_after=7)
    assert "could not be looked up" not in says(look("Contacts"))
    assert pauses == [7.0, 7.0]


def test_the_doctor_does_not_wait_for_ever(look: Look, slack: SlackClient, pauses: list[float]) -> None:
    slack.weather(fault="ratelimited", method="auth.test", retry_after=7)
    assert levels(look("Slack")) == {Level.PROBLEM}
    assert len(pauses) == 2


def test_an_approval_channel_in_good_order_is_well(look: Look) -> None:
    assert levels(look("Approval channels")) == {Level.OK}


def test_a_desk_without_approval_channels_is_well(look: Look, migrated: Database) -> None:
    with migrated.write() as connection:
        connection.execute(update(infrastructures).values(approval_channel=None))
    assert levels(look("Approval channels")) == {Level.OK}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda slack: slack.archive("licenses"), "is archived"),
        (lambda slack: slack.share_channel("licenses"), "is shared with another organization"),
        (lambda slack: slack.remove_bot("licenses"), "does not have the bot in it"),
        (lambda slack: slack.delete_channel("licenses"), "does not exist, or is private and without the bot"),
    ],
    ids=["archived", "shared", "without the bot", "deleted"],
)
def test_an_approval_channel_that_does_not_work_is_told_with_its_infrastructures(
    look: Look, slack: SlackClient, change: Callable[[SlackClient], None], words: str
) -> None:
    change(slack)
    found = look("Approval channels")
    assert levels(found) == {Level.PROBLEM}
    assert words in says(found)
    assert APPROVAL_CHANNEL in says(found)
    assert "Acme Core" in says(found)


def test_a_channel_of_the_operators_in_good_order_is_well(look: Look) -> None:
    assert levels(look("Approval channels", operators_channel=APPROVAL_CHANNEL)) == {Level.OK}


@pytest.mark.parametrize(
    ("channel", "change", "words"),
    [
        (APPROVAL_CHANNEL, lambda slack: slack.remove_bot("licenses"), "does not have the bot in it"),
        ("C0NOWHERE", lambda _slack: None, "could not be looked at (channel_not_found)"),
    ],
)
def test_a_channel_of_the_operators_that_does_not_work_is_told(
    look: Look, slack: SlackClient, channel: str, change: Callable[[SlackClient], None], words: str
) -> None:
    change(slack)
    found = says(look("Approval channels", operators_channel=channel))
    assert f"the operators' channel {channel} {words}" in found
    assert "LICENSE_DESK_OPERATORS_CHANNEL" in found


def test_a_channel_that_may_not_be_looked_at_points_to_the_scopes(look: Look, slack: SlackClient) -> None:
    slack.weather(missing_scopes=["channels:read"])
    assert "Grant the missing scopes" in says(look("Approval channels"))


def test_people_who_can_be_reached_are_well_and_so_is_each_infrastructure(look: Look) -> None:
    found = look("Contacts")
    assert levels(found) == {Level.OK}
    assert len(found) == 2


def test_a_contact_who_was_deactivated_in_slack_is_named(look: Look, slack: SlackClient) -> None:
    slack.deactivate("rui")
    assert "Rui Costa is deactivated in Slack" in says(look("Contacts"))


def test_a_contact_under_a_slack_id_of_nobody_is_named(
    look: Look, migrated: Database, example: Example
) -> None:
    with migrated.write() as connection:
        connection.execute(update(persons).where(persons.c.id == example.ada).values(slack_id="U0NOBODY"))
    assert "Ada Novak is not in this workspace under U0NOBODY" in says(look("Contacts"))


def test_a_contact_of_another_workspace_is_named(look: Look, slack: SlackClient) -> None:
    slack.change_person("ada", team="T0ELSEWHERE")
    assert "Ada Novak belongs to another workspace" in says(look("Contacts"))


def test_a_contact_who_is_not_in_slack_yet_is_named(look: Look, migrated: Database, example: Example) -> None:
    with migrated.write() as connection:
        connection.execute(update(persons).where(persons.c.id == example.ada).values(slack_id=None))
    assert "Ada Novak is not known in Slack yet" in says(look("Contacts"))


def test_a_contact_who_is_asked_by_e_mail_is_no_cause_for_a_warning(
    look: Look, migrated: Database, example: Example
) -> None:
    only_by_mail = {"slack_id": None, "email": "ada.novak@acme.example"}
    with migrated.write() as connection:
        connection.execute(update(persons).where(persons.c.id == example.ada).values(only_by_mail))
    mail = {"smtp_host": "mail.example", "smtp_sender": "desk@meridian.example"}
    assert "Ada Novak" not in says(look("Contacts", **mail, public_url="https://desk.example"))
    assert "Ada Novak is not known in Slack yet" in says(look("Contacts"))


def test_a_contact_whose_direct_message_is_known_not_to_work_is_named(
    look: Look, migrated: Database, example: Example
) -> None:
    direct = {"workspace_id": WORKSPACE, "slack_id": "D0ADA", "kind": "direct", "absent": True}
    with migrated.write() as connection:
        connection.execute(insert(conversations).values(person_id=example.ada, **direct))
    assert "Ada Novak cannot be sent a direct message" in says(look("Contacts"))


def test_a_member_is_nobody_to_look_at(look: Look, slack: SlackClient) -> None:
    slack.deactivate("ana")
    assert levels(look("Contacts")) == {Level.OK}


def test_an_infrastructure_for_which_only_operators_are_left_is_a_warning(
    look: Look, slack: SlackClient
) -> None:
    slack.deactivate("nina")
    found = look("Contacts")
    assert levels(found) == {Level.WARNING}
    assert "only the operators can be asked for Globex Core of Globex" in says(found)


def test_an_infrastructure_for_which_nobody_is_left_is_a_problem(look: Look, slack: SlackClient) -> None:
    slack.deactivate("nina")
    slack.deactivate("olga")
    found = look("Contacts")
    assert Level.PROBLEM in levels(found)
    assert "nobody can be asked for Globex Core of Globex" in says(found)


def test_an_infrastructure_without_anybody_by_the_database_is_a_problem(
    look: Look, migrated: Database, sandbox: Sandbox
) -> None:
    sandbox.stop()
    with migrated.write() as connection:
        connection.execute(delete(roles).where(roles.c.role != "member"))
    assert "nobody can be asked for Acme Core of Acme Logistics" in says(look("Contacts"))


def test_what_was_not_looked_at_is_said(look: Look, slack: SlackClient) -> None:
    found = look("Contacts", most=2)
    assert "only 2 of 7 people were looked at" in says(found)
    assert "only 2 of 3 infrastructures were looked at" in says(found)
    assert len(slack.calls("users.info")) == 2
    assert levels(look("Contacts", most=None)) == {Level.OK}


def test_a_clock_that_agrees_is_well(look: Look, migrated: Database) -> None:
    found = look("Clock", now=present())
    assert levels(found) == {Level.OK}
    assert len(found) == (1 if migrated.is_sqlite else 2)


@pytest.mark.parametrize(
    ("by", "level", "words"),
    [
        (timedelta(seconds=60), Level.WARNING, "seconds ahead of Slack's"),
        (timedelta(seconds=-60), Level.WARNING, "seconds behind Slack's"),
        (timedelta(minutes=10), Level.PROBLEM, "Slack's requests get refused"),
    ],
)
def test_a_clock_that_is_off_is_told(
    look: Look, migrated: Database, by: timedelta, level: Level, words: str
) -> None:
    found = look("Clock", now=present() + by)
    assert levels(found) == {level}
    assert words in says(found)
    assert ("the database's" in says(found)) is not migrated.is_sqlite


def test_a_slack_that_is_ahead_is_told(look: Look, slack: SlackClient) -> None:
    slack.advance(45)
    assert "seconds behind Slack's" in says(look("Clock", now=present()))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def unwell() -> dict[str, Health]:
    """What the running program finds, beyond what is well."""
    return {}


@pytest.fixture
def health_port(metrics: Metrics, unwell: dict[str, Health]) -> Iterator[int]:
    checks = {"courier": lambda: unwell.get("courier", Health(True, "last turn 0 seconds ago"))}
    server = HttpServer(health_app(checks, metrics), "127.0.0.1", 0, name="health")
    server.start()
    yield server.port
    assert server.stop(5.0)


def test_a_program_that_does_not_run_here_is_a_warning(look: Look) -> None:
    found = look("Program")
    assert levels(found) == {Level.WARNING}
    assert "license-desk run" in says(found)


def test_a_program_that_runs_with_one_connection_is_well(
    look: Look, metrics: Metrics, health_port: int
) -> None:
    metrics.connections(1)
    found = look("Program", health_port=health_port)
    assert levels(found) == {Level.OK}
    assert len(found) == 2


def test_a_program_that_is_not_ready_is_told_in_its_own_words(
    look: Look, unwell: dict[str, Health], health_port: int
) -> None:
    unwell["courier"] = Health(False, "last turn 90 seconds ago; at most 30 are well")
    found = look("Program", health_port=health_port)
    assert levels(found) == {Level.PROBLEM}
    assert "courier: last turn 90 seconds ago" in says(found)


def test_a_second_program_with_the_same_app_token_is_told(
    look: Look, metrics: Metrics, health_port: int
) -> None:
    metrics.connections(2)
    found = look("Program", health_port=health_port)
    assert Level.WARNING in levels(found)
    assert "among 2 connections with the same app token" in says(found)


def test_something_else_on_the_health_port_is_told(look: Look, sandbox: Sandbox) -> None:
    found = look("Program", health_port=sandbox.port)
    assert levels(found) == {Level.PROBLEM}
    assert "something else than License Desk" in says(found)
