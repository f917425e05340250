"""Reminders of ends of terms: each moment once, one message for each company, day and person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from store import delivery_claims, term_reminders
from store.deliveries import Delivery, get
from store.desk import Actor, Desk
from store.tables import deliveries
from store.tables import subscriptions as subscription_rows
from store.term_reminders import remind_due
from tests.conftest import Clock
from tests.example import TERM_END, Example
from tests.store.renewing import NEXT_END, at, renew, suspend
from tests.store.requesting import change, deactivate, entries, registered, rest_roles, take_roles


def reminders(desk: Desk, person: int | None = None) -> list[Any]:
    """Reminders that were queued, oldest first."""
    query = select(deliveries).where(deliveries.c.kind == "reminder").order_by(deliveries.c.id)
    with desk.database.read() as connection:
        rows = list(connection.execute(query).all())
    return [row for row in rows if person in {None, row.person_id}]


def moments(row: Any) -> dict[int, int]:
    """Which moment a reminder is about, by infrastructure."""
    return {infrastructure: moment for infrastructure, _, moment in row.facts["moments"]}


def run(desk: Desk) -> int:
    """Remind as often as the schedule would."""
    total = 0
    while done := remind_due(desk):
        total += done
    return total


def delivery(desk: Desk, row: Any) -> Delivery:
    with desk.database.read() as connection:
        return get(connection, row.id)


@pytest.mark.parametrize("days", [90, 60, 30, 14, 7, 3, 1])
def test_contacts_and_admins_are_reminded_before_the_end(
    desk: Desk, example: Example, clock: Clock, days: int
) -> None:
    at(clock, TERM_END, days)
    assert run(desk) == 2
    told = {row.person_id for row in reminders(desk)}
    assert told == {example.rui, example.fiona, example.ada, example.tom, example.eva, example.nina}
    assert {moment for row in reminders(desk) for moment in moments(row).values()} == {days}


def test_a_person_gets_one_message_for_all_infrastructures_of_a_company(
    desk: Desk, example: Example, clock: Clock
) -> None:
    at(clock, TERM_END, 30)
    run(desk)
    [eva] = reminders(desk, example.eva)
    [tom] = reminders(desk, example.tom)
    [rui] = reminders(desk, example.rui)
    assert set(moments(eva)) == {example.core, example.depot, example.cloud}
    assert set(moments(tom)) == {example.core, example.depot}
    assert set(moments(rui)) == {example.core}


def test_nothing_is_told_twice_however_often_it_is_looked_at(
    desk: Desk, example: Example, clock: Clock
) -> None:
    at(clock, TERM_END, 91)
    told = []
    while clock.now < TERM_END + timedelta(days=20):
        run(desk)
        told.append(len(reminders(desk, example.rui)))
        clock.advance(timedelta(hours=7))
    assert told[-1] == len([90, 60, 30, 14, 7, 3, 1, "grace", "over"])
    found = [moments(row)[example.core] for row in reminders(desk, example.rui)]
    assert found == [90, 60, 30, 14, 7, 3, 1, 0, -1]


def test_two_processes_that_look_at_once_remind_once(desk: Desk, example: Example, clock: Clock) -> None:
    at(clock, TERM_END, 30)
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(lambda _: run(desk), range(3))) == 2
    assert len(reminders(desk, example.eva)) == 1
    assert len(entries(desk, "remind_of_end")) == 4


def test_a_moment_passed_while_nothing_ran_is_made_up_for_once(
    desk: Desk, example: Example, clock: Clock
) -> None:
    at(clock, TERM_END, 27.5)
    run(desk)
    assert [moments(row)[example.core] for row in reminders(desk, example.rui)] == [30]
    at(clock, TERM_END, 2)
    run(desk)
    assert [moments(row)[example.core] for row in reminders(desk, example.rui)] == [30, 3]


def test_a_clock_that_is_put_back_repeats_nothing(desk: Desk, example: Example, clock: Clock) -> None:
    at(clock, TERM_END, 14)
    run(desk)
    at(clock, TERM_END, 29)
    run(desk)
    assert len(reminders(desk, example.rui)) == 1


def test_a_renewal_silences_reminders(desk: Desk, example: Example, clock: Clock) -> None:
    at(clock, TERM_END, 31)
    renew(desk, example.core)
    at(clock, TERM_END, 30)
    run(desk)
    assert reminders(desk, example.rui) == []
    [eva] = reminders(desk, example.eva)
    assert set(moments(eva)) == {example.depot, example.cloud}


def test_the_new_end_is_reminded_of_in_its_turn(desk: Desk, example: Example, clock: Clock) -> None:
    at(clock, TERM_END, 30)
    run(desk)
    renew(desk, example.core)
    at(clock, NEXT_END, 90)
    run(desk)
    assert [moments(row)[example.core] for row in reminders(desk, example.rui)] == [30, 90]


def test_a_reminder_that_waits_has_nothing_to_say_after_a_renewal(
    desk: Desk, example: Example, clock: Clock
) -> None:
    at(clock, TERM_END, 30)
    run(desk)
    [rui], [eva] = reminders(desk, example.rui), reminders(desk, example.eva)
    renew(desk, example.core)
    with desk.database.read() as connection:
        assert term_reminders.still_due(connection, delivery(desk, rui)) == []
        left = term_reminders.still_due(connection, delivery(desk, eva))
    assert {each.infrastructure_id for each in left} == {example.depot, example.cloud}


def test_perpetual_and_suspended_subscriptions_are_not_reminded_of(
    desk: Desk, example: Example, clock: Clock
) -> None:
    of_depot = subscription_rows.c.infrastructure_id == example.depot
    change(desk, update(subscription_rows).where(of_depot).values(ends_at=None))
    suspend(desk, example.core)
    at(clock, TERM_END, 30)
    run(desk)
    assert {each for row in reminders(desk) for each in moments(row)} == {example.cloud, example.globex}


def test_what_comes_up_later_on_a_day_is_told_on_the_next(desk: Desk, example: Example, clock: Clock) -> None:
    of_depot = subscription_rows.c.infrastructure_id == example.depot
    change(desk, update(subscription_rows).where(of_depot).values(ends_at=TERM_END + timedelta(days=300)))
    at(clock, TERM_END, 30)
    run(desk)
    change(desk, update(subscription_rows).where(of_depot).values(ends_at=TERM_END))
    run(desk)
    assert len(reminders(desk, example.tom)) == 1
    clock.advance(timedelta(days=1))
    run(desk)
    assert [moments(row) for row in reminders(desk, example.tom)] == [{example.core: 30}, {example.depot: 30}]


def test_people_who_left_or_whose_roles_rest_are_not_reminded(
    desk: Desk, example: Example, clock: Clock
) -> None:
    deactivate(desk, example.rui)
    rest_roles(desk, example.fiona)
    take_roles(desk, example.ada)
    at(clock, TERM_END, 30)
    run(desk)
    assert {row.person_id for row in reminders(desk)} == {example.tom, example.eva, example.nina}


def test_where_nobody_can_be_reached_the_operators_are_reminded(
    desk: Desk, example: Example, clock: Clock
) -> None:
    deactivate(desk, example.nina)
    at(clock, TERM_END, 30)
    run(desk)
    [olga] = reminders(desk, example.olga)
    assert set(moments(olga)) == {example.globex}


def test_reminders_wait_for_the_morning_of_their_reader(desk: Desk, example: Example, clock: Clock) -> None:
    at(clock, TERM_END, 30)
    run(desk)
    [eva] = reminders(desk, example.eva)
    assert eva.due_at == datetime(2026, 12, 2, 8, tzinfo=UTC)


def test_a_reminder_that_waits_for_the_morning_holds_up_nothing_else(
    desk: Desk, example: Example, clock: Clock
) -> None:
    clock.now = (TERM_END - timedelta(days=30)).replace(hour=2)
    run(desk)
    registered(desk, example.ana, example.quality[0])
    notices = [each for each in delivery_claims.claim(desk, "lease", 20, 60) if each.kind == "notice"]
    assert {each.person_id for each in notices} == {example.rui}


def test_an_infrastructure_that_a_renewal_by_an_operator_covers_is_silent(
    desk: Desk, example: Example, clock: Clock
) -> None:
    at(clock, TERM_END, 1)
    for infrastructure_id in (example.core, example.depot, example.cloud, example.globex):
        renew(desk, infrastructure_id, Actor(example.olga))
    assert run(desk) == 0
