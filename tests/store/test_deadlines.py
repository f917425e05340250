"""From the first posted card to the expiry, and what happens when no card arrives; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from store import decisions, requests
from store.desk import Actor, Desk, Policy
from store.expiry import expire_due
from store.rules.request_errors import AlreadyDecided
from store.rules.request_states import ItemState
from store.rules.rights import Step
from store.tables import asked
from tests.conftest import Clock
from tests.example import Example, serial
from tests.store.requesting import (
    WEEK,
    card_targets,
    change,
    entries,
    first_posted,
    give_role,
    nobody_reached,
    put,
    registered,
    replies,
    reserved,
    rest_roles,
    seen,
    states,
    told,
)


def test_the_deadline_counts_from_the_first_posted_card(desk: Desk, example: Example, clock: Clock) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    posted = clock.advance(timedelta(hours=3))
    first_posted(desk, request)
    clock.advance(timedelta(hours=3))
    first_posted(desk, request)
    found = seen(desk, request)
    assert (found.first_posted_at, found.expires_at) == (posted, posted + WEEK)
    assert len(entries(desk, "post")) == 1


def test_a_request_expires_seven_days_after_its_first_card(
    desk: Desk, example: Example, clock: Clock
) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    first_posted(desk, request)
    clock.advance(WEEK - timedelta(seconds=1))
    assert requests.expire_due(desk) == 0
    clock.advance(timedelta(seconds=1))
    assert requests.expire_due(desk) == 1
    assert requests.expire_due(desk) == 0
    [item] = seen(desk, request).items
    assert (str(item.state), item.decider, item.decided_at) == ("expired", None, clock.now)
    assert told(desk, "expired") == [example.ana]
    assert replies(desk, request) == {"expired"}
    assert card_targets(desk, request, 2) == {example.channel, example.ada}
    assert [(each.actor_id, each.source) for each in entries(desk, "expire")] == [(None, "schedule")]


def test_a_request_whose_card_was_never_posted_does_not_expire(
    desk: Desk, example: Example, clock: Clock
) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    clock.advance(10 * WEEK)
    assert requests.expire_due(desk) == 0
    assert states(desk, request) == ["pending"]


def test_only_what_is_pending_expires(desk: Desk, example: Example, clock: Clock) -> None:
    one = registered(desk, example.ana, example.quality[0], 1)
    two = registered(desk, example.ana, example.quality[1], 2)
    request = put(desk, example.ana, one, two)
    first_posted(desk, request)
    requests.withdraw(desk, Actor(example.ana), seen(desk, request).items[0].id)
    clock.advance(WEEK)
    assert requests.expire_due(desk) == 1
    assert states(desk, request) == ["withdrawn", "expired"]


def test_the_deadline_is_a_setting(desk: Desk, example: Example, clock: Clock) -> None:
    short = Desk(desk.database, desk.vault, desk.keys, Policy(request_expiry=timedelta(hours=1)), desk.clock)
    request = put(short, example.ana, registered(short, example.ana, example.quality[0]))
    first_posted(short, request)
    clock.advance(timedelta(hours=1))
    assert requests.expire_due(short) == 1


def test_expiry_takes_a_bounded_number_at_a_time(desk: Desk, example: Example, clock: Clock) -> None:
    for number, slot in enumerate(example.production, start=1):
        request = put(desk, example.ana, registered(desk, example.ana, slot, number))
        first_posted(desk, request)
    clock.advance(WEEK)
    assert [requests.expire_due(desk, limit=2) for _ in range(3)] == [2, 1, 0]


def test_an_expired_serial_change_gives_the_serial_back(desk: Desk, example: Example, clock: Clock) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    outcome = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved")
    first_posted(desk, outcome.request_id or 0)
    clock.advance(WEEK)
    assert requests.expire_due(desk) == 1
    assert reserved(desk) == 0


def nobody_has_the_card(desk: Desk, request: int) -> None:
    """As the courier leaves it when every post of a step failed."""
    change(desk, update(asked).where(asked.c.request_id == request).values(reached=False))


def test_when_no_post_arrives_the_next_steps_are_asked_and_then_the_items_closed(
    desk: Desk, example: Example
) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    put_to = []
    for person in (example.tom, example.eva, example.olga):
        nobody_has_the_card(desk, request)
        nobody_reached(desk, request)
        found = seen(desk, request)
        assert [each.id for each in found.asked] == [person]
        put_to.append(found.step)
    assert put_to == [Step.INFRASTRUCTURE_ADMINS, Step.COMPANY_ADMINS, Step.OPERATORS]
    assert card_targets(desk, request, 4) >= {example.olga}
    nobody_has_the_card(desk, request)
    nobody_reached(desk, request)
    [item] = seen(desk, request).items
    assert (str(item.state), str(item.cause)) == ("closed", "nobody_reachable")
    assert told(desk, "closed") == [example.ana]
    assert [each.facts["step"] for each in entries(desk, "put_to_next_step")] == [
        str(each) for each in put_to
    ]
    assert len(seen(desk, request).skipped) == 6


def test_a_second_report_about_the_same_step_changes_nothing(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    nobody_has_the_card(desk, request)
    for _ in range(2):
        nobody_reached(desk, request)
    assert seen(desk, request).step is Step.INFRASTRUCTURE_ADMINS


def test_a_request_that_somebody_can_see_stays_with_them(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    nobody_reached(desk, request)
    assert (seen(desk, request).step, seen(desk, request).version) == (Step.CONTACTS, 1)


def test_somebody_skipped_in_one_role_is_asked_in_the_next(desk: Desk, example: Example) -> None:
    rest_roles(desk, example.rui)
    give_role(desk, example.rui, "infrastructure_admin", example.core)
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert example.rui in {each.id for each in seen(desk, request).skipped}
    nobody_has_the_card(desk, request)
    nobody_reached(desk, request)
    assert {each.id for each in seen(desk, request).asked} == {example.rui, example.tom}


def test_nobody_decides_after_the_deadline_though_the_schedule_has_not_looked_yet(
    desk: Desk, example: Example, clock: Clock
) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    first_posted(desk, request)
    clock.advance(timedelta(days=7))

    rui = Actor(example.rui)
    with pytest.raises(AlreadyDecided) as refused:
        decisions.forward(desk, rui, request)
    with pytest.raises(AlreadyDecided):
        decisions.decline(desk, rui, request, None, "no")
    with pytest.raises(AlreadyDecided):
        decisions.to_decide(desk, rui, request)
    assert (refused.value.state, refused.value.decider) == (ItemState.EXPIRED, None)

    assert states(desk, request) == ["pending"]
    assert expire_due(desk) == 1
    assert states(desk, request) == ["expired"]
