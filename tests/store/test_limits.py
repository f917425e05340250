"""How often one person may ask and be refused, counted in both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from store import audit_check, pauses, releases, requests
from store.delivery_claims import COURIER, claim
from store.desk import Actor, Desk, record_refusal
from store.failures import fail
from store.rules.checking import NotOneOfYours
from store.rules.environments import EnvironmentType
from store.rules.errors import Refusal
from store.rules.registration_errors import NoSlotFree
from store.rules.request_errors import AskedTooOften
from store.rules.seeing_errors import NoRight, NotAssociated
from store.tables import attempts, audit_entries, deliveries, persons
from store.tables import pauses as pause_rows
from store.tables import requests as request_rows
from store.workflow_steps import WORKFLOW
from tests.conftest import Clock
from tests.example import Example, serial
from tests.store.requesting import ask, make_key, put, registered


def limited(desk: Desk, **policy: Any) -> Desk:
    return replace(desk, policy=replace(desk.policy, **policy))


def refused(desk: Desk, person: int, *refusals: Refusal) -> None:
    for each in refusals or [NotAssociated()]:
        record_refusal(desk, Actor(person), each, "release")


def paused_until(desk: Desk, person: int) -> Any:
    with desk.database.read() as connection:
        return connection.execute(select(persons.c.paused_until).where(persons.c.id == person)).scalar_one()


def rows(desk: Desk, table: Any) -> list[Any]:
    with desk.database.read() as connection:
        return list(connection.execute(select(*table.c).order_by(table.c.id)).all())


def told(desk: Desk) -> list[tuple[int | None, str | None]]:
    query = select(deliveries.c.person_id, deliveries.c.channel).where(
        deliveries.c.notice == "refused_often", deliveries.c.kind == "notice"
    )
    with desk.database.read() as connection:
        return [(row.person_id, row.channel) for row in connection.execute(query.order_by(deliveries.c.id))]


def test_one_person_asks_so_often_and_then_is_told_when_they_can_again(
    desk: Desk, example: Example, clock: Clock
) -> None:
    few = limited(desk, requests_most=2, requests_period=timedelta(hours=1))
    places = [registered(desk, example.ben, slot, n) for n, slot in enumerate(example.production, 1)]
    first = clock.now
    put(few, example.ben, places[0])
    clock.advance(timedelta(minutes=10))
    put(few, example.ben, places[1])

    with pytest.raises(AskedTooOften) as error:
        ask(few, example.ben, places[2])
    assert (error.value.most, error.value.again_at) == (2, first + timedelta(hours=1))
    assert len(rows(desk, request_rows)) == 2

    clock.now = error.value.again_at
    put(few, example.ben, places[2])


def test_what_is_pending_and_the_same_submission_again_count_for_nothing(
    desk: Desk, example: Example
) -> None:
    few = limited(desk, requests_most=1)
    place = registered(desk, example.ben, example.production[0])
    made = ask(few, example.ben, place, key="form")

    assert ask(few, example.ben, place, key="form").number == made.number
    assert ask(few, example.ben, place).already_pending


def test_files_taken_directly_count_as_well_and_operators_may_always(desk: Desk, example: Example) -> None:
    few = limited(desk, requests_most=1)
    make_key(desk)
    place = registered(desk, example.ben, example.production[0])

    ask(few, example.rui, place)
    with pytest.raises(AskedTooOften):
        ask(few, example.rui, place)
    for _ in range(3):
        ask(few, example.olga, place)


def test_serial_changes_and_releases_are_counted_with_the_others(desk: Desk, example: Example) -> None:
    few = limited(desk, requests_most=1)
    place, other = (registered(desk, example.ben, example.production[n], n + 1) for n in (0, 1))
    put(few, example.ben, place)

    with pytest.raises(AskedTooOften):
        requests.ask_serial_change(few, Actor(example.ben), other, serial(9), "moved")


def test_workflows_do_not_use_up_what_a_person_may_ask(desk: Desk, example: Example) -> None:
    few = limited(desk, requests_most=1)
    places = [registered(desk, example.ben, slot, n) for n, slot in enumerate(example.production, 1)]
    requests.ask(few, Actor(example.ben, WORKFLOW), [places[0]], "by a workflow")

    put(few, example.ben, places[1])


def test_two_requests_at_once_do_not_pass_the_limit_together(desk: Desk, example: Example) -> None:
    few = limited(desk, requests_most=1)
    places = [registered(desk, example.ben, slot, n) for n, slot in enumerate(example.production, 1)]

    def one(place: int) -> bool:
        try:
            ask(few, example.ben, place)
        except AskedTooOften:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(one, places)) == [False, False, True]


def test_too_many_refusals_begin_a_pause_that_ends_by_itself(
    desk: Desk, example: Example, clock: Clock
) -> None:
    few = limited(desk, refusals_most=3, refusals_period=timedelta(minutes=10))
    for _ in range(2):
        refused(few, example.ben)
    assert paused_until(desk, example.ben) is None

    refused(few, example.ben, NotOneOfYours())

    assert paused_until(desk, example.ben) == clock.now + timedelta(minutes=10)
    [pause] = rows(desk, pause_rows)
    assert (pause.person_id, pause.counts) == (example.ben, {"right": 2, "unknown": 1})
    clock.advance(timedelta(minutes=10))
    refused(few, example.ben)
    assert len(rows(desk, pause_rows)) == 1


def test_the_same_refusal_within_a_minute_is_recorded_once_and_counted_each_time(
    desk: Desk, example: Example
) -> None:
    few = limited(desk, refusals_most=5)
    for _ in range(5):
        refused(few, example.ben)

    assert len([each for each in rows(desk, audit_entries) if each.action == "refused:release"]) == 1
    assert len(rows(desk, attempts)) == 5
    assert paused_until(desk, example.ben)


def test_refusals_further_apart_than_the_period_are_not_too_many(
    desk: Desk, example: Example, clock: Clock
) -> None:
    few = limited(desk, refusals_most=2, refusals_period=timedelta(minutes=10))
    for _ in range(4):
        refused(few, example.ben)
        clock.advance(timedelta(minutes=10))

    assert paused_until(desk, example.ben) is None


def test_what_says_how_things_are_is_no_failed_attempt(desk: Desk, example: Example) -> None:
    few = limited(desk, refusals_most=1)
    free = NoSlotFree(example.core, "Acme Core", EnvironmentType.PRODUCTION, (), (), ("Jo", "jo@x.example"))

    refused(few, example.ben, free)

    assert rows(desk, attempts) == []


@pytest.mark.parametrize("source", ["command", "workflow", "mail", "import", "schedule"])
def test_only_what_is_tried_in_slack_is_counted(desk: Desk, example: Example, source: str) -> None:
    few = limited(desk, refusals_most=1)
    record_refusal(few, Actor(example.ben, source), NotAssociated(), "ask")
    record_refusal(few, Actor(None), NotAssociated(), "visit")

    assert rows(desk, attempts) == []


def test_refusals_of_many_at_once_begin_one_pause(desk: Desk, example: Example) -> None:
    few = limited(desk, refusals_most=10)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: refused(few, example.ben), range(20)))

    [pause] = rows(desk, pause_rows)
    assert sum(pause.counts.values()) == 10
    with desk.database.read() as connection:
        assert list(audit_check.verify(connection)) == []


def test_the_operators_are_told_of_a_pause_once(desk: Desk, example: Example, clock: Clock) -> None:
    few = limited(desk, refusals_most=2)
    refused(few, example.ben)
    assert pauses.tell_due(few) == 0
    for _ in range(3):
        refused(few, example.ben)

    assert pauses.tell_due(few) == 1
    assert pauses.tell_due(few) == 0

    assert told(desk) == [(example.olga, None)]
    [entry] = [each for each in rows(desk, audit_entries) if each.action == "pause_person"]
    assert (entry.subject, entry.facts) == (f"person {example.ben}", {"right": 2})


def test_the_operators_are_told_in_their_channel_and_directly_when_it_is_lost(
    desk: Desk, example: Example, clock: Clock
) -> None:
    few = limited(desk, refusals_most=1, operators_channel="C0OPS")
    refused(few, example.ben)
    pauses.tell_due(few)
    assert told(desk) == [(None, "C0OPS")]

    [delivery] = [each for each in claim(desk, "lease", 10, 60) if each.notice == "refused_often"]
    fail(desk, COURIER, delivery, "channel_not_found")

    assert told(desk) == [(None, "C0OPS"), (example.olga, None)]


def test_failed_attempts_are_forgotten_after_a_day(desk: Desk, example: Example, clock: Clock) -> None:
    refused(desk, example.ben)
    clock.advance(timedelta(hours=23))
    refused(desk, example.rui)
    clock.advance(timedelta(hours=2))

    assert pauses.forget_attempts(desk) == 1
    assert pauses.forget_attempts(desk) == 0
    assert [each.person_id for each in rows(desk, attempts)] == [example.rui]


def test_an_intention_that_is_refused_is_counted_too(desk: Desk, example: Example) -> None:
    place = registered(desk, example.ben, example.production[0])
    with pytest.raises(NoRight):
        releases.release(desk, Actor(example.ben), place, "gone")

    assert [(each.person_id, each.kind) for each in rows(desk, attempts)] == [(example.ben, "right")]
