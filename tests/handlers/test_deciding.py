from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from slack_sdk import WebClient
from sqlalchemy import insert, select, update

from bot.app import bolt_app
from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message
from handlers.context import Context
from store import decisions, registrations, releases, requests
from store.desk import Actor, Desk
from store.tables import audit_entries, cards, persons, request_items, roles, stand_ins, subscriptions
from tests.example import APPROVAL_CHANNEL, START, Example, serial
from tests.handlers.acting import result, there
from tests.handlers.conftest import Counts
from tests.handlers.forging import Forge, Json
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.way_in import WayIn


def registered(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0 (Build 36348)")
    assert made.environment.registration
    return made.environment.registration.id


def asked(desk: Desk, person: int, *registration_ids: int, reason: str = "upgrade") -> int:
    made = requests.ask(desk, Actor(person), registration_ids, reason)
    assert made.request_id
    return made.request_id


def states(desk: Desk) -> list[str]:
    with desk.database.read() as connection:
        return list(connection.execute(select(request_items.c.state).order_by(request_items.c.id)).scalars())


@pytest.fixture
def card(posts: Posts, desk: Desk, example: Example) -> Message:
    """Ben asks for the license of Quality 1, and the card is in the channel."""
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    posts.send()
    return posts.card()


@pytest.fixture
def three(posts: Posts, desk: Desk, example: Example) -> Message:
    """Ben asks for the licenses of all three production environments."""
    found = [registered(desk, example.ben, slot, number) for number, slot in enumerate(example.production, 1)]
    asked(desk, example.ben, *found)
    posts.send()
    return posts.card()


def test_a_contact_forwards_and_the_file_arrives(posts: Posts, card: Message) -> None:
    posts.click("U0RUI", card, "request.forward")

    said = posts.answer("U0RUI", "you forwarded")
    assert said == (
        "R-1001: you forwarded the license file of Quality 1 (Non-production). Ben Okafor gets it at once."
    )
    posts.send()
    [file] = posts.slack.files("U0BEN")
    assert file.name == f"{serial(1)}.lic"
    assert posts.slack.download(file).startswith(b"eyJ")


def test_the_card_says_forwarded_and_being_delivered_until_the_file_is_shown(
    posts: Posts, card: Message, slack: SlackClient
) -> None:
    slack.weather(never_shared=True)
    posts.click("U0RUI", card, "request.forward")
    posts.courier.send_due()

    assert "Forwarded by Rui Costa on" in posts.card().text
    assert posts.card().text.endswith("being delivered.")
    assert buttons(posts.card().blocks) == []

    slack.weather(never_shared=False, sharing=0.0)
    posts.send()
    assert "being delivered" in posts.card().text


def test_the_card_says_delivered_once_the_file_is_shown(posts: Posts, card: Message) -> None:
    posts.click("U0RUI", card, "request.forward")
    posts.send()

    assert ", delivered on" in posts.card().text
    forwarded, delivered = posts.replies()
    assert forwarded.startswith("R-1001: Rui Costa forwarded the license file of Quality 1 (Non-production).")
    assert forwarded.endswith("The file is being delivered to Ben Okafor.")
    assert delivered == "R-1001: Ben Okafor has the license file of Quality 1 (Non-production) now."


def test_the_second_contact_is_told_who_decided_and_how_long_before(posts: Posts, card: Message) -> None:
    posts.click("U0RUI", card, "request.forward")
    posts.send()
    posts.clock.advance(timedelta(minutes=2))

    posts.click("U0FIONA", card, "request.forward")

    said = posts.answer("U0FIONA", "already forwarded")
    assert said.startswith("Rui Costa already forwarded R-1001 at <!date^")
    assert ", 2 minutes before your click, which changed nothing. Ben Okafor has had the file since" in said


def test_the_same_click_twice_says_that_it_was_yours(posts: Posts, card: Message) -> None:
    posts.click("U0RUI", card, "request.forward")
    posts.click("U0RUI", card, "request.forward")

    said = posts.answer("U0RUI", "already forwarded")
    assert said.startswith("You already forwarded R-1001 at")
    assert "a moment before your click, which changed nothing. The file is being delivered." in said
    assert states(posts.desk) == ["forwarded"]


def test_two_contacts_at_once_decide_once_and_both_are_answered(
    posts: Posts, card: Message, slack: SlackClient
) -> None:
    start = Barrier(2)

    def press(user: str) -> None:
        start.wait()
        slack.click(user, card, "request.forward")

    both = [Thread(target=press, args=(user,)) for user in ("U0RUI", "U0FIONA")]
    for each in both:
        each.start()
    for each in both:
        each.join()

    said = [posts.answer(user, "R-1001") for user in ("U0RUI", "U0FIONA")]
    assert sorted("you forwarded" in each for each in said) == [False, True]
    assert sorted("already forwarded" in each for each in said) == [False, True]
    posts.send()
    assert len(slack.files("U0BEN")) == 1


def test_a_click_that_slack_delivers_three_times_has_one_effect(
    posts: Posts, card: Message, slack: SlackClient
) -> None:
    slack.weather(redeliver=2)
    posts.click("U0RUI", card, "request.forward")
    posts.answer("U0RUI", "you forwarded")
    slack.clear_weather()
    slack.weather(sharing=0.0)
    posts.send()

    assert len(slack.files("U0BEN")) == 1
    assert len(posts.replies()) == 2
    assert [each for each in posts.direct("U0BEN") if "Rui Costa forwarded" in each] != []


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


def test_a_click_after_a_restart_decides(
    posts: Posts, card: Message, context: Context, slack: SlackClient
) -> None:
    restarted = bolt_app(context, WebClient("xoxb-1"))
    with WayIn(restarted) as way_in:
        slack.set_request_url(way_in.url)
        posts.click("U0RUI", card, "request.forward")

    assert states(posts.desk) == ["forwarded"]


def test_forward_asks_once_more_with_number_environment_and_recipient(card: Message) -> None:
    [forward] = [
        each
        for block in card.blocks
        for each in block.get("elements", [])
        if each["action_id"] == "request.forward"
    ]

    assert forward["confirm"]["text"]["text"] == (
        "R-1001: Ben Okafor gets the license file of Quality 1 at once, as a direct message."
    )
    assert forward["accessibility_label"] == "Forward license R-1001: Quality 1"


def test_decline_asks_for_a_reason_and_says_who_will_read_it(
    posts: Posts, card: Message, slack: SlackClient
) -> None:
    posts.click("U0RUI", card, "request.decline")
    view = there(slack, lambda: slack.view("U0RUI"))

    said = shown(view.blocks)
    assert "R-1001: Ben Okafor asks for the license file of Quality 1 (Non-production)" in said
    assert "Declining sends no file." in said
    assert "Ben Okafor will read it, and so will everybody who sees the card." in said

    after = result(slack.submit("U0RUI", view, {"reason": "<!here> not *yet*"}))
    assert "you declined the license file of Quality 1" in shown(after.blocks)
    posts.send()
    assert "Declined by Rui Costa on" in posts.card().text
    assert "Answer: Rui Costa declined with the reason “&lt;!here&gt; not ∗yet∗”" in shown(
        posts.card().blocks
    )
    assert "Reason: “&lt;!here&gt; not ∗yet∗”" in posts.replies()[0]
    told = posts.direct_message("U0BEN", "Rui Costa declined")
    assert "No file was sent; your registration stays." in shown(told.blocks)
    assert "Speak to Rui Costa, or press Ask again." in shown(told.blocks)
    assert buttons(told.blocks) == ["Ask again"]


def test_an_empty_reason_is_said_at_its_field(forge: Forge, card: Message) -> None:
    answer = forge.submission("U0RUI", "request.decline", _reason("   "), "1")

    assert answer["response_action"] == "errors"
    assert "Say in a few words" in answer["errors"]["reason"]


def test_some_of_several_are_forwarded_and_the_others_wait(
    posts: Posts, three: Message, slack: SlackClient
) -> None:
    assert buttons(three.blocks) == ["Forward all", "Choose…", "Decline"]
    posts.click("U0RUI", three, "request.forward_some")
    view = there(slack, lambda: slack.view("U0RUI"))

    after = result(slack.submit("U0RUI", view, {"items": ["1", "3"]}))

    assert "you forwarded the license files of Prod 1 (Production) and Prod 3 (Production)" in shown(
        after.blocks
    )
    posts.send()
    assert states(posts.desk) == ["forwarded", "pending", "forwarded"]
    assert len(slack.files("U0BEN")) == 2
    assert "1 of 3 waits for an answer." in posts.card().text
    said = shown(posts.card().blocks)
    assert "Prod 2 (Production): serial" in said
    assert "Waiting for an answer." in said
    assert buttons(posts.card().blocks) == ["Forward license", "Decline"]


def test_what_was_decided_while_choosing_is_said(
    posts: Posts, three: Message, slack: SlackClient, example: Example
) -> None:
    posts.click("U0RUI", three, "request.forward_some")
    view = there(slack, lambda: slack.view("U0RUI"))
    decisions.forward(posts.desk, Actor(example.fiona), 1, [1])

    after = result(slack.submit("U0RUI", view, {"items": ["1", "2"]}))

    said = shown(after.blocks)
    assert "you forwarded the license file of Prod 2" in said
    assert "Prod 1 (Production) was decided before: forwarded by Fiona Marsh on" in said


def test_items_of_another_request_are_unknown(
    forge: Forge, posts: Posts, three: Message, desk: Desk, example: Example
) -> None:
    other = asked(desk, example.otto, registered(desk, example.otto, example.globex_production[0], 9))
    values = {"items": {"items": {"type": "checkboxes", "selected_options": [{"value": str(other + 2)}]}}}

    answer = forge.submission("U0RUI", "request.forward", values, "1")

    assert "There is no such request" in shown(answer["view"]["blocks"])
    assert states(desk) == ["pending"] * 4


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


@pytest.mark.parametrize("metadata", ["", "1; DROP", "-1", "٣", "1" * 30])
def test_a_memory_that_cannot_be_read_is_said_in_words(forge: Forge, card: Message, metadata: str) -> None:
    answer = forge.submission("U0RUI", "request.decline", _reason("no"), metadata)

    assert "could not read" in shown(answer["view"]["blocks"])


def test_a_card_whose_post_was_never_answered_is_redrawn_after_a_click(
    posts: Posts, card: Message, desk: Desk
) -> None:
    with desk.database.write() as connection:
        connection.execute(cards.delete())

    posts.click("U0RUI", card, "request.forward")
    posts.send()

    found = [each for each in posts.slack.messages(APPROVAL_CHANNEL) if each.ts == card.ts]
    assert "Forwarded by Rui Costa" in found[0].text
    assert buttons(found[0].blocks) == []


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
    told = posts.direct_message("U0BEN", "Rui Costa confirmed the new serial number")
    assert f"Serial number now: {serial(2)}" in shown(told.blocks)


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
