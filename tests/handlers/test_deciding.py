from datetime import timedelta
from threading import Barrier, Thread

import pytest
from slack_sdk import WebClient
from sqlalchemy import insert, update

from bot.app import bolt_app
from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message
from handlers.context import Context
from store import decisions
from store.desk import Actor, Desk
from store.tables import cards, persons, slots
from tests.example import APPROVAL_CHANNEL, Example, serial
from tests.handlers.acting import result, there
from tests.handlers.forging import Forge, Json
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import asked, registered, states
from tests.handlers.way_in import WayIn


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
    assert not [each for each in posts.direct("U0BEN") if "R-1001: Rui Costa forwarded" in each]


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


def test_what_was_forwarded_before_is_not_asked_about_again(
    posts: Posts, three: Message, slack: SlackClient, example: Example
) -> None:
    decisions.forward(posts.desk, Actor(example.fiona), 1, [1, 3])

    posts.click("U0RUI", three, "request.decline")

    said = shown(there(slack, lambda: slack.view("U0RUI")).blocks)
    assert "R-1001: Ben Okafor asks for the license file of Prod 2 (Production), Acme" in said
    assert "Prod 1" not in said
    assert "Prod 1" not in shown(slack.command("U0ADA", "requests").blocks)


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


def test_a_decline_that_slack_delivers_three_times_is_one(
    posts: Posts, card: Message, slack: SlackClient
) -> None:
    posts.click("U0RUI", card, "request.decline")
    view = there(slack, lambda: slack.view("U0RUI"))
    slack.weather(redeliver=2)

    after = result(slack.submit("U0RUI", view, {"reason": "no"}))
    slack.clear_weather()
    posts.send()

    assert "R-1001" in shown(after.blocks)
    assert len(posts.replies()) == 1
    assert len([each for each in posts.direct("U0BEN") if "Rui Costa declined" in each]) == 1


@pytest.mark.parametrize("text", ["<!channel> *x* `y` & \u202e", "&", "W", "שלום ", "😀"])
def test_ten_items_with_hostile_names_can_be_chosen_and_declined(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example, text: str
) -> None:
    with desk.database.write() as connection:
        place = {"infrastructure_id": example.core, "environment_type": "non_production"}
        rows = [{**place, "name": f"{number}{text * 80}"[:80]} for number in range(10)]
        ids = list(connection.execute(insert(slots).returning(slots.c.id), rows).scalars())
        connection.execute(update(persons).values(name=(text * 120)[:120]))
    asked(
        desk, example.ben, *(registered(desk, example.ben, slot, number) for number, slot in enumerate(ids))
    )
    posts.send()
    posts.click("U0RUI", posts.card(), "request.forward_some")
    chosen = result(slack.submit("U0RUI", there(slack, lambda: slack.view("U0RUI")), {"items": ["1", "2"]}))
    slack.close("U0RUI", chosen)

    posts.click("U0RUI", posts.card(), "request.decline")
    declined = result(slack.submit("U0RUI", there(slack, lambda: slack.view("U0RUI")), {"reason": text * 30}))

    for each in (chosen, declined):
        assert "<!channel>" not in shown(each.blocks)
        assert "\u202e" not in shown(each.blocks)
    assert states(desk) == ["forwarded"] * 2 + ["declined"] * 8
    posts.send()
    assert len(slack.files("U0BEN")) == 2


def _reason(text: str) -> Json:
    return {"reason": {"reason": {"type": "plain_text_input", "value": text}}}
