"""Before, in and after the term: what works and what does not; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from store import decisions, registrations, releases, requests
from store.desk import Actor, Desk
from store.rules.registration_errors import Suspended, TermEnded
from store.tables import subscriptions
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.store.requesting import (
    WEEK,
    ask,
    change,
    first_posted,
    put,
    queued,
    registered,
    registration_state,
    seen,
    states,
)

GRACE = timedelta(days=14)
MOMENT = timedelta(microseconds=1)


def end(desk: Desk, clock: Clock) -> type[Exception]:
    clock.now = TERM_END + GRACE
    return TermEnded


def suspend(desk: Desk, clock: Clock) -> type[Exception]:
    change(desk, update(subscriptions).values(state="suspended"))
    return Suspended


@pytest.mark.parametrize("stop", [end, suspend])
def test_nothing_is_registered_asked_for_or_sent_again(
    desk: Desk, example: Example, clock: Clock, stop: object
) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    [item] = decisions.forward(desk, Actor(example.rui), put(desk, example.ana, registration)).decided
    assert callable(stop)
    refusal = stop(desk, clock)
    steps = (
        lambda: registered(desk, example.ana, example.quality[1], 2),
        lambda: ask(desk, example.ana, registration),
        lambda: ask(desk, example.tom, registration),
        lambda: registrations.change_serial(desk, Actor(example.tom), registration, serial(3)),
        lambda: requests.ask_serial_change(desk, Actor(example.ana), registration, serial(3), "moved"),
        lambda: registrations.change_version(desk, Actor(example.ana), registration, "11.18.0"),
    )
    for step in steps:
        with pytest.raises(refusal):
            step()
    assert len(queued(desk, "file")) == 1
    assert item


@pytest.mark.parametrize("stop", [end, suspend])
def test_releasing_still_works(desk: Desk, example: Example, clock: Clock, stop: object) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    assert callable(stop)
    stop(desk, clock)
    releases.release(desk, Actor(example.tom), registration, "gone")
    assert registration_state(desk, registration) == "ended"


def test_grace_lasts_to_its_last_moment(desk: Desk, example: Example, clock: Clock) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    request = put(desk, example.ana, registration)
    clock.now = TERM_END + GRACE - MOMENT
    assert decisions.forward(desk, Actor(example.rui), request).decided
    other = put(desk, example.ben, registration)
    clock.now += MOMENT
    assert decisions.forward(desk, Actor(example.rui), other).closed
    assert states(desk, other) == ["closed"]


def test_a_request_expires_at_its_deadline_and_not_a_moment_before(
    desk: Desk, example: Example, clock: Clock
) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    first_posted(desk, request)
    deadline = seen(desk, request).expires_at
    assert deadline is not None
    assert deadline == clock.now + WEEK
    clock.now = deadline - MOMENT
    assert requests.expire_due(desk) == 0
    clock.now = deadline
    assert requests.expire_due(desk) == 1
