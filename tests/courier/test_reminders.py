"""Reminders on their way: one message for each conversation, said only while something waits there, once."""

from datetime import timedelta

from sqlalchemy import update

from store import decisions
from store.asking_admins import ask_admins_due
from store.desk import Actor
from store.expiry import expire_due
from store.reminders import remind_due
from store.tables import cards
from tests.courier.conftest import Scene
from tests.example import APPROVAL_CHANNEL
from tests.store.requesting import change, put, registered, seen

HOUR = timedelta(hours=1)


def asked(scene: Scene, slot: int, number: int = 1) -> int:
    """Ana asks for one license; Rui and Fiona are asked in the channel, Ada directly."""
    request = put(scene.desk, scene.example.ana, registered(scene.desk, scene.example.ana, slot, number))
    scene.run()
    return request


def reminders(texts: list[str]) -> list[str]:
    return [each for each in texts if each.startswith("reminder")]


def test_each_conversation_is_told_of_all_that_waits_there_with_links_to_the_cards(scene: Scene) -> None:
    one = asked(scene, scene.example.quality[0], 1)
    two = asked(scene, scene.example.quality[1], 2)
    scene.clock.advance(4 * HOUR)
    assert remind_due(scene.desk) == 2
    scene.run()
    assert reminders(scene.texts()) == [f"reminder of [{one}, {two}], 2 linked (for {APPROVAL_CHANNEL})"]
    assert reminders(scene.direct("ada")) == [f"reminder of [{one}, {two}], 2 linked (for None)"]
    assert reminders(scene.direct("eva")) == []


def test_nothing_is_said_of_what_was_decided_before_the_reminder_was_sent(scene: Scene) -> None:
    request = asked(scene, scene.example.quality[0])
    scene.clock.advance(4 * HOUR)
    remind_due(scene.desk)
    decisions.decline(scene.desk, Actor(scene.example.rui), request, None, "not now")
    scene.run()
    assert reminders(scene.texts()) == []
    assert scene.states(kind="reminder") == {"sent"}


def test_a_reminder_waits_until_slack_answers_again_and_comes_once(scene: Scene) -> None:
    asked(scene, scene.example.quality[0])
    scene.clock.advance(4 * HOUR)
    remind_due(scene.desk)
    scene.people.weather(fault="server_error", method="chat.postMessage")
    scene.run(HOUR)
    assert scene.states(kind="reminder") == {"queued"}
    assert remind_due(scene.desk) == 0
    scene.people.clear_weather()
    scene.run(HOUR)
    assert len(reminders(scene.texts())) == 1


def test_a_card_that_was_deleted_is_named_without_a_link(scene: Scene) -> None:
    request = asked(scene, scene.example.quality[0])
    change(scene.desk, update(cards).values(ts="1.000001"))
    scene.clock.advance(4 * HOUR)
    remind_due(scene.desk)
    scene.run()
    assert reminders(scene.texts()) == [f"reminder of [{request}], 0 linked (for {APPROVAL_CHANNEL})"]


def test_admins_get_the_card_as_a_direct_message_though_it_stands_in_their_channel(scene: Scene) -> None:
    request = asked(scene, scene.example.quality[0])
    scene.clock.advance(48 * HOUR)
    assert ask_admins_due(scene.desk) == 1
    scene.run()
    assert any("Request: pending" in each for each in scene.direct("eva"))
    assert any("notice escalated" in each for each in scene.direct("ana"))
    assert scene.replies() == ["reply escalated"]
    decisions.decline(scene.desk, Actor(scene.example.eva), request, None, "not now")
    scene.run()
    assert scene.direct("eva")[-1].startswith("Request: declined")


def test_another_courier_on_the_same_database_sends_nothing_twice(scene: Scene) -> None:
    asked(scene, scene.example.quality[0])
    scene.clock.advance(4 * HOUR)
    remind_due(scene.desk)
    other = scene.another_courier()
    scene.courier.send_due()
    other.send_due()
    remind_due(scene.desk)
    other.send_due()
    assert len(reminders(scene.texts())) == 1


def test_those_asked_in_a_channel_that_was_lost_are_reminded_directly(scene: Scene) -> None:
    request = asked(scene, scene.example.quality[0])
    scene.people.archive(APPROVAL_CHANNEL)
    scene.clock.advance(4 * HOUR)
    remind_due(scene.desk)
    scene.run()
    assert reminders(scene.direct("ada"))
    assert {each.id for each in seen(scene.desk, request).asked} >= {scene.example.rui, scene.example.fiona}
    assert any("Request: pending" in each for each in scene.direct("rui"))
    assert scene.count(notice="delivery_failed") == 0


def test_a_deadline_that_passes_while_slack_is_down_is_told_afterwards_in_order_and_once(
    scene: Scene,
) -> None:
    request = asked(scene, scene.example.quality[0])
    scene.people.weather(fault="server_error")
    for _ in range(8):
        scene.clock.advance(24 * HOUR)
        remind_due(scene.desk)
        ask_admins_due(scene.desk)
        expire_due(scene.desk)
        scene.run()
    assert [each.state for each in seen(scene.desk, request).items] == ["expired"]
    before = len(scene.texts())

    scene.people.clear_weather()
    scene.run(2 * HOUR)

    assert len(scene.texts()) == before
    assert scene.texts()[0] == f"Request: expired (for {APPROVAL_CHANNEL})"
    assert reminders(scene.texts()) == []
    told_of_it = [each for each in scene.direct("ana") if "expired" in each]
    assert len(told_of_it) == 1
    assert scene.states(request_id=request) <= {"sent", "failed"}
