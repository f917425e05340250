"""Asking for serial changes, and for releases of flagged infrastructures; on both databases."""

from datetime import timedelta

import pytest

from store import releases, requests
from store.desk import Actor, Desk
from store.rules.registration_errors import (
    SameSerial,
    SerialElsewhere,
    SerialInOtherSlot,
    SerialReserved,
)
from store.rules.request_errors import (
    NobodyToAsk,
    ReasonMissing,
)
from store.rules.request_states import RequestKind
from store.rules.rights import Step
from store.rules.seeing_errors import NoRight
from store.rules.serials import SerialMalformed
from store.tables import requests as request_rows
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.store.requesting import (
    count,
    deactivate,
    everybody_asked,
    item_state,
    registered,
    registration_state,
    reserved,
    seen,
    told,
)


def test_a_serial_change_is_requested_with_the_new_serial_reserved(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    outcome = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2).lower(), "moved")
    request = seen(desk, outcome.request_id or 0)
    assert request.kind is RequestKind.SERIAL_CHANGE
    assert (request.items[0].serial, request.items[0].new_serial) == (serial(1), serial(2))
    assert registration_state(desk, registration) == "open"
    with pytest.raises(SerialReserved):
        requests.ask_serial_change(desk, Actor(example.ben), registration, serial(2), "moved")


def test_a_serial_change_needs_a_reason(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    with pytest.raises(ReasonMissing):
        requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "  ")
    assert reserved(desk) == 0


def test_asking_for_a_serial_change_again_shows_the_pending_one(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    for number in (2, 3):
        outcome = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(number), "moved")
    assert [each.new_serial for each in outcome.already_pending] == [serial(2)]


def test_nothing_is_reserved_when_nobody_can_be_asked(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    deactivate(desk, *everybody_asked(example))
    with pytest.raises(NobodyToAsk):
        requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved")
    assert reserved(desk) == 0


def test_a_withdrawn_serial_change_gives_the_serial_back(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    outcome = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved")
    requests.withdraw(desk, Actor(example.ana), outcome.put[0].id)
    assert reserved(desk) == 0
    again = requests.ask_again(desk, Actor(example.ana), outcome.put[0].id)
    assert [each.new_serial for each in again.put] == [serial(2)]


def test_a_release_drops_the_serial_reserved_for_a_change(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    outcome = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved")
    releases.release(desk, Actor(example.tom), registration, "gone")
    assert item_state(desk, outcome.put[0].id) == "closed"
    assert reserved(desk) == 0


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        pytest.param(serial(1), SameSerial, id="the present one"),
        pytest.param(serial(2), SerialInOtherSlot, id="in another slot"),
        pytest.param(serial(3), SerialElsewhere, id="in another infrastructure"),
        pytest.param(serial(4)[:-1], SerialMalformed, id="one character short"),
    ],
)
def test_a_serial_that_cannot_be_taken_is_refused(
    desk: Desk, example: Example, typed: str, error: type[Exception]
) -> None:
    registration = registered(desk, example.ana, example.quality[0], 1)
    registered(desk, example.ana, example.quality[1], 2)
    registered(desk, example.otto, example.globex_production[0], 3)
    with pytest.raises(error):
        requests.ask_serial_change(desk, Actor(example.ana), registration, typed, "moved")
    assert told(desk, "foreign_serial") == ([example.olga] if error is SerialElsewhere else [])
    assert count(desk, request_rows) == 0


def test_a_flagged_release_is_put_to_the_operators(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    outcome = requests.ask_release(desk, Actor(example.tom), registration, "server gone")
    assert outcome.asked is not None
    assert (outcome.asked.step, [each.id for each in outcome.asked.people]) == (
        Step.OPERATORS,
        [example.olga],
    )
    assert seen(desk, outcome.request_id or 0).kind is RequestKind.RELEASE
    assert registration_state(desk, registration) == "open"


def test_asking_for_a_release_needs_the_right_and_a_reason(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    with pytest.raises(NoRight):
        requests.ask_release(desk, Actor(example.ana), registration, "server gone")
    with pytest.raises(ReasonMissing):
        requests.ask_release(desk, Actor(example.tom), registration, " ")


def test_a_release_can_be_asked_for_after_the_term(desk: Desk, example: Example, clock: Clock) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    clock.now = TERM_END + timedelta(days=100)
    assert requests.ask_release(desk, Actor(example.tom), registration, "server gone").put


def test_without_operators_a_flagged_release_has_nobody_to_ask(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    deactivate(desk, example.olga)
    with pytest.raises(NobodyToAsk) as refused:
        requests.ask_release(desk, Actor(example.tom), registration, "server gone")
    assert (refused.value.steps, refused.value.skipped) == ((Step.OPERATORS,), ("Olga Ruiz",))
