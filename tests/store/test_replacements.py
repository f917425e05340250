"""An environment released and another registered in its place: both or nothing, on both databases."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from store import releases
from store.desk import Actor, Desk
from store.replacements import Replaced, release_and_register
from store.rules.registration_errors import (
    NotRegistered,
    ReleaseNeedsOperators,
    SameSerial,
    SerialElsewhere,
    SerialInOtherSlot,
    TermEnded,
    VersionNotEntitled,
)
from store.rules.request_errors import ReasonMissing
from store.rules.seeing_errors import NoRight, NotAssociated
from store.tables import audit_entries, deliveries, infrastructures, registrations, subscriptions
from tests.example import START, Example, serial
from tests.store.requesting import VERSION, change, put, registered, states
from tests.store.test_races import at_once


def replaced(
    desk: Desk, person: int, registration: int, number: int = 9, version: str = VERSION, reason: str = "gone"
) -> Replaced:
    return release_and_register(desk, Actor(person), registration, serial(number), version, reason)


def rows(desk: Desk) -> list[tuple[str, str]]:
    """Serial numbers with their states, in the order in which they were registered."""
    query = select(registrations.c.serial, registrations.c.state).order_by(registrations.c.id)
    with desk.database.read() as connection:
        return [(row.serial, row.state) for row in connection.execute(query)]


def recorded(desk: Desk) -> list[Any]:
    query = select(audit_entries).order_by(audit_entries.c.id)
    with desk.database.read() as connection:
        return list(connection.execute(query).all())


def told(desk: Desk, notice: str) -> set[int]:
    query = select(deliveries.c.person_id).where(deliveries.c.notice == notice)
    with desk.database.read() as connection:
        return set(connection.execute(query).scalars())


def test_the_new_one_takes_the_slot_of_the_old_one(desk: Desk, example: Example) -> None:
    old = registered(desk, example.ben, example.management[0])

    made = replaced(desk, example.tom, old)

    assert rows(desk) == [(serial(1), "ended"), (serial(9), "open")]
    assert made.registered.environment.slot_id == example.management[0]
    assert made.registered.undo_until is not None


def test_both_are_recorded_and_told(desk: Desk, example: Example) -> None:
    old = registered(desk, example.ben, example.management[0])

    replaced(desk, example.tom, old)

    assert [each.action for each in recorded(desk)] == ["register", "release", "register"]
    assert {each.actor_id for each in recorded(desk)[1:]} == {example.tom}
    assert told(desk, "released") == {example.rui, example.ben}
    assert told(desk, "registered") == {example.rui}


def test_what_waits_for_the_old_one_is_closed(desk: Desk, example: Example) -> None:
    old = registered(desk, example.ben, example.management[0])
    request = put(desk, example.ben, old)

    replaced(desk, example.tom, old)

    assert states(desk, request) == ["closed"]


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"number": 1}, SameSerial),
        ({"number": 2}, SerialInOtherSlot),
        ({"number": 3}, SerialElsewhere),
        ({"version": "12.0.0"}, VersionNotEntitled),
        ({"reason": " "}, ReasonMissing),
    ],
)
def test_when_one_of_both_cannot_be_done_nothing_is(
    desk: Desk, example: Example, given: dict[str, Any], refused: type[Exception]
) -> None:
    old = registered(desk, example.ben, example.management[0], 1)
    registered(desk, example.ben, example.quality[0], 2)
    registered(desk, example.otto, example.globex_production[0], 3)
    before = rows(desk)

    with pytest.raises(refused):
        replaced(desk, example.tom, old, **given)

    assert rows(desk) == before
    assert told(desk, "released") == set()


@pytest.mark.parametrize("who", ["ana", "fiona", "ada", "max"])
def test_who_may_not_release_may_not_replace(desk: Desk, example: Example, who: str) -> None:
    old = registered(desk, example.ben, example.management[0])

    with pytest.raises(NoRight):
        replaced(desk, getattr(example, who), old)

    assert rows(desk) == [(serial(1), "open")]


def test_somebody_of_another_company_learns_nothing(desk: Desk, example: Example) -> None:
    with pytest.raises(NotAssociated):
        replaced(desk, example.nina, registered(desk, example.ben, example.management[0]))


def test_in_a_flagged_infrastructure_only_operators_do_it_in_one_step(desk: Desk, example: Example) -> None:
    change(desk, update(infrastructures).where(infrastructures.c.id == example.core).values(flagged=True))
    old = registered(desk, example.ben, example.management[0])

    with pytest.raises(ReleaseNeedsOperators):
        replaced(desk, example.tom, old)
    replaced(desk, example.olga, old)

    assert rows(desk) == [(serial(1), "ended"), (serial(9), "open")]


def test_after_the_term_nothing_is_registered_and_so_nothing_released(desk: Desk, example: Example) -> None:
    old = registered(desk, example.ben, example.management[0])
    change(desk, update(subscriptions).values(ends_at=START.replace(month=1), grace_days=0))

    with pytest.raises(TermEnded):
        replaced(desk, example.tom, old)

    assert rows(desk) == [(serial(1), "open")]


def test_the_same_submission_again_is_the_same_answer(desk: Desk, example: Example) -> None:
    old = registered(desk, example.ben, example.management[0])
    first = replaced(desk, example.tom, old)

    again = replaced(desk, example.tom, old)

    assert again.registered.again
    assert again.registered.environment == first.registered.environment
    assert len(rows(desk)) == 2


def test_what_was_released_meanwhile_is_not_replaced(desk: Desk, example: Example) -> None:
    old = registered(desk, example.ben, example.management[0])
    releases.release(desk, Actor(example.tom), old, "gone")

    with pytest.raises(NotRegistered):
        replaced(desk, example.eva, old)

    assert rows(desk) == [(serial(1), "ended")]


def test_of_several_who_replace_one_at_once_one_wins_and_the_others_are_told(
    desk: Desk, example: Example
) -> None:
    old = registered(desk, example.ben, example.management[0])
    steps = [partial(replaced, desk, example.tom, old, number) for number in range(10, 16)]

    answers = at_once(steps)

    assert len([each for each in answers if isinstance(each, Replaced)]) == 1
    assert len([each for each in answers if isinstance(each, NotRegistered)]) == 5
    assert sorted(state for _, state in rows(desk)) == ["ended", "open"]
