"""Files that are late: told once, and never looked at for ever; on both databases."""

from datetime import timedelta

from store import decisions
from store.delivery_claims import COURIER, claim
from store.desk import Actor, Desk
from store.failures import fail
from store.undelivered import tell_late
from tests.conftest import Clock
from tests.example import Example
from tests.store.requesting import deactivate, put, queued, registered, told


def forwarded(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    decisions.forward(desk, Actor(example.rui), request)


def test_a_late_file_is_told_of_once(desk: Desk, example: Example, clock: Clock) -> None:
    forwarded(desk, example)
    clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    assert tell_late(desk) == 0
    clock.advance(timedelta(seconds=1))
    assert [tell_late(desk), tell_late(desk)] == [1, 0]
    assert told(desk, "not_delivered") == [example.ana, example.rui]


def test_the_late_file_of_somebody_who_left_does_not_keep_the_schedule_busy(
    desk: Desk, example: Example, clock: Clock
) -> None:
    forwarded(desk, example)
    deactivate(desk, example.ana)
    clock.advance(timedelta(hours=1))
    assert tell_late(desk) == 0


def test_those_who_were_told_that_a_file_is_late_are_told_when_it_is_given_up(
    desk: Desk, example: Example, clock: Clock
) -> None:
    forwarded(desk, example)
    clock.advance(timedelta(minutes=6))
    tell_late(desk)
    [file] = queued(desk, "file")
    delivery = next(each for each in claim(desk, "lease", 100, 60) if each.id == file.id)
    fail(desk, COURIER, delivery, "never_shared")
    assert told(desk, "not_delivered") == [example.ana, example.rui] * 2
    assert told(desk, "delivery_failed") == [example.olga]
