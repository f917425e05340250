"""Cards: where they are posted, how they are redrawn, and what happens when a conversation does not work."""

from datetime import timedelta

from sqlalchemy import Connection, select

from store import conversations, decisions, readdressing, requests
from store.deliveries import redraw
from store.delivery_claims import COURIER
from store.desk import Act, Actor
from store.tables import request_items
from tests.courier.conftest import Scene, slack_calls
from tests.example import APPROVAL_CHANNEL, WORKSPACE
from tests.store.requesting import put, registered, seen


def put_to_contacts(scene: Scene) -> int:
    """Ana asks for one license; Rui and Fiona are asked in the channel, Ada directly."""
    registration = registered(scene.desk, scene.example.ana, scene.example.quality[0])
    scene.run()
    return put(scene.desk, scene.example.ana, registration)


def test_a_card_goes_to_the_channel_and_directly_to_those_who_are_not_in_it(scene: Scene) -> None:
    put_to_contacts(scene)
    scene.run()
    assert [text.split(" (")[0] for text in scene.texts()] == ["Request: pending"]
    assert any("Request: pending" in text for text in scene.direct("ada"))
    assert not any("Request" in text for text in scene.direct("rui"))


def test_the_deadline_counts_from_the_first_card(scene: Scene) -> None:
    request_id = put_to_contacts(scene)
    assert seen(scene.desk, request_id).expires_at is None
    scene.clock.advance(timedelta(hours=1))
    posted_at = scene.clock.now
    scene.courier.send_due()
    request = seen(scene.desk, request_id)
    assert request.first_posted_at == posted_at
    assert request.expires_at == posted_at + timedelta(days=7)


def test_a_decision_redraws_every_card_and_is_said_in_each_thread(scene: Scene) -> None:
    request_id = put_to_contacts(scene)
    scene.run()
    decisions.decline(scene.desk, Actor(scene.example.rui), request_id, None, "not now")
    scene.run()
    assert scene.texts() == ["Request: declined (for C0LICENSES)"]
    assert scene.direct("ada")[-1].startswith("Request: declined")
    assert scene.replies() == ["reply declined"]


def test_several_changes_at_once_are_one_redraw(scene: Scene) -> None:
    request_id = put_to_contacts(scene)
    scene.run()
    before = len(scene.people.calls("chat.update"))
    for _ in range(4):
        with scene.desk.database.write() as connection:
            act = _act(scene, connection)
            redraw(act, request_id)
    scene.run()
    assert len(scene.people.calls("chat.update")) - before == 2  # one for the channel, one for Ada
    assert scene.states(kind="card") == {"sent"}


def test_what_was_decided_before_a_card_was_posted_needs_no_card(scene: Scene) -> None:
    request_id = put_to_contacts(scene)
    decisions.decline(scene.desk, Actor(scene.example.rui), request_id, None, "not now")
    scene.run()
    assert scene.texts() == []
    assert scene.states() == {"sent"}


def test_an_archived_channel_counts_as_none_and_everybody_is_asked_directly(scene: Scene) -> None:
    request_id = put_to_contacts(scene)
    scene.people.archive(APPROVAL_CHANNEL)
    scene.run()
    for name in ("rui", "fiona", "ada"):
        assert any("Request: pending" in text for text in scene.direct(name)), name
    assert scene.texts() == []
    assert [person.name for person in seen(scene.desk, request_id).skipped] == []


def test_a_channel_without_the_bot_counts_as_none(scene: Scene) -> None:
    put_to_contacts(scene)
    scene.people.remove_bot(APPROVAL_CHANNEL)
    scene.run()
    assert any("Request: pending" in text for text in scene.direct("rui"))
    with scene.desk.database.read() as connection:
        known = conversations.find(connection, WORKSPACE, APPROVAL_CHANNEL)
    assert known is not None
    assert known.absent


def test_a_channel_shared_with_another_organization_counts_as_none(scene: Scene) -> None:
    put_to_contacts(scene)
    scene.people.share_channel(APPROVAL_CHANNEL)
    scene.run()
    assert scene.texts() == []
    assert any("Request: pending" in text for text in scene.direct("fiona"))


def test_those_who_left_the_channel_get_the_card_directly(scene: Scene) -> None:
    put_to_contacts(scene)
    scene.people.leave("U0RUI", APPROVAL_CHANNEL)
    scene.run()
    assert len(scene.texts()) == 1
    assert any("Request: pending" in text for text in scene.direct("rui"))
    assert not any("Request" in text for text in scene.direct("fiona"))


def test_somebody_whose_direct_message_does_not_work_is_skipped(scene: Scene) -> None:
    request_id = put_to_contacts(scene)
    scene.people.deactivate("U0ADA")
    scene.run()
    request = seen(scene.desk, request_id)
    assert [person.name for person in request.skipped] == ["Ada Novak"]
    assert {person.name for person in request.asked} == {"Rui Costa", "Fiona Marsh"}
    assert len(scene.texts()) == 1


def test_when_no_post_of_a_step_arrives_the_next_step_is_asked(scene: Scene) -> None:
    request_id = put_to_contacts(scene)
    scene.people.archive(APPROVAL_CHANNEL)
    for name in ("U0RUI", "U0FIONA", "U0ADA"):
        scene.people.deactivate(name)
    scene.run()
    request = seen(scene.desk, request_id)
    assert str(request.step) == "infrastructure_admins"
    assert any("Request: pending" in text for text in scene.direct("tom"))


def test_when_nobody_of_any_step_is_reached_the_items_are_closed_and_the_requester_is_told(
    scene: Scene,
) -> None:
    request_id = put_to_contacts(scene)
    scene.people.archive(APPROVAL_CHANNEL)
    for name in ("U0RUI", "U0FIONA", "U0ADA", "U0TOM", "U0EVA", "U0OLGA"):
        scene.people.deactivate(name)
    scene.run()
    item = seen(scene.desk, request_id).items[0]
    assert (str(item.state), str(item.cause)) == ("closed", "nobody_reachable")
    assert any("notice closed" in text for text in scene.direct("ana"))


def test_a_channel_archived_while_a_request_waits_moves_its_card_to_each_person(scene: Scene) -> None:
    put_to_contacts(scene)
    scene.run()
    scene.people.archive(APPROVAL_CHANNEL)
    conversations.note_archived(scene.desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, True)
    scene.run()
    assert any("Request: pending" in text for text in scene.direct("rui"))
    assert any("Request: pending" in text for text in scene.direct("fiona"))


def test_the_decision_counts_when_its_card_cannot_be_redrawn_and_the_decider_gets_it_directly(
    scene: Scene,
) -> None:
    request_id = put_to_contacts(scene)
    scene.run()
    scene.people.archive(APPROVAL_CHANNEL)
    decisions.decline(scene.desk, Actor(scene.example.rui), request_id, None, "not now")
    scene.run()
    assert scene.direct("rui")[-1].startswith("Request: declined")
    assert any("notice declined" in text for text in scene.direct("ana"))
    assert scene.next_due() is None


def test_a_channel_that_comes_back_has_its_old_cards_redrawn(scene: Scene) -> None:
    request_id = put_to_contacts(scene)
    scene.run()
    scene.people.archive(APPROVAL_CHANNEL)
    decisions.decline(scene.desk, Actor(scene.example.rui), request_id, None, "not now")
    scene.run()
    scene.people.unarchive(APPROVAL_CHANNEL)
    conversations.note_archived(scene.desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, False)
    scene.run()
    assert scene.texts() == ["Request: declined (for C0LICENSES)"]


def test_a_card_whose_message_was_deleted_is_posted_anew_while_the_request_waits(scene: Scene) -> None:
    request_id = put_to_contacts(scene)
    scene.run()
    _delete_first_message(scene)
    with scene.desk.database.write() as connection:
        redraw(_act(scene, connection), request_id)
    scene.run()
    assert scene.texts() == ["Request: pending (for C0LICENSES)"]


def test_a_lost_answer_in_a_direct_message_leaves_one_card(scene: Scene) -> None:
    put_to_contacts(scene)
    scene.people.archive(APPROVAL_CHANNEL)
    scene.people.weather(fault="lost", method="chat.postMessage", calls=3)
    scene.run()
    for name in ("rui", "fiona", "ada"):
        assert len([text for text in scene.direct(name) if "Request: pending" in text]) == 1, name


def test_a_lost_answer_in_a_channel_may_leave_a_second_card_which_is_redrawn_when_it_is_clicked(
    scene: Scene,
) -> None:
    request_id = put_to_contacts(scene)
    scene.people.weather(fault="lost", method="chat.postMessage", calls=2)
    scene.run()
    messages = [each for each in scene.people.messages(APPROVAL_CHANNEL) if not each.thread_ts]
    assert len(messages) == 2
    decisions.decline(scene.desk, Actor(scene.example.rui), request_id, None, "not now")
    readdressing.card_came_back(scene.desk, COURIER, request_id, WORKSPACE, APPROVAL_CHANNEL, messages[0].ts)
    scene.run()
    assert scene.texts() == ["Request: declined (for C0LICENSES)"] * 2


def test_a_stale_direct_message_is_forgotten_and_opened_anew(scene: Scene) -> None:
    conversations.remember_direct(scene.desk, COURIER, scene.example.ada, "D0STALE")
    put_to_contacts(scene)
    scene.run()
    assert any("Request: pending" in text for text in scene.direct("ada"))
    with scene.desk.database.read() as connection:
        assert conversations.direct_of(connection, scene.example.ada) not in (None, "D0STALE")


def test_a_withdrawn_request_is_said_on_its_card(scene: Scene) -> None:
    put_to_contacts(scene)
    scene.run()
    with scene.desk.database.read() as connection:
        item = connection.execute(select(request_items.c.id)).scalar_one()
    requests.withdraw(scene.desk, Actor(scene.example.ana), item)
    scene.run()
    assert scene.texts() == ["Request: withdrawn (for C0LICENSES)"]


def _act(scene: Scene, connection: Connection) -> Act:
    return Act(connection, scene.clock.now, COURIER, scene.desk)


def _delete_first_message(scene: Scene) -> None:
    message = scene.people.messages(APPROVAL_CHANNEL)[0]
    slack_calls(scene.sandbox, scene.clock).call("chat.delete", channel=APPROVAL_CHANNEL, ts=message.ts)
