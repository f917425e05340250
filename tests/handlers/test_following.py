import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Answer, Message
from store import decisions, requests
from store.desk import Actor, Desk
from store.tables import infrastructures, persons, roles, slots
from tests.example import Example
from tests.handlers.acting import result, there
from tests.handlers.conftest import Counts
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import asked, made, registered, states


def listed(slack: SlackClient, user: str) -> tuple[Answer, str]:
    answer = slack.command(user, "requests")
    assert answer.ok, answer
    assert answer.problems == []
    return answer, shown(answer.blocks)


def seen(slack: SlackClient, user: str) -> Message:
    """The list as a message whose buttons can be pressed."""
    answer, _ = listed(slack, user)
    return there(slack, lambda: [each for each in slack.ephemerals(user) if each.text == answer.text])[-1]


def test_nothing_to_follow_offers_to_ask(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    answer, said = listed(slack, "U0BEN")
    assert said.startswith("Nothing waits for you, and you have asked for nothing yet.")
    assert buttons(answer.blocks) == ["Request a license"]

    message = there(slack, lambda: slack.ephemerals("U0BEN"))[-1]
    posts.click("U0BEN", message, "license.request")

    assert there(slack, lambda: slack.view("U0BEN")).title == "Request a license"


def test_a_request_of_mine_shows_its_state_whom_it_was_put_to_and_when_it_expires(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    posts.send()

    answer, said = listed(slack, "U0BEN")

    assert answer.text == "Nothing waits for you; you have made 1 request."
    assert "R-1001, Acme Logistics, Acme Core, asked on" in said
    assert "Quality 1 (Non-production): waiting for an answer" in said
    assert "Asked: Fiona Marsh, Rui Costa and Ada Novak\nReminders go out on" in said
    assert "The company admins are asked, too, on" in said
    assert "Unanswered, it expires on" in said
    assert buttons(answer.blocks) == ["Withdraw"]


def test_what_waits_for_a_contact_can_be_decided_from_the_list(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    posts.send()
    message = seen(slack, "U0ADA")
    assert message.text == "1 request waits for you; you have asked for nothing."
    assert "R-1001: Ben Okafor asks for the license file of Quality 1 (Non-production)" in shown(
        message.blocks
    )
    assert buttons(message.blocks) == ["Forward license", "Decline"]

    posts.click("U0ADA", message, "request.forward")

    assert "you forwarded the license file of Quality 1" in posts.answer("U0ADA", "you forwarded")
    posts.send()
    assert "Forwarded by Ada Novak" in posts.card().text


def test_declining_from_the_list_asks_for_the_reason(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))

    posts.click("U0ADA", seen(slack, "U0ADA"), "request.decline")

    view = there(slack, lambda: slack.view("U0ADA"))
    assert "you declined" in shown(result(slack.submit("U0ADA", view, {"reason": "no"})).blocks)


def test_withdrawing_leaves_nothing_to_decide(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    posts.send()
    message = seen(slack, "U0BEN")

    posts.click("U0BEN", message, "item.withdraw")
    assert "R-1001: you withdrew your request for Quality 1" in posts.answer("U0BEN", "you withdrew")
    posts.send()

    assert states(desk) == ["withdrawn"]
    assert buttons(posts.card().blocks) == []
    posts.click("U0BEN", message, "item.withdraw")
    assert "You already withdrew R-1001 at" in posts.answer("U0BEN", "already withdrew")


def test_withdrawing_what_was_forwarded_meanwhile_is_said(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    message = seen(slack, "U0BEN")
    decisions.forward(desk, Actor(example.rui), request_id)
    posts.send()

    posts.click("U0BEN", message, "item.withdraw")

    said = posts.answer("U0BEN", "already forwarded")
    assert said.startswith("Rui Costa already forwarded R-1001 at")
    assert "You have had the file since" in said


def test_a_withdrawn_request_can_be_asked_again(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    requests.withdraw(desk, Actor(example.ben), 1)
    message = seen(slack, "U0BEN")
    assert buttons(message.blocks) == ["Ask again"]

    posts.click("U0BEN", message, "item.ask_again")

    assert "R-1002: I asked Fiona Marsh, Rui Costa and Ada Novak" in posts.answer("U0BEN", "R-1002")
    assert made(desk) == 2


def test_sending_again_needs_no_new_decision_and_gives_the_same_bytes(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    decisions.forward(desk, Actor(example.rui), request_id)
    posts.send()

    posts.click("U0BEN", seen(slack, "U0BEN"), "item.send_again")

    said = posts.answer("U0BEN", "is being sent again")
    assert "It is the same decision, so nobody is asked anew." in said
    posts.send()
    first, second = (slack.download(each) for each in slack.files("U0BEN"))
    assert first == second


def test_sending_again_three_times_over_one_click_sends_one_file(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    decisions.forward(desk, Actor(example.rui), request_id)
    posts.send()
    message = seen(slack, "U0BEN")
    slack.weather(redeliver=2)

    posts.click("U0BEN", message, "item.send_again")
    posts.answer("U0BEN", "is being sent again")
    slack.clear_weather()
    slack.weather(sharing=0.0)
    posts.send()

    assert len(slack.files("U0BEN")) == 2


def test_after_seven_days_a_file_is_not_sent_again(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    decisions.forward(desk, Actor(example.rui), request_id)
    posts.send()
    message = seen(slack, "U0BEN")
    posts.clock.advance(timedelta(days=8))

    posts.click("U0BEN", message, "item.send_again")

    assert "could be sent again for 7 days, until" in posts.answer("U0BEN", "could be sent again")
    assert buttons(listed(slack, "U0BEN")[0].blocks) == []


def test_a_declined_request_shows_the_reason(slack: SlackClient, desk: Desk, example: Example) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    decisions.decline(desk, Actor(example.rui), request_id, None, "*not* <!here>")

    answer, said = listed(slack, "U0BEN")

    assert "Quality 1 (Non-production): declined by Rui Costa on" in said
    assert "Rui Costa declined with the reason “∗not∗ &lt;!here&gt;”" in said
    assert buttons(answer.blocks) == ["Ask again"]


def test_each_item_of_several_has_a_button_with_its_name(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    found = [registered(desk, example.ben, slot, number) for number, slot in enumerate(example.production, 1)]
    asked(desk, example.ben, *found)

    answer, _ = listed(slack, "U0BEN")

    assert buttons(answer.blocks) == ["Withdraw: Prod 1", "Withdraw: Prod 2", "Withdraw: Prod 3"]


def test_what_is_not_mine_is_neither_listed_nor_waiting(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))

    for user in ("U0ANA", "U0MAX", "U0OLGA", "U0OTTO", "U0NINA"):
        assert "R-1001" not in listed(slack, user)[1], user


@pytest.mark.parametrize("action", ["item.withdraw", "item.ask_again", "item.send_again"])
def test_an_item_of_somebody_else_is_answered_like_none(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example, counts: Counts, action: str
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    asked(desk, example.ana, registered(desk, example.ana, example.quality[1], 2))
    said = []
    for value in ("1", "999"):
        slack.deliver("interactive", _click("U0ANA", action, value))
        said.append(
            there(slack, lambda: [each for each in posts.direct("U0ANA") if "no such request" in each])[-1]
        )

    assert said[0] == said[1]
    assert counts.refusals == ["RequestUnknown", "RequestUnknown"]
    assert states(desk) == ["pending", "pending"]


def test_one_request_is_shown_by_its_number(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    posts.send()

    own = slack.command("U0BEN", "requests r-1001")
    deciding = slack.command("U0ADA", "requests 1001")
    reading = slack.command("U0MAX", "requests R-1001")

    assert own.text == "R-1001 is a request of yours."
    assert shown(own.blocks).startswith(own.text)
    assert buttons(own.blocks) == ["Withdraw"]
    assert deciding.text.startswith("R-1001: Ben Okafor asks for the license file of Quality 1")
    assert buttons(deciding.blocks) == ["Forward license", "Decline"]
    assert reading.text == deciding.text
    assert buttons(reading.blocks) == []


@pytest.mark.parametrize("user", ["U0ANA", "U0OTTO", "U0NINA"])
def test_the_number_of_somebody_elses_request_is_answered_like_none(
    slack: SlackClient, desk: Desk, example: Example, counts: Counts, user: str
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))

    theirs, nobodys = (slack.command(user, f"requests {each}") for each in ("R-1001", "R-4711"))

    assert theirs.text == nobodys.text
    assert "There is no such request" in theirs.text
    assert counts.refusals == ["RequestUnknown", "RequestUnknown"]


@pytest.mark.parametrize("typed", ["R-12", "quality 1", "R-1001; DROP", "<!channel>", "R-" + "9" * 40])
def test_what_is_no_number_is_said(slack: SlackClient, desk: Desk, example: Example, typed: str) -> None:
    answer = slack.command("U0BEN", f"requests {typed}")

    assert "is not the number of a request; it looks like R-1042." in answer.text
    assert "<!channel>" not in answer.text


def test_a_release_is_decided_by_number_by_operators_only(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    requests.ask_release(desk, Actor(example.tom), registration, "switched off")

    assert buttons(slack.command("U0OLGA", "requests R-1001").blocks) == ["Release", "Decline"]
    assert buttons(slack.command("U0EVA", "requests R-1001").blocks) == []


def test_somebody_without_a_role_and_without_requests_is_told_so(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(delete(roles).where(roles.c.person_id == example.ben))

    said = slack.command("U0BEN", "requests").text

    assert said.startswith("You are not associated with any infrastructure")


def test_somebody_who_lost_their_role_still_sees_what_became_of_their_requests(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    with desk.database.write() as connection:
        connection.execute(delete(roles).where(roles.c.person_id == example.ben))

    assert "R-1001" in listed(slack, "U0BEN")[1]


@pytest.mark.parametrize("text", ["W" * 200, "&" * 200, "<!channel> *x* `y` " * 20, "שלום" * 60, "😀" * 120])
def test_many_requests_with_the_longest_names_fit_one_message(
    slack: SlackClient, desk: Desk, example: Example, text: str
) -> None:
    with desk.database.write() as connection:
        rows = [
            {
                "infrastructure_id": example.core,
                "environment_type": "non_production",
                "name": f"{number}{text}"[:80],
            }
            for number in range(90)
        ]
        ids = list(connection.execute(insert(slots).returning(slots.c.id), rows).scalars())
        connection.execute(
            update(infrastructures).where(infrastructures.c.id == example.core).values(name=text[:120])
        )
        connection.execute(update(persons).values(name=text[:120]))
    found = [registered(desk, example.ben, slot, number) for number, slot in enumerate(ids)]
    for start in range(0, 90, 10):
        asked(desk, example.ben, *found[start : start + 10])
        own = asked(desk, example.ada, *found[start : start + 10], reason=(text * 20)[:1000])
        decisions.decline(desk, Actor(example.rui), own, None, (text * 20)[:1000])

    answer, said = listed(slack, "U0ADA")

    assert answer.text == "More than 8 requests wait for you; you have made more than 8 requests."
    assert len(re.findall(r"The newest (\d|one) (are|is) shown", said)) == 2
    assert "declined with the reason “" in said


def _click(user: str, action: str, value: str) -> dict[str, object]:
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": "T0ACME"},
        "team": {"id": "T0ACME"},
        "container": {"type": "message", "channel_id": "D0X", "message_ts": "1.1"},
        "channel": {"id": "D0X"},
        "trigger_id": "1",
        "actions": [{"action_id": f"{action}:{value}", "value": value, "type": "button", "action_ts": "1.1"}],
    }
