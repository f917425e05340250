"""Sending again: for seven days, with the same checks and no new decision; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from store import decisions, releases, requests
from store.desk import Actor, Desk
from store.request_views import items_of
from store.rules.registration_errors import NotRegistered, Suspended
from store.rules.request_errors import CannotSendAgain, NothingToSend, RequestUnknown, SendingAgainOver
from store.rules.request_states import request_number
from store.rules.seeing_errors import NoRight, NotAssociated
from store.tables import deliveries, subscriptions
from tests.conftest import Clock
from tests.example import Example, serial
from tests.store.requesting import (
    WEEK,
    ask,
    change,
    entries,
    give_role,
    make_key,
    put,
    queued,
    registered,
    seen,
    take_roles,
)


@pytest.fixture
def forwarded(desk: Desk, example: Example) -> int:
    """An item that Rui forwarded to Ana, with its file sent."""
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    [item] = decisions.forward(desk, Actor(example.rui), request).decided
    files_are_sent(desk)
    return item


def files_are_sent(desk: Desk) -> None:
    change(desk, update(deliveries).where(deliveries.c.kind == "file").values(state="sent"))


@pytest.mark.parametrize("who", ["ana", "rui"])
def test_requester_and_decider_send_again_without_a_new_decision(
    desk: Desk, example: Example, forwarded: int, clock: Clock, who: str
) -> None:
    clock.advance(timedelta(hours=1))
    sent = requests.send_again(desk, Actor(getattr(example, who)), forwarded)
    assert sent.on_its_way is False
    first, second = queued(desk, "file")
    assert (second.person_id, second.item_id, second.due_at) == (example.ana, forwarded, clock.now)
    assert first.occasion != second.occasion
    assert len(entries(desk, "forward")) == 1
    assert len(entries(desk, "send_again")) == 1


def test_a_file_taken_directly_is_sent_again_too(desk: Desk, example: Example) -> None:
    [item] = ask(desk, example.rui, registered(desk, example.ana, example.quality[0])).direct
    files_are_sent(desk)
    requests.send_again(desk, Actor(example.rui), item.id)
    assert len(queued(desk, "file")) == 2


def test_others_do_not_learn_that_there_is_such_an_item(desk: Desk, example: Example, forwarded: int) -> None:
    for person, item in ((example.ben, forwarded), (example.fiona, forwarded), (example.ana, 987_654)):
        with pytest.raises(RequestUnknown):
            requests.send_again(desk, Actor(person), item)
    assert len(queued(desk, "file")) == 1


def test_sending_again_works_for_seven_days(
    desk: Desk, example: Example, forwarded: int, clock: Clock
) -> None:
    decided_at = clock.now
    clock.advance(WEEK)
    assert requests.send_again(desk, Actor(example.ana), forwarded).on_its_way is False
    clock.advance(timedelta(seconds=1))
    with pytest.raises(SendingAgainOver) as refused:
        requests.send_again(desk, Actor(example.ana), forwarded)
    assert refused.value.until == decided_at + WEEK


def test_a_file_that_is_on_its_way_is_not_sent_twice(desk: Desk, example: Example, forwarded: int) -> None:
    again = [requests.send_again(desk, Actor(example.ana), forwarded).on_its_way for _ in range(3)]
    assert again == [False, True, True]
    assert len(queued(desk, "file")) == 2


def test_a_redelivered_click_sends_nothing_more(desk: Desk, example: Example, forwarded: int) -> None:
    for _ in range(3):
        requests.send_again(desk, Actor(example.ana), forwarded, "click 1")
        files_are_sent(desk)
    assert len(queued(desk, "file")) == 2
    assert len(entries(desk, "send_again")) == 1
    requests.send_again(desk, Actor(example.ana), forwarded, "click 2")
    assert len(queued(desk, "file")) == 3


def test_what_was_not_forwarded_is_not_sent(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    [item] = seen(desk, request).items
    with pytest.raises(NothingToSend) as refused:
        requests.send_again(desk, Actor(example.ana), item.id)
    assert (refused.value.number, str(refused.value.state)) == (request_number(request), "pending")


def test_a_release_has_no_file_to_send(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    outcome = requests.ask_release(desk, Actor(example.tom), registration, "server gone")
    decisions.forward(desk, Actor(example.olga), outcome.request_id or 0)
    with pytest.raises(NothingToSend):
        requests.send_again(desk, Actor(example.tom), outcome.put[0].id)


def test_the_same_checks_hold_when_sending_again(desk: Desk, example: Example, forwarded: int) -> None:
    change(desk, update(subscriptions).values(state="suspended"))
    with pytest.raises(Suspended):
        requests.send_again(desk, Actor(example.ana), forwarded)
    change(desk, update(subscriptions).values(state="active"))
    take_roles(desk, example.ana)
    with pytest.raises(NotAssociated):
        requests.send_again(desk, Actor(example.ana), forwarded)
    assert len(queued(desk, "file")) == 1


def test_the_file_of_a_released_environment_is_not_sent_again(
    desk: Desk, example: Example, forwarded: int
) -> None:
    with desk.database.read() as connection:
        [item] = items_of(connection, [forwarded])
    releases.release(desk, Actor(example.tom), item.registration_id, "gone")
    with pytest.raises(NotRegistered):
        requests.send_again(desk, Actor(example.ana), forwarded)


def test_the_file_of_a_changed_serial_is_sent_again_for_the_new_registration(
    desk: Desk, example: Example
) -> None:
    make_key(desk)
    registration = registered(desk, example.ana, example.quality[0])
    outcome = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved")
    decisions.forward(desk, Actor(example.rui), outcome.request_id or 0)
    files_are_sent(desk)
    requests.send_again(desk, Actor(example.ana), outcome.put[0].id)
    assert len(queued(desk, "file")) == 2


def test_a_requester_who_only_audits_by_now_sends_nothing_again(
    desk: Desk, example: Example, forwarded: int
) -> None:
    take_roles(desk, example.ana)
    give_role(desk, example.ana, "auditor", company=example.acme)
    with pytest.raises(NoRight):
        requests.send_again(desk, Actor(example.ana), forwarded)
    assert len(queued(desk, "file")) == 1


def test_a_decider_is_told_why_a_file_is_not_sent_again(desk: Desk, example: Example, forwarded: int) -> None:
    take_roles(desk, example.ana)
    with pytest.raises(CannotSendAgain) as refused:
        requests.send_again(desk, Actor(example.rui), forwarded)
    assert str(refused.value.cause) == "requester_without_role"
    assert len(queued(desk, "file")) == 1


def test_who_took_a_file_by_a_role_that_ended_gets_it_no_more(desk: Desk, example: Example) -> None:
    [item] = ask(desk, example.rui, registered(desk, example.ana, example.quality[0])).direct
    files_are_sent(desk)
    take_roles(desk, example.rui)
    give_role(desk, example.rui, "member", example.core)
    with pytest.raises(CannotSendAgain):
        requests.send_again(desk, Actor(example.rui), item.id)


def test_a_decider_who_may_decide_no_longer_sends_nothing(
    desk: Desk, example: Example, forwarded: int
) -> None:
    take_roles(desk, example.rui)
    with pytest.raises(RequestUnknown):
        requests.send_again(desk, Actor(example.rui), forwarded)
