"""The queue: once per occasion, in order within a lane, held by leases, claimed by one courier each."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert, select, text

from store import deliveries as queue
from store import delivery_claims
from store.deliveries import Delivery, queue_notice
from store.delivery_claims import COURIER, LeaseLost
from store.desk import Act, Actor, Desk, intention
from store.rules.errors import Refusal
from store.tables import deliveries
from tests.conftest import Clock
from tests.example import Example
from tests.store.requesting import card_targets, entries, put, registered


@intention
def notify(act: Act, person_id: int, occasions: Collection[str], due_at: datetime | None = None) -> None:
    for occasion in occasions:
        queue_notice(act, "registered", person_id, occasion, due_at=due_at)


@intention
def notify_and_refuse(act: Act, person_id: int) -> None:
    queue_notice(act, "registered", person_id, "never")
    raise Refusal


def claim(desk: Desk, limit: int = 10, seconds: float = 60, lease: str = "one") -> list[Delivery]:
    return delivery_claims.claim(desk, lease, limit, seconds)


def finish(desk: Desk, *claimed: Delivery) -> None:
    for each in claimed:
        delivery_claims.sent_alone(desk, COURIER, each)


def occasions(claimed: Collection[Delivery]) -> list[str]:
    return [each.occasion for each in claimed]


def all_rows(desk: Desk) -> list[Delivery]:
    with desk.database.read() as connection:
        return queue.listing(connection)[::-1]


def test_an_occasion_happens_once(desk: Desk, example: Example) -> None:
    notify(desk, COURIER, example.ana, ["one"])
    notify(desk, COURIER, example.ana, ["one"])
    assert occasions(all_rows(desk)) == ["one"]


def test_what_is_refused_queues_nothing(desk: Desk, example: Example) -> None:
    with pytest.raises(Refusal):
        notify_and_refuse(desk, COURIER, example.ana)
    assert all_rows(desk) == []


def test_a_commit_that_queued_something_wakes_and_others_do_not(desk: Desk, example: Example) -> None:
    woken: list[int] = []
    desk.database.on_wake(lambda: woken.append(len(all_rows(desk))))
    notify(desk, COURIER, example.ana, [])
    assert woken == []
    notify(desk, COURIER, example.ana, ["one"])
    assert woken == [1]
    notify(desk, COURIER, example.ana, ["one"])
    assert woken == [1]


def test_only_the_first_of_a_lane_is_claimed(desk: Desk, example: Example) -> None:
    notify(desk, COURIER, example.ana, ["a1", "a2"])
    notify(desk, COURIER, example.ben, ["b1"])
    first = claim(desk)
    assert occasions(first) == ["a1", "b1"]
    assert claim(desk) == []
    finish(desk, *first)
    assert occasions(claim(desk)) == ["a2"]


def test_a_postponed_first_one_holds_up_its_lane(desk: Desk, example: Example, clock: Clock) -> None:
    notify(desk, COURIER, example.ana, ["a1", "a2"])
    [held] = claim(desk)
    delivery_claims.postpone(desk, held, clock.now + timedelta(seconds=30), "ratelimited")
    assert claim(desk) == []
    clock.advance(timedelta(seconds=30))
    assert occasions(claim(desk)) == ["a1"]


def test_a_failed_first_one_lets_its_lane_go_on(desk: Desk, example: Example) -> None:
    notify(desk, COURIER, example.ana, ["a1", "a2"])
    [held] = claim(desk)
    with desk.database.write() as connection:
        delivery_claims.failed(Act(connection, desk.clock(), COURIER, desk), held, "is_archived")
    assert occasions(claim(desk)) == ["a2"]


def test_one_that_only_waits_for_an_answer_lets_its_lane_go_on(
    desk: Desk, example: Example, clock: Clock
) -> None:
    notify(desk, COURIER, example.ana, ["a1", "a2"])
    [held] = claim(desk)
    delivery_claims.wait_apart(desk, held, clock.now + timedelta(seconds=5))
    assert occasions(claim(desk)) == ["a2"]


def test_nothing_is_claimed_before_it_is_due(desk: Desk, example: Example, clock: Clock) -> None:
    notify(desk, COURIER, example.ana, ["later"], clock.now + timedelta(hours=1))
    assert claim(desk) == []
    clock.advance(timedelta(hours=1))
    assert occasions(claim(desk)) == ["later"]


def test_the_oldest_are_claimed_first_and_no_more_than_asked_for(
    desk: Desk, example: Example, clock: Clock
) -> None:
    for number, person in enumerate([example.ana, example.ben, example.rui]):
        notify(desk, COURIER, person, [f"n{number}"])
        clock.advance(timedelta(seconds=1))
    assert occasions(claim(desk, limit=2)) == ["n0", "n1"]
    assert occasions(claim(desk, limit=2)) == ["n2"]


def test_a_lease_ends_by_itself_and_attempts_are_counted(desk: Desk, example: Example, clock: Clock) -> None:
    notify(desk, COURIER, example.ana, ["one"])
    begun = clock.now
    [held] = claim(desk, seconds=60)
    clock.advance(timedelta(seconds=59))
    assert claim(desk, lease="two") == []
    clock.advance(timedelta(seconds=1))
    [again] = claim(desk, lease="two")
    assert (held.attempts, again.attempts) == (1, 2)
    assert again.first_attempt_at == begun


def test_a_step_is_kept_and_prolongs_the_lease(desk: Desk, example: Example, clock: Clock) -> None:
    notify(desk, COURIER, example.ana, ["one"])
    [held] = claim(desk, seconds=60)
    clock.advance(timedelta(seconds=50))
    held = delivery_claims.keep_step(desk, held, 60, file="F1")
    held = delivery_claims.keep_step(desk, held, 60, channel="D1")
    clock.advance(timedelta(seconds=50))
    assert claim(desk, lease="two") == []
    clock.advance(timedelta(seconds=10))
    [again] = claim(desk, lease="two")
    assert again.steps == {"file": "F1", "channel": "D1"}


def test_whoever_lost_the_lease_can_write_nothing(desk: Desk, example: Example, clock: Clock) -> None:
    notify(desk, COURIER, example.ana, ["one"])
    [held] = claim(desk)
    clock.advance(timedelta(seconds=60))
    claim(desk, lease="two")
    later = clock.now + timedelta(seconds=5)
    for attempt in (
        lambda: delivery_claims.keep_step(desk, held, 60, file="F1"),
        lambda: delivery_claims.postpone(desk, held, later, "no_answer"),
        lambda: delivery_claims.wait(desk, held, later),
        lambda: delivery_claims.sent_alone(desk, COURIER, held),
    ):
        with pytest.raises(LeaseLost):
            attempt()
    [row] = all_rows(desk)
    assert (row.state, row.lease, row.error, row.steps) == ("queued", "two", None, {})


def test_returned_leases_are_free_at_once_and_count_as_no_attempt(desk: Desk, example: Example) -> None:
    notify(desk, COURIER, example.ana, ["one"])
    delivery_claims.release(desk, claim(desk))
    [again] = claim(desk, lease="two")
    assert again.attempts == 1


def test_waiting_is_no_failed_attempt(desk: Desk, example: Example, clock: Clock) -> None:
    notify(desk, COURIER, example.ana, ["one"])
    [held] = claim(desk)
    delivery_claims.wait(desk, held, clock.now)
    [again] = claim(desk)
    assert again.attempts == 1


def test_couriers_that_claim_at_once_get_different_deliveries(desk: Desk, example: Example) -> None:
    people = [
        example.ana,
        example.ben,
        example.rui,
        example.fiona,
        example.ada,
        example.tom,
        example.eva,
        example.max,
    ]
    for person in people:
        notify(desk, COURIER, person, [f"first {person}", f"second {person}"])
    start, claimed = Barrier(4), list[str]()

    def take(number: int) -> None:
        start.wait()
        for turn in range(4):
            claimed.extend(occasions(claim(desk, limit=2, lease=f"{number}:{turn}")))

    threads = [Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(f"first {person}" for person in people)


def test_a_long_queue_does_not_slow_a_claim(desk: Desk, example: Example, clock: Clock) -> None:
    row = {"kind": "notice", "facts": {}, "steps": {}, "created_at": clock.now, "due_at": clock.now}
    far = {**row, "due_at": clock.now + timedelta(days=1)}
    rows = [{**far, "occasion": f"far {number}", "lane": f"lane {number % 1000}"} for number in range(20_000)]
    with desk.database.write() as connection:
        connection.execute(insert(deliveries), rows)
        connection.execute(insert(deliveries), [{**row, "occasion": "now", "lane": "lane of its own"}])
    plan = _plan(desk)
    assert "ix_deliveries_due" in plan
    assert "ix_deliveries_lane" in plan
    assert occasions(claim(desk)) == ["now"]


def test_failed_ones_are_queued_again_by_those_who_retry_them(
    desk: Desk, example: Example, clock: Clock
) -> None:
    notify(desk, COURIER, example.ana, ["one"])
    notify(desk, COURIER, example.ben, ["two"])
    for held in claim(desk):
        with desk.database.write() as connection:
            delivery_claims.failed(Act(connection, clock.now, COURIER, desk), held, "is_archived")
    first, second = all_rows(desk)
    assert delivery_claims.retry(desk, Actor(example.olga, "command"), [first.id]) == [first.id]
    assert occasions(claim(desk)) == ["one"]
    assert delivery_claims.retry(desk, Actor(example.olga, "command"), []) == [second.id]
    assert delivery_claims.retry(desk, Actor(example.olga, "command"), [second.id]) == []
    assert [entry.subject for entry in entries(desk, "delivery_retried")] == [
        f"delivery {first.id}",
        f"delivery {second.id}",
    ]


def test_the_oldest_due_one_is_known(desk: Desk, example: Example, clock: Clock) -> None:
    begun = clock.now
    with desk.database.read() as connection:
        assert queue.oldest_due(connection, clock.now) is None
    notify(desk, COURIER, example.ana, ["one"])
    notify(desk, COURIER, example.ben, ["later"], clock.now + timedelta(days=1))
    clock.advance(timedelta(minutes=3))
    with desk.database.read() as connection:
        assert queue.oldest_due(connection, clock.now) == begun


def test_a_card_is_queued_for_the_channel_and_for_each_person_who_is_not_in_it(
    desk: Desk, example: Example
) -> None:
    request_id = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert card_targets(desk, request_id, 1) == {example.channel, example.ada}


def test_a_delivery_reads_as_it_was_written(desk: Desk, example: Example, clock: Clock) -> None:
    with desk.database.write() as connection:
        act = Act(connection, clock.now, COURIER, desk)
        queue_notice(act, "released", example.rui, "one", reason="gone", actor_id=7)
        [delivery_id] = connection.execute(select(deliveries.c.id)).scalars()
        read = queue.get(connection, delivery_id)
    assert (read.kind, read.notice, read.person_id) == ("notice", "released", example.rui)
    assert read.lane == f"person:{example.rui}"
    assert read.facts == {"reason": "gone", "actor_id": 7}
    assert replace(read, attempts=0) == read


def _plan(desk: Desk) -> str:
    now = desk.clock()
    statement = delivery_claims.claiming(now, "lease", 8, now + timedelta(seconds=60))
    prefix = "EXPLAIN QUERY PLAN " if desk.database.is_sqlite else "EXPLAIN "
    with desk.database.write() as connection:
        if not desk.database.is_sqlite:
            connection.execute(text("ANALYZE deliveries"))
        compiled = statement.compile(connection.engine, compile_kwargs={"literal_binds": True})
        return str(connection.exec_driver_sql(prefix + str(compiled)).all())
