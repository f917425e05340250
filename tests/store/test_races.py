"""Races about requests: threads on a real database, SQLite and PostgreSQL."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert, select, update

import store.deliveries
from store import audit_check, decisions, deliverability, releases, requests
from store.desk import Actor, Desk
from store.escalation import ITSELF
from store.registrations import change_serial
from store.rules.errors import DeskError
from store.rules.registration_errors import NotRegistered, SerialReserved
from store.rules.request_errors import AlreadyDecided
from store.tables import asked, deliveries, persons, request_items, roles
from store.tables import registrations as registration_rows
from store.tables import requests as request_rows
from tests.conftest import Clock
from tests.example import START, Example, serial
from tests.store.requesting import (
    ask,
    card_targets,
    change,
    count,
    entries,
    first_posted,
    make_key,
    nobody_reached,
    put,
    queued,
    registered,
    registration_state,
    seen,
    states,
    told,
)

Answer = object


def at_once(steps: Sequence[Callable[[], object]]) -> list[Answer]:
    """Run every step in a thread of its own, all beginning together; give each answer or refusal in order."""
    start, answers = Barrier(len(steps)), [None] * len(steps)

    def run(index: int, step: Callable[[], object]) -> None:
        start.wait()
        try:
            answers[index] = step()  # type: ignore[call-overload] # each thread fills its own place
        except DeskError as refused:
            answers[index] = refused  # type: ignore[call-overload] # as above

    threads = [Thread(target=run, args=each) for each in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in answers, "a thread ended without an answer"
    return list(answers)


def contacts(desk: Desk, example: Example, number: int) -> list[int]:
    """Additional contacts of `core`, in Slack."""
    with desk.database.write() as connection:
        people = [
            {"workspace_id": example.workspace, "slack_id": f"U0CONTACT{each}", "name": f"Contact {each}"}
            for each in range(number)
        ]
        ids = list(connection.execute(insert(persons).returning(persons.c.id), people).scalars())
        held = {"role": "additional_contact", "infrastructure_id": example.core, "held_from": START}
        connection.execute(insert(roles), [{**held, "person_id": each} for each in ids])
    return ids


def forwarding(desk: Desk, person: int, request: int) -> Callable[[], object]:
    return lambda: decisions.forward(desk, Actor(person), request)


def report_nobody_reached(desk: Desk, request: int) -> bool:
    nobody_reached(desk, request)
    return True


def file_arrives(desk: Desk, delivery_id: int) -> bool:
    """As the courier does: the license is made, and then Slack has shared the file."""
    with desk.database.read() as connection:
        delivery = store.deliveries.get(connection, delivery_id)
    deliverability.prepare(desk, ITSELF, delivery)
    deliverability.shared(desk, ITSELF, delivery)
    return True


def chains_hold(desk: Desk) -> bool:
    with desk.database.read() as connection:
        return list(audit_check.verify(connection)) == []


def test_of_twenty_contacts_who_click_at_once_one_decides_and_nineteen_are_told(
    desk: Desk, example: Example
) -> None:
    people = contacts(desk, example, 20)
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    answers = at_once([forwarding(desk, each, request) for each in people])
    winners = [
        each for each, answer in zip(people, answers, strict=True) if not isinstance(answer, DeskError)
    ]
    losers = [each for each in answers if isinstance(each, AlreadyDecided)]
    assert (len(winners), len(losers)) == (1, 19)
    assert {each.decider and each.decider.id for each in losers} == set(winners)
    [item] = seen(desk, request).items
    assert item.decider is not None
    assert [item.decider.id] == winners
    assert len(queued(desk, "file")) == 1
    assert told(desk, "forwarded") == []
    assert seen(desk, request).version == 2
    assert len(entries(desk, "forward")) == 1
    assert chains_hold(desk)


def test_forwarding_and_declining_at_once_is_one_of_both(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    answers = at_once(
        [
            forwarding(desk, example.rui, request),
            lambda: decisions.decline(desk, Actor(example.fiona), request, None, "no"),
        ]
    )
    assert len([each for each in answers if isinstance(each, AlreadyDecided)]) == 1
    assert len(queued(desk, "file")) == (1 if states(desk, request) == ["forwarded"] else 0)


def test_withdrawing_and_forwarding_at_once_is_one_of_both(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    [item] = seen(desk, request).items
    answers = at_once(
        [
            forwarding(desk, example.rui, request),
            lambda: requests.withdraw(desk, Actor(example.ana), item.id),
        ]
    )
    assert len([each for each in answers if isinstance(each, AlreadyDecided)]) == 1
    assert states(desk, request) in (["forwarded"], ["withdrawn"])


def test_asking_twice_at_once_gives_one_pending_item(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    answers = at_once([lambda: ask(desk, example.ana, registration)] * 8)
    assert sorted(len(each.put) for each in answers) == [0] * 7 + [1]  # type: ignore[attr-defined] # all are outcomes
    assert (count(desk, request_items), count(desk, request_rows)) == (1, 1)


@pytest.mark.parametrize("who", ["ana", "rui"])
def test_one_form_delivered_several_times_at_once_is_one_request(
    desk: Desk, example: Example, who: str
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    person = getattr(example, who)
    answers = at_once([lambda: ask(desk, person, registration, key="V0FORM")] * 8)
    assert len({each.request_id for each in answers}) == 1  # type: ignore[attr-defined] # all are outcomes
    assert (count(desk, request_items), count(desk, request_rows)) == (1, 1)
    assert len(queued(desk, "file")) == (1 if who == "rui" else 0)


def test_nothing_stays_pending_on_what_is_released_at_the_same_time(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    answers = at_once(
        [
            lambda: ask(desk, example.ana, registration),
            lambda: ask(desk, example.ben, registration),
            lambda: releases.release(desk, Actor(example.tom), registration, "gone"),
        ]
    )
    assert [
        each for each in answers if isinstance(each, DeskError) and not isinstance(each, NotRegistered)
    ] == []
    with desk.database.read() as connection:
        assert "pending" not in connection.execute(select(request_items.c.state)).scalars().all()


def test_releasing_and_forwarding_at_once_leaves_no_half_state(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    made = [put(desk, each, registration) for each in (example.ana, example.ben)]
    at_once(
        [
            *(forwarding(desk, example.rui, each) for each in made),
            lambda: releases.release(desk, Actor(example.tom), registration, "gone"),
        ]
    )
    assert registration_state(desk, registration) == "ended"
    for each in made:
        assert states(desk, each) in (["forwarded"], ["closed"])
    assert chains_hold(desk)


def test_of_two_serial_changes_forwarded_at_once_one_is_carried_out(desk: Desk, example: Example) -> None:
    make_key(desk)
    registration = registered(desk, example.ana, example.quality[0])
    made = [
        requests.ask_serial_change(desk, Actor(person), registration, serial(number), "moved").request_id
        for person, number in ((example.ana, 2), (example.ben, 3))
    ]
    answers = at_once([forwarding(desk, example.rui, each) for each in made if each])
    assert len([each for each in answers if isinstance(each, AlreadyDecided)]) == 1
    assert sorted(states(desk, each or 0)[0] for each in made) == ["closed", "forwarded"]
    assert registration_state(desk, registration) == "ended"


def test_of_two_direct_serial_changes_of_one_slot_at_once_the_second_finds_another_registration(
    desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    answers = at_once(
        [
            partial(change_serial, desk, Actor(person), registration, serial(number))
            for person, number in ((example.rui, 2), (example.tom, 3))
        ]
    )
    assert len([each for each in answers if isinstance(each, NotRegistered)]) == 1
    with desk.database.read() as connection:
        query = select(registration_rows.c.serial).where(registration_rows.c.state == "open")
        assert connection.execute(query).scalar_one() in {serial(2), serial(3)}
    assert chains_hold(desk)


def test_one_serial_asked_for_twice_at_once_is_reserved_once(desk: Desk, example: Example) -> None:
    one = registered(desk, example.ana, example.quality[0], 1)
    two = registered(desk, example.ana, example.quality[1], 2)
    answers = at_once(
        [
            lambda: requests.ask_serial_change(desk, Actor(example.ana), one, serial(3), "moved"),
            lambda: requests.ask_serial_change(desk, Actor(example.ben), two, serial(3), "moved"),
        ]
    )
    assert len([each for each in answers if isinstance(each, SerialReserved)]) == 1
    assert count(desk, request_rows) == 1


def test_two_couriers_who_report_the_same_step_move_it_once(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    change(desk, update(asked).where(asked.c.request_id == request).values(reached=False))
    at_once([partial(report_nobody_reached, desk, request)] * 4)
    assert seen(desk, request).version == 2
    assert card_targets(desk, request, 2) == {example.channel}
    assert len(entries(desk, "put_to_next_step")) == 1


def test_two_schedules_expire_a_request_once(desk: Desk, example: Example, clock: Clock) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    first_posted(desk, request)
    clock.advance(desk.policy.request_expiry)
    answers = at_once([lambda: requests.expire_due(desk)] * 4)
    assert sorted(answers, key=str) == [0, 0, 0, 1]
    assert told(desk, "expired") == [example.ana]


def test_sending_again_twice_at_once_sends_one_file(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    [item] = decisions.forward(desk, Actor(example.rui), request).decided
    change(desk, update(deliveries).values(state="sent"))
    at_once([lambda: requests.send_again(desk, Actor(example.ana), item)] * 12)
    assert len(queued(desk, "file")) == 2
    assert len(entries(desk, "send_again")) == 1


@pytest.mark.parametrize("attempt", range(4))
def test_everything_that_can_happen_to_one_request_at_once_ends_without_a_deadlock(
    desk: Desk, example: Example, attempt: int
) -> None:
    make_key(desk)
    found = [registered(desk, example.ana, slot, slot) for slot in example.production]
    mine, other = put(desk, example.ana, *found), put(desk, example.ben, *found)
    first, second, third = (each.id for each in seen(desk, mine).items)
    decisions.forward(desk, Actor(example.rui), mine, [first])
    [file] = queued(desk, "file")
    answers = at_once(
        [
            partial(file_arrives, desk, file.id),
            lambda: decisions.forward(desk, Actor(example.fiona), mine, [second]),
            lambda: decisions.decline(desk, Actor(example.ada), mine, None, "no"),
            forwarding(desk, example.tom, other),
            lambda: requests.withdraw(desk, Actor(example.ana), third),
            lambda: releases.release(desk, Actor(example.tom), found[1], "gone"),
            lambda: releases.release(desk, Actor(example.tom), found[2], "gone"),
        ]
    )
    assert {type(each) for each in answers if isinstance(each, DeskError)} <= {AlreadyDecided}
    assert "pending" not in states(desk, mine) + states(desk, other)
    assert chains_hold(desk)
