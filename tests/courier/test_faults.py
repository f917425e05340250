"""A Slack that answers 429, 5xx, garbage, late or not at all, and couriers that die: everything arrives, once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.courier import GIVE_UP_AFTER
from bot.slack_calls import TIMEOUT
from store import delivery_claims, keys
from store.deliveries import listing, queue_notice
from store.delivery_claims import COURIER, LeaseLost
from store.desk import Act, Desk, intention
from store.kept_keys import KeyAccess, key_in_file
from store.key_formats import generate, private_der
from store.tables import deliveries, request_items
from tests.courier.conftest import Scene
from tests.store.requesting import ask, change, put, registered, seen

TROUBLES: list[dict[str, Any]] = [
    {"fault": "ratelimited", "retry_after": 20},
    {"fault": "server_error"},
    {"fault": "garbage"},
    {"fault": "cut"},
    {"fault": "lost"},
    {"fault": "refused", "error": "internal_error"},
    {"fault": "refused", "error": "token_revoked"},
]
STEPS = (
    "files.getUploadURLExternal",
    "upload",
    "files.completeUploadExternal",
    "files.info",
    "conversations.open",
)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@intention
def notify(act: Act, person_id: int, occasion: str) -> None:
    queue_notice(act, "registered", person_id, occasion)


def tell(desk: Desk, person_id: int, *occasions: str) -> None:
    for occasion in occasions:
        notify(desk, COURIER, person_id, occasion)


def words(*occasions: str) -> list[str]:
    return [f"notice registered {occasion}" for occasion in occasions]


def file_taken(scene: Scene) -> int:
    registration = registered(scene.desk, scene.example.tom, scene.example.quality[0])
    scene.run()
    outcome = ask(scene.desk, scene.example.tom, registration)
    assert outcome.request_id is not None
    return outcome.request_id


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_notices_arrive_in_order_and_once_whatever_slack_did_before(
    scene: Scene, trouble: dict[str, Any]
) -> None:
    tell(scene.desk, scene.example.ana, "one", "two", "three")
    scene.people.weather(calls=4, **trouble)
    scene.run(timedelta(minutes=10))
    assert scene.direct("ana") == words("one", "two", "three")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_a_file_arrives_once_whatever_slack_did_at_one_step_of_it(
    scene: Scene, trouble: dict[str, Any], step: str
) -> None:
    request_id = file_taken(scene)
    scene.people.weather(method=step, calls=2, **trouble)
    scene.run(timedelta(minutes=10))
    assert len(scene.files("tom")) == 1
    assert seen(scene.desk, request_id).items[0].delivered_at is not None


def test_an_answer_lost_after_the_upload_was_completed_shares_no_second_file(scene: Scene) -> None:
    file_taken(scene)
    scene.people.weather(sharing=12.0)
    scene.people.weather(fault="lost", method="files.completeUploadExternal", calls=1)
    scene.run(timedelta(minutes=5))
    assert len(scene.files("tom")) == 1


def test_a_silent_slack_is_left_after_the_time_out(scene: Scene) -> None:
    tell(scene.desk, scene.example.ana, "one")
    scene.people.weather(fault="silence", method="chat.postMessage", calls=1, hold=5.0)
    scene.run()
    assert ("chat.postMessage", "no_answer") in scene.calls
    assert scene.direct("ana") == words("one")
    assert TIMEOUT == 10


def test_retry_after_is_obeyed_for_the_conversation_and_holds_up_no_other(scene: Scene) -> None:
    for name in ("ana", "ben"):
        tell(scene.desk, getattr(scene.example, name), f"first {name}")
    scene.run()
    scene.people.weather(fault="ratelimited", method="chat.postMessage", calls=1, retry_after=30)
    tell(scene.desk, scene.example.ana, "second ana", "third ana")
    scene.courier.send_due()
    tell(scene.desk, scene.example.ben, "second ben")
    scene.clock.advance(timedelta(seconds=29))
    scene.courier.send_due()
    assert scene.direct("ben") == words("first ben", "second ben")
    assert scene.direct("ana") == words("first ana")
    scene.clock.advance(timedelta(seconds=1))
    scene.courier.send_due()
    assert scene.direct("ana") == words("first ana", "second ana", "third ana")


def test_retry_after_of_a_method_without_conversation_stops_that_method_alone(scene: Scene) -> None:
    tell(scene.desk, scene.example.ana, "one")
    scene.people.weather(fault="ratelimited", method="conversations.open", calls=1, retry_after=30)
    scene.courier.send_due()
    tell(scene.desk, scene.example.ben, "two")
    scene.courier.send_due()
    assert len(scene.people.calls("conversations.open")) == 1
    scene.clock.advance(timedelta(seconds=30))
    scene.courier.send_due()
    assert (scene.direct("ana"), scene.direct("ben")) == (words("one"), words("two"))


def test_the_pauses_between_attempts_grow_to_a_minute_and_differ(scene: Scene) -> None:
    tell(scene.desk, scene.example.ana, "one")
    scene.people.weather(fault="server_error")
    pauses = []
    for _ in range(12):
        scene.courier.send_due()
        due = scene.next_due()
        assert due is not None
        pauses.append((due - scene.clock.now).total_seconds())
        scene.clock.now = due
    assert 0.5 <= pauses[0] <= 1
    assert 30 <= pauses[-1] <= 60
    assert len(set(pauses[-5:])) == 5


@pytest.mark.parametrize(
    "error", ["messages_tab_disabled", "restricted_action", "is_archived", "no_such_code"]
)
def test_what_slack_refuses_for_good_fails_at_once_and_the_operators_are_told(
    scene: Scene, error: str
) -> None:
    tell(scene.desk, scene.example.ana, "one")
    scene.people.weather(fault="refused", method="chat.postMessage", error=error, calls=1)
    scene.run()
    [row] = scene.rows(occasion="one")
    assert (row.state, row.error, row.attempts) == ("failed", error, 1)
    assert any("delivery_failed" in text for text in scene.direct("olga"))


def test_operators_are_not_told_that_they_could_not_be_told(scene: Scene) -> None:
    tell(scene.desk, scene.example.ana, "one")
    scene.people.weather(fault="refused", method="chat.postMessage", error="messages_tab_disabled")
    scene.run()
    assert scene.count(state="failed") == 2
    assert scene.next_due() is None


def test_somebody_without_a_slack_id_cannot_be_written_to(scene: Scene) -> None:
    tell(scene.desk, scene.example.lena, "one")
    scene.run()
    assert [row.error for row in scene.rows(occasion="one")] == ["person_unknown"]


def test_after_a_day_of_a_slack_that_otherwise_answers_a_delivery_is_given_up(scene: Scene) -> None:
    request_id = file_taken(scene)
    scene.people.weather(fault="server_error", method="files.getUploadURLExternal")
    begun = scene.clock.now
    scene.run(timedelta(minutes=2))
    scene.clock.now = begun + GIVE_UP_AFTER - timedelta(minutes=2)
    scene.run(timedelta(minutes=1))
    assert scene.states(kind="file") == {"queued"}
    scene.run(timedelta(minutes=5))
    assert scene.states(kind="file") == {"failed"}
    assert scene.clock.now - begun >= GIVE_UP_AFTER
    assert any("not_delivered" in text for text in scene.direct("tom"))
    assert any("delivery_failed" in text for text in scene.direct("olga"))
    assert seen(scene.desk, request_id).items[0].undelivered


def test_a_slack_that_answers_nothing_for_two_days_makes_nothing_fail(scene: Scene) -> None:
    tell(scene.desk, scene.example.ana, "one")
    scene.people.weather(fault="server_error")
    scene.run(timedelta(minutes=5))
    scene.clock.advance(timedelta(days=2))
    scene.run(timedelta(minutes=5))
    assert scene.states(occasion="one") == {"queued"}
    scene.people.clear_weather()
    scene.run(timedelta(minutes=5))
    assert scene.direct("ana") == words("one")


def test_a_failed_delivery_is_sent_when_an_operator_retries_it(scene: Scene) -> None:
    tell(scene.desk, scene.example.ana, "one")
    scene.people.weather(fault="refused", method="chat.postMessage", error="restricted_action", calls=1)
    scene.run()
    with scene.desk.database.read() as connection:
        [failed] = listing(connection, "failed")
    assert delivery_claims.retry(scene.desk, COURIER, [failed.id]) == [failed.id]
    scene.run()
    assert scene.direct("ana") == words("one")


def test_a_message_whose_answer_was_lost_for_a_day_is_not_posted_twice_by_a_retry(scene: Scene) -> None:
    tell(scene.desk, scene.example.ana, "one")
    scene.people.weather(fault="lost", method="chat.postMessage", calls=1)
    scene.courier.send_due()
    scene.people.weather(fault="server_error", method="conversations.history")
    scene.clock.advance(GIVE_UP_AFTER)
    scene.courier.send_due()
    [failed] = scene.rows(occasion="one")
    assert failed.state == "failed"
    scene.people.clear_weather()
    delivery_claims.retry(scene.desk, COURIER, [failed.id])
    scene.run()
    assert scene.states(occasion="one") == {"sent"}
    assert [text for text in scene.direct("ana") if text in words("one")] == words("one")


def test_a_courier_that_died_before_it_posted_is_followed_by_another(scene: Scene) -> None:
    request_id = file_taken(scene)
    died = delivery_claims.claim(scene.desk, "of the dead", 8, 60)
    assert [each.kind for each in died] == ["file"]
    scene.courier.send_due()
    assert scene.files("tom") == []
    scene.clock.advance(timedelta(seconds=60))
    scene.run()
    assert len(scene.files("tom")) == 1
    assert seen(scene.desk, request_id).items[0].delivered_at is not None


def test_a_courier_that_died_after_it_posted_repeats_nothing_in_a_direct_message(scene: Scene) -> None:
    tell(scene.desk, scene.example.ana, "one")
    # The message was posted, and the process killed before it was recorded.
    [held] = delivery_claims.claim(scene.desk, "of the dead", 8, 60)
    scene.courier.send(held)
    unrecorded = {
        "state": "queued",
        "sent_at": None,
        "lease": "of the dead",
        "leased_until": held.leased_until,
    }
    change(scene.desk, deliveries.update().where(deliveries.c.id == held.id).values(**unrecorded))
    scene.run()
    assert scene.direct("ana") == words("one")
    assert scene.states(occasion="one") == {"sent"}


def test_a_courier_that_died_in_an_upload_leaves_one_file(scene: Scene) -> None:
    file_taken(scene)
    scene.people.weather(sharing=300.0)
    [held] = delivery_claims.claim(scene.desk, "of the dead", 8, 60)
    scene.courier.send(held)
    [row] = scene.rows(kind="file")
    # What was noted after the upload is lost with the process; what was kept is not.
    steps = {
        "file": row.steps["file"],
        "uploaded_at": row.steps["uploaded_at"],
        "channel": row.steps["channel"],
    }
    lost = {
        "steps": steps,
        "attempts": 1,
        "lease": "of the dead",
        "leased_until": held.leased_until,
        "lane": held.lane,
    }
    change(scene.desk, deliveries.update().where(deliveries.c.id == held.id).values(**lost))
    scene.run(timedelta(minutes=10))
    assert len(scene.files("tom")) == 1


def test_a_courier_whose_lease_ended_writes_nothing_more(scene: Scene) -> None:
    tell(scene.desk, scene.example.ana, "one")
    [held] = delivery_claims.claim(scene.desk, "the slow one", 8, 60)
    scene.clock.advance(timedelta(seconds=60))
    [again] = delivery_claims.claim(scene.desk, "the next one", 8, 60)
    with pytest.raises(LeaseLost):
        delivery_claims.keep_step(scene.desk, held, 60, file="F1")
    with pytest.raises(LeaseLost):
        delivery_claims.sent_alone(scene.desk, COURIER, held)
    delivery_claims.sent_alone(scene.desk, COURIER, again)


def test_an_error_of_ours_stops_neither_the_courier_nor_the_other_deliveries(scene: Scene) -> None:
    registration = registered(scene.desk, scene.example.ana, scene.example.quality[0])
    put(scene.desk, scene.example.ana, registration)
    broken = {"occasion": "broken", "kind": "notice", "lane": "broken", "facts": {}, "steps": {}}
    moments = {"created_at": scene.clock.now, "due_at": scene.clock.now}
    change(scene.desk, insert(deliveries).values(**broken, **moments))
    scene.run(timedelta(minutes=1))
    [row] = scene.rows(occasion="broken")
    assert (row.state, row.error) == ("queued", "internal:LookupError")
    assert ("notice", "postponed") in scene.outcomes
    assert len(scene.texts()) == 1


def test_a_license_waits_for_a_key_that_cannot_sign(scene: Scene, tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "signing.key", tmp_path / "elsewhere.key"
    file.write_bytes(private_der(generate("ES256")))
    file.chmod(0o600)
    with scene.desk.database.write() as connection:
        made = keys.add(connection, scene.desk.vault, scene.clock.now, outside=key_in_file(file, KeyAccess()))
        keys.activate(connection, made.kid, scene.clock.now)
    file.rename(elsewhere)
    file_taken(scene)
    scene.run()
    [waiting] = scene.rows(kind="file")
    assert (waiting.state, waiting.error, waiting.steps["unsure"]) == (
        "queued",
        "signing:KeyFileUnreadable",
        False,
    )
    assert waiting.attempts > 1
    assert not scene.people.calls("files.getUploadURLExternal")
    elsewhere.rename(file)
    scene.run()
    assert len(scene.files("tom")) == 1


def test_no_secret_and_no_license_text_stands_in_a_delivery(scene: Scene) -> None:
    file_taken(scene)
    scene.run()
    said = " ".join(str(row) for row in scene.rows())
    assert "eyJ" not in said
    assert "xoxb" not in said
    assert scene.total(request_items) == 1
