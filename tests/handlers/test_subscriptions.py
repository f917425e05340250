"""`/license subscription` and what follows a renewal or a suspension, as people see it in Slack."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from bot.sandbox.client import SlackClient
from store import key_reissues, registrations, reissuing, signing, term_reminders
from store.desk import Actor, Desk
from store.keys import verifying_keys
from store.slots import capacity
from store.tables import subscriptions as subscription_rows
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.handlers.acting import another, opened, result, told
from tests.handlers.conftest import Counts
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.store.renewing import COMMAND, NEXT_END, at, forwarded, licensed, renew, subscription, suspend
from tests.store.requesting import change, deactivate, registered

FIELDS: dict[str, Any] = {"ends": "2027-12-31", "highest_version": None}


def answered(slack: SlackClient, user: str, text: str) -> str:
    answer = slack.command(user, text)
    assert answer.ok, answer
    return shown(answer.blocks)


def pressed(slack: SlackClient, user: str, action: str, infrastructure: str = "Acme Core") -> Any:
    """The modal that a button of the list opens."""
    slack.command(user, f"subscription {infrastructure}")
    before = slack.view(user)
    slack.click(user, told(slack, user, infrastructure), action)
    return another(slack, user, before)


def test_everybody_sees_until_when_their_infrastructure_is_licensed(
    slack: SlackClient, example: Example
) -> None:
    said = answered(slack, "U0ANA", "subscription acme core")
    assert "The subscription of Acme Core (Acme Logistics) ends in 37 days; its last day is" in said
    assert "31 Dec 2026" in said
    assert "Edition: Enterprise, platform versions up to 11" in said
    assert "Account manager: Jo Park, jo.park@meridian.example" in said


def test_several_are_listed(slack: SlackClient, example: Example) -> None:
    said = answered(slack, "U0EVA", "subscription")
    assert "These are your subscriptions." in said
    for name in ("Acme Core", "Acme Depot", "Acme Cloud"):
        assert f"The subscription of {name} (Acme Logistics)" in said
    assert "Globex" not in said


def test_of_the_cloud_nothing_has_to_be_loaded(slack: SlackClient, desk: Desk, example: Example) -> None:
    change(desk, delete(subscription_rows).where(subscription_rows.c.infrastructure_id == example.cloud))
    said = answered(slack, "U0ANA", "subscription acme cloud")
    assert said.startswith("Acme Cloud (Acme Logistics) is managed by the vendor and already active.")


def test_a_name_that_nothing_has_is_said(slack: SlackClient, example: Example) -> None:
    assert (
        "None of your infrastructures is called “globex”."
        in slack.command("U0EVA", "subscription globex").text
    )


def test_somebody_without_a_role_is_told_so(slack: SlackClient, example: Example) -> None:
    assert "You are not associated with any infrastructure" in told_of_zoe(slack)


def told_of_zoe(slack: SlackClient) -> str:
    slack.command("U0ZOE", "subscription")
    return told(slack, "U0ZOE", "not associated").text


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (1, "ends in 1 day; its last day is"),
        (0, "ended after"),
        (-5, "and is in grace until"),
        (-14, "and its grace is over since"),
    ],
)
def test_the_list_says_how_a_term_stands(
    slack: SlackClient, example: Example, clock: Clock, days: int, said: str
) -> None:
    at(clock, TERM_END, days)
    assert said in answered(slack, "U0ANA", "subscription acme core")


def test_a_perpetual_and_a_suspended_one_are_said(slack: SlackClient, desk: Desk, example: Example) -> None:
    of_core = subscription_rows.c.infrastructure_id == example.core
    change(desk, update(subscription_rows).where(of_core).values(ends_at=None))
    suspend(desk, example.depot)
    said = answered(slack, "U0EVA", "subscription")
    assert "Acme Core (Acme Logistics) runs without an end." in said
    assert "Acme Depot (Acme Logistics) is suspended." in said


def test_only_operators_get_buttons(slack: SlackClient, desk: Desk, example: Example) -> None:
    assert buttons(slack.command("U0EVA", "subscription acme core").blocks) == []
    assert buttons(slack.command("U0OLGA", "subscription acme core").blocks) == ["Renew", "Suspend"]
    suspend(desk, example.core)
    assert buttons(slack.command("U0OLGA", "subscription acme core").blocks) == ["Renew", "Reinstate"]


def test_the_modal_says_beforehand_who_will_get_which_files(
    slack: SlackClient, signing_desk: Desk, example: Example
) -> None:
    for number, slot in enumerate([*example.production, *example.quality]):
        licensed(signing_desk, example.rui, slot, number)
    said = shown(pressed(slack, "U0OLGA", "subscription.renew").blocks)
    assert "the last day of the present term is" in said
    assert "Every license file is made anew and sent at once:\nRui Costa: 5 files in one archive" in said


def test_an_operator_renews_and_the_files_arrive(
    slack: SlackClient, signing_desk: Desk, example: Example, posts: Posts
) -> None:
    forwarded(signing_desk, example, licensed(signing_desk, example.ana, example.production[0]), example.ana)
    posts.send()

    after = result(slack.submit("U0OLGA", pressed(slack, "U0OLGA", "subscription.renew"), FIELDS))

    said = shown(after.blocks)
    assert "The subscription of Acme Core (Acme Logistics) is renewed until" in said
    assert (
        "1 license file will be made anew and sent within a minute or so:\nAna Silva: 1 file\nRui Costa: 1 file"
        in said
    )
    assert subscription(signing_desk, example.core).ends_at == NEXT_END
    assert reissuing.carry_on_due(signing_desk) == 1
    posts.send()
    message = posts.direct_message("U0ANA", "was renewed")
    assert "Acme Core (Acme Logistics) was renewed: here is the new license file, valid until" in shown(
        message.blocks
    )
    assert "31 Dec 2027" in shown(message.blocks)
    assert "so nobody has to ask for them again" in shown(message.blocks)
    assert "Administration > Licensing > Upload license" in shown(message.blocks).replace("&gt;", ">")
    assert [file.name for file in message.files] == [f"{serial(1)}.lic"]


def test_the_archive_s_message_lists_some_environments_and_counts_the_rest(
    slack: SlackClient, signing_desk: Desk, example: Example, posts: Posts
) -> None:
    slots = [*example.production, *example.quality, *example.development, *example.management]
    for number, slot in enumerate(slots):
        licensed(signing_desk, example.rui, slot, number)
    renew(signing_desk, example.core)
    posts.send()
    said = shown(posts.direct_message("U0RUI", "was renewed").blocks)
    assert "here are 8 new license files" in said
    assert said.count("SHA-256") == 6
    assert "and 2 more environments; SHA256SUMS in the archive lists all checksums" in said


def test_a_renewal_that_ends_too_early_is_said_at_its_field(slack: SlackClient, example: Example) -> None:
    view = pressed(slack, "U0OLGA", "subscription.renew")
    submitted = slack.submit("U0OLGA", view, {"ends": "2026-06-30"})
    assert submitted.errors["ends"].startswith("Choose 31 Dec 2026 or a later day")


def test_a_highest_version_that_is_none_is_said_at_its_field(slack: SlackClient, example: Example) -> None:
    view = pressed(slack, "U0OLGA", "subscription.renew")
    submitted = slack.submit("U0OLGA", view, {"ends": "2027-12-31", "highest_version": "Oct 2027"})
    assert "highest_version" in submitted.errors


def test_a_lower_version_than_is_registered_is_refused_and_named(
    slack: SlackClient, desk: Desk, example: Example, counts: Counts
) -> None:
    registered(desk, example.ana, example.production[0])
    view = pressed(slack, "U0OLGA", "subscription.renew")
    errors = slack.submit("U0OLGA", view, {"ends": "2027-12-31", "highest_version": "10"}).errors
    said = errors["highest_version"]
    assert "The renewal carries less than is registered in Acme Core. Nothing has changed." in said
    assert "above that are Prod 1 (11.17.0 (Build 36348))" in said
    assert counts.refusals == ["RenewalTooSmall"]


def test_fewer_slots_than_are_taken_are_refused_at_their_field_and_named(
    slack: SlackClient, desk: Desk, example: Example, counts: Counts
) -> None:
    for number, slot in enumerate(example.production):
        registrations.register(desk, Actor(example.ana), slot, serial(number), "11.17.0")
    view = pressed(slack, "U0OLGA", "subscription.renew")

    errors = slack.submit("U0OLGA", view, {"ends": "2027-12-31", "slots:production": "2"}).errors

    assert "It carries 2 Production slots, and 3 are taken: Prod 1 (" in errors["slots:production"]
    assert counts.refusals == ["RenewalTooSmall"]
    assert subscription(desk, example.core).ends_at == TERM_END


def test_an_operator_renews_with_more_and_fewer_slots(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = pressed(slack, "U0OLGA", "subscription.renew")
    assert "3 now, 0 of them taken" in str(view.blocks)

    result(slack.submit("U0OLGA", view, {**FIELDS, "slots:production": "5", "slots:development": "1"}))

    with desk.database.read() as connection:
        counts = capacity(connection, [example.core])[example.core]
    assert {str(each.environment_type): each.total for each in counts} == {
        "development": 1,
        "non_production": 2,
        "production": 5,
        "management": 1,
    }


def test_an_operator_makes_a_subscription_perpetual(slack: SlackClient, desk: Desk, example: Example) -> None:
    view = pressed(slack, "U0OLGA", "subscription.renew")

    after = result(slack.submit("U0OLGA", view, {"ends": "2027-12-31", "perpetual": ["perpetual"]}))

    assert "The subscription of Acme Core (Acme Logistics) runs without an end now." in shown(after.blocks)
    assert subscription(desk, example.core).ends_at is None


def test_without_a_day_or_with_a_number_that_is_none_the_fields_say_so(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = pressed(slack, "U0OLGA", "subscription.renew")

    errors = slack.submit("U0OLGA", view, {"ends": None, "slots:production": "five"}).errors

    assert errors == {
        "ends": "Choose the last day, or tick Perpetual below.",
        "slots:production": "Write a whole number, such as 5, or leave this empty to keep the present one.",
    }


def test_a_cloud_has_no_slots_to_renew(slack: SlackClient, desk: Desk, example: Example) -> None:
    view = pressed(slack, "U0OLGA", "subscription.renew", "Acme Cloud")

    assert not [each for each in view.blocks if each["block_id"].startswith("slots")]


def test_an_operator_suspends_with_a_reason_that_contacts_and_admins_read(
    slack: SlackClient, signing_desk: Desk, example: Example, posts: Posts
) -> None:
    view = pressed(slack, "U0OLGA", "subscription.suspend")
    assert "nothing can be registered, requested or delivered there" in shown(view.blocks)

    after = result(slack.submit("U0OLGA", view, {"reason": "<!channel> invoice *overdue*"}))

    assert "The subscription of Acme Core (Acme Logistics) is suspended." in shown(after.blocks)
    posts.send()
    said = shown(posts.direct_message("U0FIONA", "is suspended").blocks)
    assert "Reason: “&lt;!channel&gt; invoice ∗overdue∗”" in said
    assert "write to Jo Park, your account manager" in said


def test_an_operator_reinstates_and_new_files_arrive(
    slack: SlackClient, signing_desk: Desk, example: Example, posts: Posts
) -> None:
    licensed(signing_desk, example.rui, example.production[0])
    suspend(signing_desk, example.core)
    view = pressed(slack, "U0OLGA", "subscription.reinstate")

    after = result(slack.submit("U0OLGA", view))

    assert "is no longer suspended." in shown(after.blocks)
    reissuing.carry_on_due(signing_desk)
    posts.send()
    said = shown(posts.direct_message("U0RUI", "here is the new license file").blocks)
    assert "those from before the suspension do not count any more" in said


def test_after_a_compromised_key_people_learn_why_there_are_new_files_and_operators_what_to_do(
    signing_desk: Desk, example: Example, posts: Posts
) -> None:
    licensed(signing_desk, example.rui, example.production[0])
    with signing_desk.database.read() as connection:
        [lost] = verifying_keys(connection)
    done = signing.compromise_key(signing_desk, COMMAND, lost)
    key_reissues.run(signing_desk, COMMAND)
    posts.send()

    said = shown(posts.direct_message("U0RUI", "here is the new license file").blocks)
    assert "needs new license files, because the key that signed the old ones is not safe any more" in said
    assert "Please install them soon: servers may refuse the old ones." in said
    warned = shown(posts.direct_message("U0OLGA", "is compromised").blocks)
    assert f"The signing key `{lost}` is compromised: nothing that it signed is believed any more." in warned
    assert f"`{done.active.kid}` signs from now on." in warned
    assert "Licenses of 1 infrastructure are made anew, and sent by themselves" in warned
    assert "Give products the new public keys" in warned
    over = shown(posts.direct_message("U0OLGA", "is made anew").blocks)
    assert "Every license in use that a compromised signing key had signed is made anew." in over


def test_a_renewal_of_a_suspended_one_says_that_nothing_is_sent(
    slack: SlackClient, signing_desk: Desk, example: Example
) -> None:
    licensed(signing_desk, example.rui, example.production[0])
    suspend(signing_desk, example.core)
    after = result(slack.submit("U0OLGA", pressed(slack, "U0OLGA", "subscription.renew"), FIELDS))
    assert "It is still suspended, so nothing is sent before it is reinstated." in shown(after.blocks)


def test_two_operators_who_suspend_at_once_are_told_apart(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = pressed(slack, "U0OLGA", "subscription.suspend")
    suspend(desk, example.core)
    after = result(slack.submit("U0OLGA", view, {"reason": "invoice overdue"}))
    assert "is suspended already. Nothing has changed." in shown(after.blocks)


@pytest.mark.parametrize("action", ["subscription.renew", "subscription.suspend", "subscription.reinstate"])
def test_a_forged_click_or_submission_of_others_changes_nothing(
    forge: Forge, desk: Desk, example: Example, counts: Counts, action: str
) -> None:
    values = {
        "ends": {"field": {"type": "datepicker", "selected_date": "2027-12-31"}},
        "reason": {"field": {"type": "plain_text_input", "value": "because"}},
    }
    for user in ("U0EVA", "U0RUI", "U0MAX"):
        answer = forge.submission(user, action, values, f'{{"infrastructure": "{example.core}"}}')
        assert "needs a role that you do not have" in shown(answer["view"]["blocks"])
    answer = forge.submission("U0NINA", action, values, f'{{"infrastructure": "{example.core}"}}')
    assert "You are not associated with any infrastructure" in shown(answer["view"]["blocks"])
    assert subscription(desk, example.core).ends_at == TERM_END
    assert subscription(desk, example.core).state == "active"
    assert counts.refusals == ["NoRight", "NoRight", "NoRight", "NotAssociated"]


@pytest.mark.parametrize("day", ["soon", "9999-12-31", "2027-13-01"])
def test_a_day_that_no_calendar_gives_changes_nothing(
    forge: Forge, desk: Desk, example: Example, day: str
) -> None:
    values = {"ends": {"field": {"type": "datepicker", "selected_date": day}}}
    answer = forge.submission(
        "U0OLGA", "subscription.renew", values, f'{{"infrastructure": "{example.core}"}}'
    )
    assert "We could not read what Slack sent us." in shown(answer["view"]["blocks"])
    assert subscription(desk, example.core).ends_at == TERM_END


def reminded(posts: Posts, user: str, clock: Clock, days: float) -> str:
    """What somebody is reminded of, some days before the end of the terms; read in the evening."""
    at(clock, TERM_END, days)
    while term_reminders.remind_due(posts.desk):
        pass
    clock.advance(timedelta(hours=20))
    posts.send()
    return posts.direct(user)[-1]


def test_a_reminder_says_what_happens_after_the_end_and_whom_to_write_to(
    posts: Posts, example: Example, clock: Clock
) -> None:
    said = reminded(posts, "U0RUI", clock, 30)
    assert "The subscription of Acme Core (Acme Logistics) ends in 30 days; its last day is" in said
    assert (
        "In the days of grace everything goes on working. After that the license files stop working" in said
    )
    assert "To renew, write to Jo Park, your account manager: jo.park@meridian.example." in said
    assert "After a renewal the new license files come by themselves." in said


def test_a_reminder_of_several_lists_them(posts: Posts, example: Example, clock: Clock) -> None:
    said = reminded(posts, "U0EVA", clock, 7)
    assert "3 subscriptions of Acme Logistics end soon or have ended." in said
    assert "• Acme Core ends in 7 days; its last day is" in said
    assert "• Acme Depot ends in 7 days" in said


def test_at_the_end_grace_is_explained_and_after_it_that_it_is_over(
    posts: Posts, example: Example, clock: Clock
) -> None:
    said = reminded(posts, "U0RUI", clock, 0)
    assert "ended after" in said
    assert "is in grace until" in said
    assert "In the days of grace everything goes on working." in said
    said = reminded(posts, "U0RUI", clock, -14)
    assert "its grace is over since" in said
    assert "Since then the license files stop working" in said


def test_a_term_without_grace_ends_at_once(posts: Posts, desk: Desk, example: Example, clock: Clock) -> None:
    change(desk, update(subscription_rows).values(grace_days=0))
    said = reminded(posts, "U0RUI", clock, 1)
    assert "After the last day the license files stop working" in said


def test_operators_read_the_reminder_where_nobody_else_can(
    posts: Posts, desk: Desk, example: Example, clock: Clock
) -> None:
    deactivate(desk, example.nina)
    assert "Globex Core (Globex)" in reminded(posts, "U0OLGA", clock, 3)


def test_the_help_names_the_subcommand(slack: SlackClient, example: Example) -> None:
    assert "`/license subscription [infrastructure]`" in shown(slack.command("U0ANA", "help").blocks)
    assert opened(slack, "U0ANA").title == "Register"
