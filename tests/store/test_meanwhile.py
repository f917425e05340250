"""What changes between the look and the act: held, or looked at again; on both databases."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Update, select, update

from store import decisions, deliverability, delivery_claims, licenses, registrations, releases, requests
from store.database import Database
from store.deliverability import Undeliverable
from store.desk import Act, Actor, Desk
from store.escalation import ITSELF
from store.importing.changes import Change, Kind
from store.importing.writing import Writer
from store.registrations import Registered
from store.request_changes import hold_registrations
from store.rules.import_errors import ChangedMeanwhile
from store.rules.registration_errors import CannotUndo, NotRegistered
from store.rules.request_errors import MayNotDecide, ReasonTooLong
from store.rules.seeing_errors import NoRight, NotAssociated
from store.tables import persons, roles, slots
from store.tables import registrations as registration_rows
from tests.example import START, Example, serial
from tests.store.requesting import (
    card_targets,
    entries,
    make_key,
    put,
    registered,
    seen,
    states,
    told,
)

R = TypeVar("R")


def while_another_changes(database: Database, statement: Update, step: Callable[[], R]) -> "Future[R]":
    """Begin `step` while another transaction has made a change that it commits only afterwards."""
    with ThreadPoolExecutor(1) as pool, database.write() as connection:
        connection.execute(statement)
        future = pool.submit(step)
        with pytest.raises(StillWaiting):
            future.result(timeout=0.5)
    return future


ROLE_ENDS = update(roles).values(held_until=START)
ROLE_RESTS = update(roles).values(state="resting")


@pytest.mark.parametrize("ending", [ROLE_ENDS, ROLE_RESTS], ids=["removed", "resting"])
def test_who_is_losing_the_right_at_this_moment_decides_nothing(
    desk: Desk, example: Example, ending: Update
) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    losing = ending.where(roles.c.person_id == example.rui)
    future = while_another_changes(
        desk.database, losing, lambda: decisions.forward(desk, Actor(example.rui), request)
    )
    assert isinstance(future.exception(), MayNotDecide)
    assert states(desk, request) == ["pending"]


def test_who_is_being_deactivated_at_this_moment_releases_nothing(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    leaving = update(persons).where(persons.c.id == example.tom).values(active=False)
    future = while_another_changes(
        desk.database, leaving, lambda: releases.release(desk, Actor(example.tom), registration, "gone")
    )
    assert isinstance(future.exception(), NotAssociated)
    assert seen_state(desk, registration) == "open"


def seen_state(desk: Desk, registration: int) -> str:
    with desk.database.read() as connection:
        query = select(registration_rows.c.state).where(registration_rows.c.id == registration)
        return str(connection.execute(query).scalar_one())


def test_the_version_of_what_is_being_released_at_this_moment_stays(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    ended = update(registration_rows).where(registration_rows.c.id == registration).values(state="ended")
    future = while_another_changes(
        desk.database,
        ended,
        lambda: registrations.change_version(desk, Actor(example.ana), registration, "11.18.0"),
    )
    assert isinstance(future.exception(), NotRegistered)
    assert entries(desk, "change_version") == []


def test_nobody_registers_in_a_slot_that_is_removed_at_this_moment(desk: Desk, example: Example) -> None:
    [slot] = example.management
    removed = update(slots).where(slots.c.id == slot).values(removed_at=START)
    future = while_another_changes(
        desk.database,
        removed,
        lambda: registrations.register(desk, Actor(example.ana), slot, serial(1), "11.17.0"),
    )
    assert isinstance(future.exception(), NotAssociated)


def test_the_import_removes_no_slot_in_which_somebody_registers_at_this_moment(
    desk: Desk, example: Example
) -> None:
    [slot] = example.management
    removal = Change(slots, Kind.REMOVED, "Management 1", {}, row_id=slot, infrastructure=example.core)
    writer = Writer(desk, Actor(None, "import"), "acme.yml")
    with ThreadPoolExecutor(1) as pool, desk.database.write() as connection:
        slot_held = select(slots.c.id).where(slots.c.id == slot).with_for_update(read=True)
        connection.execute(slot_held).all()
        values = {"slot_id": slot, "infrastructure_id": example.core, "serial": serial(1)}
        more = {"platform_version": "11.17.0", "registrant_id": example.ana, "registered_at": START}
        connection.execute(registration_rows.insert().values(**values, **more, state="open"))
        future = pool.submit(writer.write, [removal])
        with pytest.raises(StillWaiting):
            future.result(timeout=0.5)
    assert isinstance(future.exception(), ChangedMeanwhile)


def test_a_change_of_version_is_drawn_on_the_cards_that_wait(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    request = put(desk, example.ana, registration)
    other = put(desk, example.ben, registered(desk, example.ben, example.quality[1], 2))
    registrations.change_version(desk, Actor(example.ana), registration, "11.18.0")
    assert card_targets(desk, request, 2) == {example.channel, example.ada}
    assert [each.platform_version for each in seen(desk, request).items] == ["11.18.0"]
    assert seen(desk, other).version == 1


def changed_serial(desk: Desk, example: Example, who: int) -> Registered:
    registration = registered(desk, who, example.quality[0])
    return registrations.change_serial(desk, Actor(who), registration, serial(2))


def test_a_serial_change_is_no_registration_that_can_be_undone(desk: Desk, example: Example) -> None:
    changed = changed_serial(desk, example, example.fiona).environment.registration
    assert changed is not None
    with pytest.raises(CannotUndo) as refused:
        registrations.undo(desk, Actor(example.fiona), changed.id)
    assert refused.value.why == "serial_changed"
    assert seen_state(desk, changed.id) == "open"


def test_a_serial_change_without_the_right_says_what_it_was(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    with pytest.raises(NoRight) as refused:
        registrations.change_serial(desk, Actor(example.ana), registration, serial(2))
    assert refused.value.act == "serial_change"


def test_the_reason_for_a_release_is_bounded(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    with pytest.raises(ReasonTooLong):
        releases.release(desk, Actor(example.tom), registration, "x" * 1001)
    releases.release(desk, Actor(example.tom), registration, "x" * 1000)
    assert told(desk, "released") == [example.ana, example.rui]


def test_the_serial_number_of_a_license_is_changed_by_decision_only_while_its_right_lasts(
    desk: Desk, example: Example
) -> None:
    make_key(desk)
    registration = registered(desk, example.ana, example.quality[0])
    made = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved").request_id
    assert made is not None
    losing = ROLE_ENDS.where(roles.c.person_id == example.ada)
    future = while_another_changes(
        desk.database, losing, lambda: decisions.forward(desk, Actor(example.ada), made)
    )
    assert isinstance(future.exception(), MayNotDecide)
    assert seen_state(desk, registration) == "open"


def test_undo_works_to_the_last_moment(desk: Desk, example: Example) -> None:
    clock = desk.clock
    registration = registered(desk, example.ana, example.quality[0])
    clock.now += timedelta(minutes=30)  # type: ignore[attr-defined] # the fixture's clock moves
    registrations.undo(desk, Actor(example.ana), registration)


def test_what_is_licensed_at_this_moment_is_not_undone(desk: Desk, example: Example) -> None:
    make_key(desk)
    registration = registered(desk, example.ana, example.quality[0])
    with ThreadPoolExecutor(1) as pool, desk.database.write() as connection:
        hold_registrations(connection, [registration], to_end=False)
        licenses.issue(Act(connection, desk.clock(), ITSELF, desk), registration)
        future = pool.submit(registrations.undo, desk, Actor(example.ana), registration)
        with pytest.raises(StillWaiting):
            future.result(timeout=0.5)
    refused = future.exception()
    assert isinstance(refused, CannotUndo)
    assert refused.why == "licensed"


def test_no_file_is_made_for_who_is_losing_their_role_at_this_moment(desk: Desk, example: Example) -> None:
    make_key(desk)
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    decisions.forward(desk, Actor(example.rui), request)
    claimed = delivery_claims.claim(desk, "lease", 100, 60)
    file = next(each for each in claimed if each.kind == "file")
    losing = ROLE_ENDS.where(roles.c.person_id == example.ana)
    future = while_another_changes(desk.database, losing, lambda: deliverability.prepare(desk, ITSELF, file))
    assert isinstance(future.result(), Undeliverable)
    assert [str(each.cause) for each in seen(desk, request).items] == ["requester_without_role"]
