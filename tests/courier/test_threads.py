"""The courier's threads, and several couriers on one database, in real time."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.courier import Courier
from handlers.drawings import Drawings
from store import decisions
from store.deliveries import queue_notice
from store.delivery_claims import COURIER
from store.desk import Act, Actor, intention
from tests.conftest import Clock
from tests.courier.conftest import Scene, slack_calls
from tests.example import START
from tests.store.requesting import ask, put, registered

NAMES = ("ana", "ben", "rui", "fiona", "ada", "tom", "eva", "olga")


class RunningClock(Clock):
    """The example's time, going on."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def now(self) -> datetime:  # type: ignore[override] # this clock cannot be set
        return START + timedelta(seconds=time.monotonic() - self._begun)


@pytest.fixture
def clock() -> RunningClock:
    return RunningClock()


@intention
def notify(act: Act, person_ids: list[int], first: int, last: int) -> None:
    for number in range(first, last):
        person = person_ids[number % len(person_ids)]
        queue_notice(act, "registered", person, f"n{number:03}")


def everybody(scene: Scene) -> list[int]:
    return [getattr(scene.example, name) for name in NAMES]


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)


def said(scene: Scene) -> Counter[str]:
    return Counter(text for name in NAMES for text in scene.direct(name))


def test_a_commit_wakes_the_courier_of_the_same_process_at_once(scene: Scene) -> None:
    scene.courier.start()
    until(lambda: scene.courier.last_turn is not None)
    time.sleep(0.2)
    begun = time.monotonic()
    notify(scene.desk, COURIER, [scene.example.ana], 0, 1)
    until(lambda: bool(scene.people.calls("conversations.open")))
    assert time.monotonic() - begun < 0.5
    assert scene.courier.stop(5)


def test_what_another_process_queued_is_found_within_about_a_second(scene: Scene) -> None:
    scene.courier.start()
    until(lambda: scene.courier.last_turn is not None)
    wakers, scene.desk.database._wakers = scene.desk.database._wakers, []
    notify(scene.desk, COURIER, [scene.example.ana], 0, 1)
    scene.desk.database._wakers = wakers
    until(lambda: bool(scene.direct("ana")), seconds=3)
    assert scene.courier.stop(5)


def test_several_deliveries_are_under_way_at_the_same_time(scene: Scene) -> None:
    scene.people.weather(latency=0.3)
    notify(scene.desk, COURIER, everybody(scene), 0, 8)
    begun = time.monotonic()
    scene.courier.start()
    until(lambda: scene.states() == {"sent"})
    assert time.monotonic() - begun < 8 * 0.6
    assert scene.courier.stop(5)


def test_two_couriers_send_each_delivery_once_and_in_order(scene: Scene) -> None:
    other = scene.another_courier()
    notify(scene.desk, COURIER, everybody(scene), 0, 120)
    scene.courier.start()
    other.start()
    until(lambda: scene.states() == {"sent"})
    assert scene.courier.stop(5)
    assert other.stop(5)
    assert set(said(scene).values()) == {1}
    assert len(said(scene)) == 120
    for name in ("ana", "olga"):
        assert scene.direct(name) == sorted(scene.direct(name))


def test_a_stop_finishes_what_is_under_way_and_holds_nothing_afterwards(scene: Scene) -> None:
    scene.people.weather(latency=0.4)
    notify(scene.desk, COURIER, everybody(scene), 0, 40)
    scene.courier.start()
    until(lambda: bool(scene.people.calls()))
    assert scene.courier.stop(10)
    rows = scene.rows()
    assert {row.state for row in rows} == {"sent", "queued"}
    assert all(row.lease is None and row.leased_until is None for row in rows)
    assert all(row.attempts == 0 for row in rows if row.state == "queued")


def test_a_stop_does_not_wait_longer_than_it_may(scene: Scene) -> None:
    scene.people.weather(latency=0.7)
    notify(scene.desk, COURIER, [scene.example.ana], 0, 1)
    scene.courier.start()
    until(lambda: "queued" in scene.states() and scene.rows()[0].lease is not None)
    begun = time.monotonic()
    assert not scene.courier.stop(0.3)
    assert time.monotonic() - begun < 0.6
    # What is still under way keeps its lease, so that nobody does it twice.
    assert scene.rows()[0].lease is not None
    until(lambda: scene.states() == {"sent"})


def test_a_courier_that_never_started_stops_at_once(scene: Scene) -> None:
    assert scene.courier.stop(1)


def test_a_file_is_sent_within_moments_of_the_click_although_slack_shows_it_late(scene: Scene) -> None:
    registration = registered(scene.desk, scene.example.tom, scene.example.quality[0])
    scene.courier.start()
    ask(scene.desk, scene.example.tom, registration)
    begun = time.monotonic()
    until(lambda: scene.states(kind="file") == {"sent"})
    assert len(scene.files("tom")) == 1
    assert time.monotonic() - begun < 0.9
    assert scene.courier.stop(5)


def test_the_desks_own_drawings_are_taken_by_slack(scene: Scene) -> None:
    courier = Courier(scene.desk, slack_calls(scene.sandbox, scene.clock), Drawings())
    request_id = put(
        scene.desk, scene.example.ana, registered(scene.desk, scene.example.ana, scene.example.quality[0])
    )
    courier.start()
    until(lambda: len(scene.texts()) == 1)
    decisions.forward(scene.desk, Actor(scene.example.rui), request_id)
    until(lambda: scene.states() == {"sent"})
    assert len(scene.files("ana")) == 1
    assert "R-" in scene.texts()[0]
    assert courier.stop(5)
