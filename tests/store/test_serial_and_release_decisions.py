"""Deciding serial changes, and releases of flagged infrastructures; on both databases."""

import pytest
from sqlalchemy import select

from store import decisions, requests
from store.decisions import Decision
from store.desk import Actor, Desk
from store.new_requests import Outcome
from store.rules.request_errors import (
    MayNotDecide,
)
from store.slots import environment_of
from store.tables import licenses
from store.tables import registrations as registration_rows
from tests.example import Example, serial
from tests.store.requesting import (
    make_key,
    put,
    queued,
    registered,
    registration_state,
    seen,
    states,
    told,
)


def forward(desk: Desk, person: int, request: int, *item_ids: int) -> Decision:
    return decisions.forward(desk, Actor(person), request, item_ids or None)


def changing_serial(desk: Desk, example: Example, person: int, number: int) -> Outcome:
    make_key(desk)
    with desk.database.read() as connection:
        query = select(registration_rows.c.id).where(registration_rows.c.state == "open")
        registration = connection.execute(query).scalar_one()
    return requests.ask_serial_change(desk, Actor(person), registration, serial(number), "moved")


def test_a_forwarded_serial_change_releases_registers_and_licenses_in_one_step(
    desk: Desk, example: Example
) -> None:
    old = registered(desk, example.ana, example.quality[0])
    outcome = changing_serial(desk, example, example.ana, 2)
    decision = forward(desk, example.rui, outcome.request_id or 0)
    [item] = decision.request.items
    with desk.database.read() as connection:
        query = select(registration_rows.c.id).where(registration_rows.c.state == "open")
        new = connection.execute(query).scalar_one()
        made = connection.execute(select(licenses)).one()
        assert environment_of(connection, new).slot_name == "Quality 1"
    assert registration_state(desk, old) == "ended"
    assert (item.serial, item.new_serial, item.license_id) == (serial(1), serial(2), made.id)
    assert made.registration_id == new
    assert [each.item_id for each in queued(desk, "file")] == [item.id]
    assert set(told(desk, "serial_changed")) == {example.ana}


def test_a_forwarded_serial_change_closes_what_else_was_pending(desk: Desk, example: Example) -> None:
    old = registered(desk, example.ana, example.quality[0])
    license_request = put(desk, example.ben, old)
    rival = changing_serial(desk, example, example.ada, 3)
    outcome = changing_serial(desk, example, example.ana, 2)
    forward(desk, example.rui, outcome.request_id or 0)
    for request in (license_request, rival.request_id or 0):
        assert [str(each.cause) for each in seen(desk, request).items] == ["serial_changed"]
    with desk.database.read() as connection:
        left = connection.execute(
            select(registration_rows.c.serial).where(registration_rows.c.state != "ended")
        ).scalars()
        assert list(left) == [serial(2)]


def test_a_declined_serial_change_leaves_the_environment_and_gives_the_serial_back(
    desk: Desk, example: Example
) -> None:
    old = registered(desk, example.ana, example.quality[0])
    outcome = changing_serial(desk, example, example.ana, 2)
    decisions.decline(desk, Actor(example.rui), outcome.request_id or 0, None, "not now")
    assert registration_state(desk, old) == "open"
    assert changing_serial(desk, example, example.ben, 2).put


def test_a_forwarded_release_ends_the_registration(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    license_request = put(desk, example.ana, registration)
    outcome = requests.ask_release(desk, Actor(example.tom), registration, "server gone")
    assert forward(desk, example.olga, outcome.request_id or 0).decided
    assert registration_state(desk, registration) == "ended"
    assert states(desk, license_request) == ["closed"]
    assert queued(desk, "file") == []
    assert told(desk, "forwarded") == [example.tom]


def test_only_operators_decide_a_flagged_release(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    outcome = requests.ask_release(desk, Actor(example.tom), registration, "server gone")
    with pytest.raises(MayNotDecide) as refused:
        forward(desk, example.eva, outcome.request_id or 0)
    assert refused.value.who_may == ("Olga Ruiz",)
    assert registration_state(desk, registration) == "open"
