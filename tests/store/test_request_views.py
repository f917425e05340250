"""Requests as people see them: lists, numbers and what is unusual; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from store import registrations, requests
from store.desk import Actor, Desk
from store.request_views import mine, waiting_for
from store.rules.environments import EnvironmentType
from store.rules.request_states import NumberMalformed, request_id, request_number
from store.rules.unusual import UnusualKind
from store.tables import stand_ins
from tests.conftest import Clock
from tests.example import START, Example, serial
from tests.store.requesting import (
    change,
    deactivate,
    everybody_asked,
    put,
    registered,
    seen,
)


def test_a_person_sees_their_own_requests_newest_first(desk: Desk, example: Example) -> None:
    made = [
        put(desk, example.ana, registered(desk, example.ana, slot, number))
        for number, slot in enumerate(example.production, start=1)
    ]
    put(desk, example.ben, registered(desk, example.ben, example.quality[0], 9))
    with desk.database.read() as connection:
        assert [each.id for each in mine(connection, example.ana)] == made[::-1]
        assert [each.id for each in mine(connection, example.ana, limit=1)] == made[-1:]


def test_what_waits_is_listed_for_all_who_may_decide_and_nobody_else(desk: Desk, example: Example) -> None:
    request = put(desk, example.ada, registered(desk, example.ana, example.quality[0]))
    people = {
        name: getattr(example, name)
        for name in ("ana", "rui", "fiona", "ada", "tom", "eva", "max", "olga", "otto", "nina")
    }
    with desk.database.read() as connection:
        listed = {name for name, person in people.items() if waiting_for(connection, person, desk.clock())}
    assert listed == {"rui", "fiona", "tom", "eva"}
    requests.withdraw(desk, Actor(example.ada), seen(desk, request).items[0].id)
    with desk.database.read() as connection:
        assert waiting_for(connection, example.rui, desk.clock()) == []


def test_what_waits_is_listed_for_a_stand_in_from_date_to_date(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    values = {"contact_id": example.rui, "person_id": example.ben, "infrastructure_id": example.core}
    day = timedelta(days=1)
    change(desk, insert(stand_ins).values(starts_at=START + day, ends_at=START + 2 * day, **values))
    with desk.database.read() as connection:
        listed = [waiting_for(connection, example.ben, START + day * each) for each in (0, 1, 2)]
    assert [[each.id for each in found] for found in listed] == [[], [request], []]


def test_nothing_waits_for_somebody_who_is_no_longer_active(desk: Desk, example: Example) -> None:
    put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    deactivate(desk, example.rui)
    with desk.database.read() as connection:
        assert waiting_for(connection, example.rui, desk.clock()) == []


def test_what_reached_the_operators_waits_for_them(desk: Desk, example: Example) -> None:
    deactivate(desk, *everybody_asked(example)[:-1])
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    with desk.database.read() as connection:
        assert [each.id for each in waiting_for(connection, example.olga, desk.clock())] == [request]


def test_the_card_points_out_what_is_unusual(desk: Desk, example: Example, clock: Clock) -> None:
    registration = registered(desk, example.ana, example.production[0], 1)
    first = put(desk, example.ana, registration)
    assert [each.kind for each in seen(desk, first).unusual] == [
        UnusualKind.FIRST_REQUEST,
        UnusualKind.PRODUCTION,
    ]
    changed = registrations.change_serial(desk, Actor(example.tom), registration, serial(2))
    assert changed.environment.registration is not None
    changed_at = clock.now
    clock.advance(timedelta(days=29))
    second = put(desk, example.ana, changed.environment.registration.id)
    found = seen(desk, second).unusual
    assert [(each.kind, each.names, each.at) for each in found] == [
        (UnusualKind.PRODUCTION, ("Prod 1",), None),
        (UnusualKind.SERIAL_CHANGED, ("Prod 1",), changed_at),
    ]
    clock.advance(timedelta(days=1))
    third = put(desk, example.ben, changed.environment.registration.id)
    assert UnusualKind.SERIAL_CHANGED not in {each.kind for each in seen(desk, third).unusual}


def test_numbers_are_read_with_and_without_their_letter() -> None:
    assert request_number(42) == "R-1042"
    assert [request_id(each) for each in ("R-1042", "r1042", " 1042 ")] == [42, 42, 42]
    for typed in ("R-1000", "R-12", "", "RR-1042", "R-10x2"):
        with pytest.raises(NumberMalformed):
            request_id(typed)


def test_every_environment_of_a_request_is_shown_with_its_type(desk: Desk, example: Example) -> None:
    one = registered(desk, example.ana, example.management[0], 1)
    two = registered(desk, example.ana, example.development[0], 2)
    items = seen(desk, put(desk, example.ana, one, two)).items
    assert [each.environment.environment_type for each in items] == [
        EnvironmentType.MANAGEMENT,
        EnvironmentType.DEVELOPMENT,
    ]
