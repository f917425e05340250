"""What people see of deadlines: on cards, in lists, in reminders, and when production is down."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update

from bot.sandbox import block_kit
from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message, View
from handlers import cards, reminders
from handlers.blocks.text import date
from store import decisions, requests
from store.asking_admins import ask_admins_due
from store.desk import Actor, Desk
from store.expiry import expire_due
from store.reminders import remind_due
from store.tables import infrastructures, persons, slots
from tests.conftest import Clock
from tests.example import APPROVAL_CHANNEL, Example
from tests.handlers.acting import opened, result
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, field, shown
from tests.handlers.requesting import asked, entered, made, registered

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def on(moment: datetime) -> str:
    return date(moment, "{date_short}, {time}")


def urgent(desk: Desk, person: int, *registration_ids: int) -> int:
    """Somebody says that production is down."""
    outcome = requests.ask(desk, Actor(person), registration_ids, "down", urgent=True)
    assert outcome.request_id
    return outcome.request_id


def drawn(desk: Desk, request_id: int) -> str:
    with desk.database.read() as connection:
        card = cards.card(connection, desk, request_id, APPROVAL_CHANNEL)
    assert block_kit.check_message(card["blocks"], card["text"]) == []
    assert shown(card["blocks"]).startswith(card["text"])
    return shown(card["blocks"])


def reminder(slack: SlackClient, channel: str = APPROVAL_CHANNEL) -> Message:
    """The newest reminder in a channel."""
    return [each for each in slack.messages(channel) if each.text.startswith("Reminder")][-1]


def ticked(view: View, *registration_ids: int) -> dict[str, str | list[str] | None]:
    """What is filled in when production is down."""
    return {**entered(view, *registration_ids), "urgent": ["urgent"]}


def test_a_card_says_when_what_happens(desk: Desk, example: Example, clock: Clock) -> None:
    said = drawn(desk, asked(desk, example.ana, registered(desk, example.ana, example.quality[0])))
    now = clock.now
    assert (
        f"Reminders go out on {on(now + 4 * HOUR)} and {on(now + DAY)}. The company admins are asked, too, on "
        f"{on(now + 2 * DAY)}. Unanswered, it expires on {on(now + 7 * DAY)}."
    ) in said


def test_a_card_says_one_moment_when_working_hours_put_everything_off_to_it(
    desk: Desk, example: Example, clock: Clock
) -> None:
    hours = {"zone": "UTC", "days": ["monday"], "from": "08:00", "until": "18:00"}
    with desk.database.write() as connection:
        connection.execute(update(infrastructures).values(working_hours=hours))
    monday = datetime.fromisoformat("2026-11-30T08:00+00:00")
    said = drawn(desk, asked(desk, example.ana, registered(desk, example.ana, example.quality[0])))
    assert f"A reminder goes out on {on(monday)}. The company admins are asked, too, on {on(monday)}." in said


def test_a_card_of_what_is_urgent_says_so_in_its_first_sentence(
    posts: Posts, desk: Desk, example: Example
) -> None:
    request = urgent(desk, example.ben, registered(desk, example.ben, example.production[0]))
    posts.send()
    assert posts.card().text.startswith(
        "R-1001, urgent, production is down: Ben Okafor asks for the license file"
    )
    decisions.decline(desk, Actor(example.rui), request, None, "not now")
    assert drawn(desk, request).startswith("R-1001: Ben Okafor asked for the license file")


def test_the_requester_is_told_when_what_happens(slack: SlackClient, desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    view = opened(slack, "U0BEN", "request")
    after = result(slack.submit("U0BEN", view, entered(view, registration)))
    now = desk.clock()
    assert f"Reminders go out on {on(now + 4 * HOUR)} and {on(now + DAY)}." in shown(after.blocks)
    assert f"The company admins are asked, too, on {on(now + 2 * DAY)}." in shown(after.blocks)


def test_somebody_can_say_that_production_is_down(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.production[0])
    view = opened(slack, "U0BEN", "request")
    said = shown(view.blocks)
    assert "Production is down" in said
    assert (
        "For production environments only, 2 times in 7 days. After 15 minutes the company admins are asked, too, "
        "at any hour."
    ) in said

    after = result(slack.submit("U0BEN", view, ticked(view, registration)))

    assert f"The company admins are asked, too, on {on(desk.clock() + HOUR / 4)}." in shown(after.blocks)
    posts.send()
    assert "urgent, production is down" in posts.card().text


@pytest.mark.parametrize(("user", "slot"), [("U0BEN", "quality"), ("U0RUI", "production")])
def test_it_is_not_offered_without_production_or_to_those_who_need_not_ask(
    slack: SlackClient, desk: Desk, example: Example, user: str, slot: str
) -> None:
    registered(desk, example.ben, getattr(example, slot)[0])
    assert "Production is down" not in shown(opened(slack, user, "request").blocks)


def test_it_is_not_offered_when_the_operators_allow_none(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    object.__setattr__(desk, "policy", replace(desk.policy, urgent_requests=0))
    registered(desk, example.ben, example.production[0])
    assert "Production is down" not in shown(opened(slack, "U0BEN", "request").blocks)


def test_it_is_refused_at_its_field_for_an_environment_that_is_no_production(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0], 1)
    quality = registered(desk, example.ben, example.quality[0], 2)
    view = opened(slack, "U0BEN", "request")
    refused = slack.submit("U0BEN", view, ticked(view, quality))
    assert refused.errors == {
        field(view.blocks, "urgent"): (
            "None of the environments chosen is a production environment. Choose one, or leave this out."
        )
    }
    assert made(desk) == 0


def test_it_is_refused_at_its_field_the_third_time(slack: SlackClient, desk: Desk, example: Example) -> None:
    environments = [
        registered(desk, example.ben, slot, number) for number, slot in enumerate(example.production)
    ]
    for each in environments[:2]:
        urgent(desk, example.ben, each)
    view = opened(slack, "U0BEN", "request")
    refused = slack.submit("U0BEN", view, ticked(view, environments[2]))
    assert refused.errors == {
        field(view.blocks, "urgent"): (
            "You said this 2 times within 7 days, which is as often as it can be said. Nothing was asked for. "
            "Ask without it, and call your company admins."
        )
    }
    assert made(desk) == 2


def test_a_reminder_of_one_request_says_number_who_what_and_since_when(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example, clock: Clock
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    begun = clock.now
    posts.send()
    clock.advance(4 * HOUR)
    remind_due(desk)
    posts.send()

    found = reminder(slack)
    assert found.text == (
        "Reminder of R-1001: Ben Okafor asks for the license file of Quality 1 (Non-production), Acme Logistics, "
        f"Acme Core, and has waited since {on(begun)}."
    )
    said = shown(found.blocks)
    assert "|Open the card of R-1001 to answer>" in said
    assert "Asked here: <@U0FIONA> and <@U0RUI>." in said
    assert buttons(found.blocks) == []


def test_a_reminder_of_several_lists_them_with_what_is_urgent_first(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example, clock: Clock
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0], 1))
    urgent(desk, example.ana, registered(desk, example.ana, example.production[0], 2))
    posts.send()
    clock.advance(5 * HOUR)
    remind_due(desk)
    posts.send()

    found = reminder(slack)
    assert (
        found.text == "Reminder: 2 requests wait here for an answer: R-1002 and R-1001. 1 of them is urgent."
    )
    said = shown(found.blocks)
    assert said.index("R-1002, urgent, production is down: Ana Silva asks") < said.index(
        "R-1001: Ben Okafor asks"
    )


def test_a_reminder_of_what_was_decided_in_part_names_only_what_still_waits(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example, clock: Clock
) -> None:
    both = [registered(desk, example.ben, slot, number) for number, slot in enumerate(example.quality, 1)]
    request = requests.ask(desk, Actor(example.ben), both, "upgrade", None)
    posts.send()
    decisions.decline(desk, Actor(example.rui), request.request_id or 0, [request.put[0].id], "not this one")
    clock.advance(4 * HOUR)
    remind_due(desk)
    posts.send()

    assert "asks for the license file of Quality 2 (Non-production), " in reminder(slack).text


def test_the_link_of_a_reminder_leads_to_the_card(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example, clock: Clock
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    posts.send()
    card = posts.card()
    clock.advance(4 * HOUR)
    remind_due(desk)
    posts.send()
    assert f"/archives/{APPROVAL_CHANNEL}/p{card.ts.replace('.', '')}|" in shown(reminder(slack).blocks)


def test_a_reminder_keeps_to_slacks_limits_with_many_requests_and_hostile_names(
    desk: Desk, example: Example
) -> None:
    hostile = ("<!channel> *x* `y` & \u202e " * 10)[:78]
    with desk.database.write() as connection:
        connection.execute(update(persons).values(name=hostile))
        kind = {"infrastructure_id": example.core, "environment_type": "production"}
        rows = [{**kind, "name": f"{number}{hostile}"} for number in range(30)]
        ids = list(connection.execute(insert(slots).returning(slots.c.id), rows).scalars())
    waiting = [asked(desk, example.ben, registered(desk, example.ben, each, each + 100)) for each in ids]
    with desk.database.read() as connection:
        found = reminders.reminder(connection, desk, dict.fromkeys(waiting), None)
    assert block_kit.check_message(found["blocks"], found["text"]) == []
    assert "<!channel>" not in str(found)
    assert "20 more: type `/license requests` to see them." in shown(found["blocks"])


def test_everybody_is_told_that_the_company_admins_were_asked_as_well(
    posts: Posts, desk: Desk, example: Example, clock: Clock
) -> None:
    request = asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    posts.send()
    clock.advance(2 * DAY)
    ask_admins_due(desk)
    at = clock.now
    posts.send()

    said = "R-1001: nobody has answered so far, so I asked the company admins, too: Eva Lang."
    assert posts.replies() == [said]
    assert any(each.startswith(said) for each in posts.direct("U0BEN"))
    assert any(each.startswith("R-1001: Ben Okafor asks") for each in posts.direct("U0EVA"))
    assert f"The company admins were asked, too, on {on(at)}." in drawn(desk, request)


def test_an_expiry_says_who_was_asked_first_and_who_later(
    posts: Posts, desk: Desk, example: Example, clock: Clock
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    posts.send()
    clock.advance(2 * DAY)
    ask_admins_due(desk)
    at = clock.now
    clock.advance(6 * DAY)
    expire_due(desk)
    posts.send()
    later = f"from {date(at, '{date_short}')} the company admins: Eva Lang."
    assert f"I asked Fiona Marsh, Rui Costa and Ada Novak, and {later}" in posts.direct("U0BEN")[-1]


def test_the_list_of_requests_says_what_is_urgent_and_when_what_happens(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    urgent(desk, example.ben, registered(desk, example.ben, example.production[0]))
    posts.send()
    for user in ("U0BEN", "U0ADA"):
        assert "R-1001, urgent, production is down" in shown(slack.command(user, "requests").blocks)
