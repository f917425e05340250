"""The schedule: each job at its turn, and one that fails ends no other."""

import time
from datetime import timedelta

import pytest

from bot.schedule import DueJob, Schedule
from store.desk import Act, Desk, intention
from store.escalation import ITSELF, post_first
from tests.conftest import Clock
from tests.example import Example
from tests.store.requesting import WEEK, put, registered, seen, states

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Seconds:
    """A monotonic clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Counting:
    """A job with nothing to do that says when it ran."""

    def __init__(self, ran: list[str], name: str) -> None:
        self._ran, self._name = ran, name

    def __call__(self, _: Desk) -> int:
        self._ran.append(self._name)
        return 0


@intention
def first_card(act: Act, request_id: int) -> None:
    post_first(act, request_id)


def broken(desk: Desk) -> int:
    raise LookupError("of ours")


def test_each_job_runs_at_its_turn(desk: Desk) -> None:
    ran: list[str] = []
    seconds = Seconds()
    jobs = [
        DueJob("often", 10, Counting(ran, "often")),
        DueJob("seldom", 25, Counting(ran, "seldom")),
    ]
    schedule = Schedule(desk, jobs, monotonic=seconds)
    for _ in range(4):
        schedule.run_due()
        seconds.now += 10
    assert ran == ["often", "seldom", "often", "often", "often", "seldom"]


def test_a_job_that_did_something_runs_again_at_once(desk: Desk) -> None:
    left = [100, 20, 0]
    schedule = Schedule(desk, [DueJob("expire", 10, lambda _: left.pop(0))], monotonic=Seconds())
    assert [schedule.run_due() for _ in range(4)] == [100, 20, 0, 0]
    assert left == []


def test_a_job_that_fails_ends_no_other(desk: Desk) -> None:
    ran: list[str] = []
    schedule = Schedule(desk, [DueJob("broken", 10, broken), DueJob("good", 10, Counting(ran, "good"))])
    schedule.run_due()
    assert ran == ["good"]


def test_a_request_expires_a_week_after_its_first_card(desk: Desk, example: Example, clock: Clock) -> None:
    request_id = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    first_card(desk, ITSELF, request_id)
    clock.advance(WEEK - timedelta(seconds=1))
    Schedule(desk).run_due()
    assert states(desk, request_id) == ["pending"]
    clock.advance(timedelta(seconds=1))
    Schedule(desk).run_due()
    assert states(desk, request_id) == ["expired"]
    assert seen(desk, request_id).pending == ()


def test_it_runs_in_a_thread_and_stops_at_once(desk: Desk) -> None:
    ran: list[str] = []
    schedule = Schedule(desk, [DueJob("good", 0.01, Counting(ran, "good"))])
    schedule.start()
    end = time.monotonic() + 5
    while len(ran) < 2:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert schedule.stop(5)
    ended = len(ran)
    time.sleep(0.1)
    assert len(ran) == ended


def test_one_that_never_started_stops(desk: Desk) -> None:
    assert Schedule(desk).stop(1)
