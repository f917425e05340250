from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.sandbox.client import SlackClient
from handlers.context import Context
from handlers.visitors import profile_of
from store import profiles, tables
from store.desk import Actor, Desk
from tests.example import WORKSPACE, Example
from tests.handlers.acting import there, told
from tests.handlers.conftest import Counts, Identity
from tests.handlers.forging import Forge
from tests.handlers.reading import shown


def person(desk: Desk, person_id: int) -> Any:
    with desk.database.read() as connection:
        return connection.execute(select(tables.persons).where(tables.persons.c.id == person_id)).one()


def actions(desk: Desk) -> list[str]:
    with desk.database.read() as connection:
        return list(connection.execute(select(tables.audit_entries.c.action)).scalars())


def test_somebody_seen_for_the_first_time_is_linked_by_email_and_answered(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    answer = slack.command("U0LENA", "slots")
    assert answer.text == "Checking who you are…"

    told(slack, "U0LENA", "8 of 8 slots are free.")

    assert person(desk, example.lena).slack_id == "U0LENA"
    assert actions(desk) == ["link_person"]


def test_before_the_desk_knows_its_workspace_nobody_is_called_a_stranger(
    slack: SlackClient, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(context), "identity", lambda: Identity(workspace_id=""))

    answer = slack.command("U0ANA", "slots")

    assert answer.text.startswith("License Desk is just starting and has not heard from Slack yet")
    assert "try again in a minute" in answer.text
    monkeypatch.undo()
    assert "slots are free" in slack.command("U0ANA", "slots").text


def test_what_fails_at_the_desk_while_somebody_is_met_is_not_put_down_to_slack(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        tables.audit_entries.drop(connection)

    slack.command("U0LENA", "slots")

    told(slack, "U0LENA", "Something went wrong on our side")


def test_somebody_linked_is_answered_in_the_ack_the_next_time(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.command("U0LENA", "slots")
    told(slack, "U0LENA", "8 of 8 slots are free.")

    assert slack.command("U0LENA", "slots").text == "8 of 8 slots are free."
    assert actions(desk) == ["link_person"]


def test_somebody_seen_for_the_first_time_gets_the_modal_they_asked_for(
    slack: SlackClient, example: Example
) -> None:
    slack.command("U0LENA", "register")

    assert there(slack, lambda: slack.view("U0LENA")).title == "Register"


def test_the_shortcut_of_somebody_unknown_opens_too(slack: SlackClient, example: Example) -> None:
    slack.shortcut("U0LENA", "environment.register")

    assert there(slack, lambda: slack.view("U0LENA")).title == "Register"


def test_somebody_whom_the_import_does_not_name_is_told_whom_to_ask(
    slack: SlackClient, example: Example
) -> None:
    slack.command("U0ZOE", "slots")

    message = told(slack, "U0ZOE", "not associated with any infrastructure")

    assert "Ask the operators of License Desk to add you." in message.text


def test_the_admins_are_named_when_the_import_linked_somebody_to_a_company(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(
            update(tables.roles).where(tables.roles.c.person_id == example.ben).values(state="resting")
        )

    answer = slack.command("U0BEN", "slots")

    assert "The admins of Acme Logistics can add you: ask Eva Lang." in answer.text


def test_a_guest_is_refused(slack: SlackClient, desk: Desk, example: Example, counts: Counts) -> None:
    answer = slack.command("U0GUS", "slots")

    assert "Guests can use License Desk only when their company named them." in answer.text
    assert "Ask the person who invited you to write to" in answer.text
    assert counts.refusals == ["NotAllowedHere"]
    assert actions(desk) == ["refused:visit"]


def test_a_guest_whose_slack_id_the_import_names_is_let_in(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(
            update(tables.persons).where(tables.persons.c.id == example.gus).values(slack_id_imported=True)
        )

    assert "slots are free" in slack.command("U0GUS", "slots").text


def test_a_named_guest_without_a_role_is_refused(slack: SlackClient, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(
            update(tables.persons).where(tables.persons.c.id == example.gus).values(slack_id_imported=True)
        )
        connection.execute(
            update(tables.roles).where(tables.roles.c.person_id == example.gus).values(state="resting")
        )

    assert "Guests can use License Desk only" in slack.command("U0GUS", "slots").text


def test_a_guest_nobody_knows_is_refused_after_looking(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.change_person("U0ZOE", is_restricted=True)
    slack.command("U0ZOE", "slots")

    told(slack, "U0ZOE", "Guests can use License Desk only")
    with desk.database.read() as connection:
        known = select(func.count()).select_from(tables.persons).where(tables.persons.c.slack_id == "U0ZOE")
        assert connection.execute(known).scalar_one() == 0


def test_somebody_deactivated_is_refused(slack: SlackClient, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(
            update(tables.persons).where(tables.persons.c.id == example.ben).values(active=False)
        )

    assert "Your account is deactivated" in slack.command("U0BEN", "slots").text


@pytest.mark.parametrize(
    "where", [{"team": {"id": "T0FAR"}}, {"user": {"id": "U0BEN", "team_id": "T0FAR"}}, {"user": {"id": ""}}]
)
def test_people_of_other_workspaces_are_refused_wherever_they_act(
    forge: Forge, example: Example, where: dict[str, Any]
) -> None:
    payload = {
        "type": "view_submission",
        "team": {"id": example.workspace},
        "user": {"id": "U0BEN", "team_id": example.workspace},
        "view": {"id": "V1", "type": "modal", "callback_id": "environment.register", "state": {"values": {}}},
    }

    answer = forge.interaction(payload | where)

    assert "people of its own workspace only" in shown(answer["view"]["blocks"])


def test_a_command_from_another_workspace_is_refused(forge: Forge, example: Example) -> None:
    assert "people of its own workspace only" in forge.command("U0BEN", "slots", team_id="T0FAR")["text"]


def test_a_stranger_of_a_shared_channel_is_refused_after_looking(
    slack: SlackClient, example: Example
) -> None:
    slack.command("U0SAM", "slots")

    told(slack, "U0SAM", "people of its own workspace only")


def test_somebody_is_told_to_try_again_when_slack_does_not_say_who_they_are(
    slack: SlackClient, example: Example
) -> None:
    slack.weather(fault="server_error", method="users.info", calls=1)
    slack.command("U0LENA", "slots")

    told(slack, "U0LENA", "We could not find out who you are")


def test_refusals_of_a_minute_are_recorded_once_and_all_counted(
    slack: SlackClient, desk: Desk, example: Example, counts: Counts
) -> None:
    for _ in range(3):
        slack.command("U0MAX", "register")

    assert actions(desk) == ["refused:register_command"]
    assert counts.refusals == ["NoRight"] * 3


def test_what_slack_says_of_somebody_fits_into_its_columns() -> None:
    user = {"id": "U0NEW", "tz": "z" * 100, "profile": {"real_name": "n" * 300}}

    found = profile_of(user, WORKSPACE)

    longest = {each: getattr(tables.persons.c[each].type, "length", None) for each in ("name", "zone")}
    assert {"name": len(found.name), "zone": len(found.zone or "")} == longest


def test_somebody_without_name_and_zone_has_their_id_and_utc(desk: Desk) -> None:
    found = profile_of({"id": "U0NEW", "tz": None, "profile": {}}, WORKSPACE)
    assert (found.name, found.zone, found.email) == ("U0NEW", None, None)

    met = profiles.link(desk, Actor(None), found)

    assert (met.name, met.zone, met.email) == ("U0NEW", "UTC", None)
