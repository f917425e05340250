from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message
from store import decisions, releases, requests
from store.desk import Actor, Desk
from store.tables import audit_entries, persons, roles, stand_ins, subscriptions
from tests.example import APPROVAL_CHANNEL, START, Example, serial
from tests.handlers.acting import there
from tests.handlers.conftest import Counts
from tests.handlers.forging import Forge, Json
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import asked, registered, states


@pytest.fixture
def card(posts: Posts, desk: Desk, example: Example) -> Message:
    """Ben asks for the license of Quality 1, and the card is in the channel."""
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    posts.send()
    return posts.card()


@pytest.mark.parametrize("user", ["U0MAX", "U0BEN", "U0OTTO"])
def test_somebody_in_the_channel_without_the_right_is_told_who_has_it(
    posts: Posts, card: Message, slack: SlackClient, desk: Desk, example: Example, counts: Counts, user: str
) -> None:
    asked_by_ana = asked(desk, example.ana, registered(desk, example.ana, example.quality[1], 2))
    posts.send()
    slack.join(user, APPROVAL_CHANNEL)

    posts.click(user, posts.card(), "request.forward")

    number = f"R-{1000 + asked_by_ana}"
    assert posts.answer(user, "Only you can see this.") == (
        f"Only you can see this. You cannot decide {number}: that needs a contact or administrator of Acme Core, "
        "for example Fiona Marsh, Rui Costa or Ada Novak. Nothing has changed, and the attempt is recorded."
    )
    assert counts.refusals == ["MayNotDecide"]
    assert states(desk) == ["pending", "pending"]


def test_the_attempt_is_recorded_with_the_request(
    posts: Posts, card: Message, slack: SlackClient, desk: Desk, example: Example
) -> None:
    slack.join("U0MAX", APPROVAL_CHANNEL)
    posts.click("U0MAX", card, "request.forward")
    posts.answer("U0MAX", "Only you can see this.")

    with desk.database.read() as connection:
        query = select(audit_entries).where(audit_entries.c.action == "refused:forward")
        [entry] = connection.execute(query).all()
    assert (entry.actor_id, entry.subject, entry.infrastructure_id) == (
        example.max,
        "request R-1001",
        example.core,
    )


def test_the_requester_cannot_decide_and_is_told_who_can(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    asked(desk, example.ada, registered(desk, example.ben, example.quality[0]))
    posts.send()
    slack.join("U0ADA", APPROVAL_CHANNEL)

    posts.click("U0ADA", posts.card(), "request.forward")

    said = posts.answer("U0ADA", "Only you can see this.")
    assert "You cannot decide R-1001, because you asked for it yourself." in said
    assert "Fiona Marsh, Rui Costa or Eva Lang can." in said
    assert states(desk) == ["pending"]


def test_a_contact_who_asks_is_not_asked(posts: Posts, desk: Desk, example: Example) -> None:
    asked(desk, example.ada, registered(desk, example.ben, example.quality[0]))
    posts.send()

    assert "Ada Novak asks for the license file" in posts.card().text
    assert posts.direct("U0ADA") == []
    assert "Asked: <@U0FIONA> and <@U0RUI>." in shown(posts.card().blocks)


def test_items_of_another_request_are_unknown(
    forge: Forge, posts: Posts, card: Message, desk: Desk, example: Example
) -> None:
    other = asked(desk, example.otto, registered(desk, example.otto, example.globex_production[0], 9))
    values = {"items": {"items": {"type": "checkboxes", "selected_options": [{"value": str(other)}]}}}

    answer = forge.submission("U0RUI", "request.forward", values, "1")

    assert "There is no such request" in shown(answer["view"]["blocks"])
    assert states(desk) == ["pending"] * 2


@pytest.mark.parametrize("metadata", ["1", "999999"])
def test_a_forged_number_of_another_company_is_answered_like_none(
    forge: Forge, posts: Posts, card: Message, metadata: str
) -> None:
    for callback in ("request.decline", "request.forward"):
        values = _reason("no") if callback == "request.decline" else _items("1")
        answer = forge.submission("U0NINA", callback, values, metadata)
        assert shown(answer["view"]["blocks"]) == (
            "There is no such request that you asked for or could decide. Nothing has changed. "
            "Type `/license requests` to see yours."
        )
    assert states(posts.desk) == ["pending"]


def test_a_forged_attempt_is_recorded_once_where_it_was_aimed_at(
    forge: Forge, posts: Posts, card: Message, desk: Desk, example: Example
) -> None:
    forge.submission("U0NINA", "request.decline", _reason("no"), "1")

    with desk.database.read() as connection:
        query = select(audit_entries).where(audit_entries.c.actor_id == example.nina)
        [entry] = connection.execute(query).all()
    assert (entry.action, entry.infrastructure_id) == ("refused:decline", example.core)


def test_an_environment_released_meanwhile_is_said(
    posts: Posts, card: Message, desk: Desk, example: Example
) -> None:
    releases.release(desk, Actor(example.tom), 1, "switched off")

    posts.click("U0RUI", card, "request.forward")

    said = posts.answer("U0RUI", "R-1001")
    assert said.startswith("R-1001 was closed at")
    assert said.endswith("The reason: the environment was released.")


def test_a_requester_who_lost_the_role_gets_nothing_and_the_contact_is_told(
    posts: Posts, card: Message, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(update(roles).where(roles.c.person_id == example.ben).values(held_until=START))

    posts.click("U0RUI", card, "request.forward")

    said = posts.answer("U0RUI", "could not be forwarded")
    assert "because the person who asked no longer has a role that allows it" in said
    posts.send()
    assert posts.slack.files("U0BEN") == []
    assert "Closed on" in posts.card().text
    assert any("because you no longer have a role that allows it" in each for each in posts.direct("U0BEN"))


def test_a_role_lost_between_decision_and_delivery_closes_the_item_and_tells_both(
    posts: Posts, card: Message, desk: Desk, example: Example
) -> None:
    posts.click("U0RUI", card, "request.forward")
    with desk.database.write() as connection:
        connection.execute(update(roles).where(roles.c.person_id == example.ben).values(held_until=START))
    posts.send()

    assert posts.slack.files("U0BEN") == []
    assert "ask your company admins to give you a role" in posts.direct("U0BEN")[-1]
    assert "Ben Okafor got no file. You need not do anything." in posts.direct("U0RUI")[-1]


def test_a_term_that_has_not_begun_is_said_wherever_the_file_is(
    posts: Posts, card: Message, desk: Desk, example: Example
) -> None:
    begins = START + timedelta(days=30)
    with desk.database.write() as connection:
        connection.execute(update(subscriptions).values(starts_at=begins, unbroken_since=begins))

    posts.click("U0RUI", card, "request.forward")

    assert "Ben Okafor gets it when the subscription starts, on" in posts.answer("U0RUI", "you forwarded")
    posts.send()
    assert "the file comes when the subscription starts" in posts.card().text
    assert "waits for the start of the subscription" in posts.replies()[0]
    assert "the file comes then, in this conversation" in posts.direct("U0BEN")[-1]
    assert posts.slack.files("U0BEN") == []


def test_a_serial_change_says_both_serials_and_sends_the_file_of_the_new_one(
    posts: Posts, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.production[0])
    requests.ask_serial_change(desk, Actor(example.ben), registration, serial(2), "new hardware")
    posts.send()
    said = shown(posts.card().blocks)
    assert posts.card().text.startswith(
        "R-1001: Ben Okafor asks to change the serial number of Prod 1 (Production)"
    )
    assert f"Serial number: {serial(1)}\nNew serial number: {serial(2)}" in said
    assert "Forward ends the old serial number, registers the new one and sends its license file" in said

    posts.click("U0RUI", posts.card(), "request.forward")

    said = posts.answer("U0RUI", "confirmed")
    assert f"which is {serial(2)} now. Ben Okafor gets the license file at once." in said
    posts.send()
    [file] = posts.slack.files("U0BEN")
    assert file.name == f"{serial(2)}.lic"
    [told] = [each for each in posts.slack.direct("U0BEN") if each.files]
    assert "forwarded by Rui Costa" in shown(told.blocks)
    assert f"Serial number: {serial(2)}" in shown(told.blocks)


def test_the_button_under_a_changed_serial_number_is_about_the_new_registration(
    posts: Posts, desk: Desk, example: Example, slack: SlackClient
) -> None:
    registration = registered(desk, example.ben, example.production[0])
    requests.ask_serial_change(desk, Actor(example.ben), registration, serial(2), "new hardware")
    posts.send()
    posts.click("U0RUI", posts.card(), "request.forward")
    posts.send()

    posts.click(
        "U0BEN", posts.direct_message("U0BEN", "here is the license file"), "environment.change_serial"
    )

    view = there(slack, lambda: slack.view("U0BEN"))
    assert serial(2) in shown(view.blocks)


def test_a_flagged_release_is_put_to_the_operators(
    posts: Posts, desk: Desk, example: Example, slack: SlackClient
) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    requests.ask_release(desk, Actor(example.tom), registration, "switched off")
    posts.send()
    card = posts.direct_message("U0OLGA", "R-1001")
    assert card.text == "R-1001: Tom Berg asks to release Prod 1 (Production), Acme Logistics, Acme Depot."
    assert buttons(card.blocks)[0] == "Release"
    assert "Release frees the slot at once; the old license file stays technically valid" in shown(
        card.blocks
    )

    posts.click("U0OLGA", card, "request.forward")
    posts.send()

    said = "\n".join(posts.direct("U0OLGA"))
    assert "you confirmed the release of Prod 1 (Production). The slot is free" in said
    assert "Released, confirmed by Olga Ruiz on" in said
    assert "Olga Ruiz confirmed the release" in "\n".join(posts.direct("U0TOM"))


def test_an_admin_may_not_confirm_a_release_that_needs_operators(
    forge: Forge, posts: Posts, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    requests.ask_release(desk, Actor(example.tom), registration, "switched off")

    answer = forge.submission("U0EVA", "request.decline", _reason("no"), "1")

    said = shown(answer["view"]["blocks"])
    assert "that needs an operator, since releases of Acme Depot are confirmed by them" in said
    assert "for example Olga Ruiz." in said


def test_a_stand_in_decides(
    posts: Posts, card: Message, desk: Desk, example: Example, slack: SlackClient
) -> None:
    with desk.database.write() as connection:
        connection.execute(
            insert(stand_ins).values(
                person_id=example.max,
                contact_id=example.rui,
                infrastructure_id=example.core,
                starts_at=START - timedelta(days=1),
                ends_at=START + timedelta(days=1),
            )
        )
    slack.join("U0MAX", APPROVAL_CHANNEL)

    posts.click("U0MAX", card, "request.forward")

    assert "you forwarded" in posts.answer("U0MAX", "R-1001")


@pytest.mark.parametrize(
    ("settle", "first", "last"),
    [
        (
            lambda desk, example: requests.withdraw(desk, Actor(example.ben), 1),
            "Ben Okafor already withdrew R-1001",
            "nothing.",
        ),
        (
            lambda desk, example: decisions.decline(desk, Actor(example.fiona), 1, None, "no"),
            "Fiona Marsh already declined R-1001",
            "nothing.",
        ),
    ],
)
def test_a_click_at_an_old_card_says_what_it_has_become(
    posts: Posts,
    card: Message,
    example: Example,
    settle: Callable[[Desk, Example], object],
    first: str,
    last: str,
) -> None:
    settle(posts.desk, example)

    posts.click("U0RUI", card, "request.decline")

    said = posts.answer("U0RUI", "R-1001")
    assert said.startswith(first)
    assert said.endswith(last)


def test_a_contact_deactivated_meanwhile_decides_nothing(
    posts: Posts, card: Message, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(update(persons).where(persons.c.id == example.rui).values(active=False))

    posts.click("U0RUI", card, "request.forward")

    assert "Your account is deactivated" in posts.answer("U0RUI", "deactivated")
    assert states(desk) == ["pending"]


def _reason(text: str) -> Json:
    return {"reason": {"reason": {"type": "plain_text_input", "value": text}}}


def _items(*values: str) -> Json:
    return {
        "items": {"items": {"type": "checkboxes", "selected_options": [{"value": each} for each in values]}}
    }
