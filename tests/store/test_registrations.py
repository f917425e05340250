"""Registering environments: the rules of section "Registering", each as a sentence, on both databases."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, update

from store import registrations, releases
from store.desk import Actor, Desk
from store.registrations import Registered
from store.rules.environments import EnvironmentType
from store.rules.errors import DeskError
from store.rules.registration_errors import (
    CannotUndo,
    NoSlotFree,
    NotRegistered,
    ReleaseNeedsOperators,
    SameSerial,
    SerialElsewhere,
    SerialInOtherSlot,
    SlotTaken,
    Suspended,
    TermEnded,
    VersionDiffers,
    VersionNotEntitled,
)
from store.rules.request_errors import ReasonMissing
from store.rules.seeing_errors import NoRight, NotAssociated
from store.rules.serials import ActivationCodeTyped, SerialMalformed
from store.rules.versions import ReleaseNameTyped
from store.tables import audit_entries, deliveries, persons, subscriptions
from store.tables import registrations as rows
from tests.conftest import Clock
from tests.example import Example, serial

VERSION = "11.17.0 (Build 36348)"


def register(
    desk: Desk, person: int, slot: int, number: int = 1, version: str = VERSION, **more: bool
) -> Registered:
    return registrations.register(desk, Actor(person), slot, serial(number), version, **more)


def actions(desk: Desk) -> list[str]:
    with desk.database.read() as connection:
        return list(connection.execute(select(audit_entries.c.action).order_by(audit_entries.c.id)).scalars())


def notices(desk: Desk, name: str) -> set[int | None]:
    with desk.database.read() as connection:
        query = select(deliveries.c.person_id).where(deliveries.c.notice == name)
        return set(connection.execute(query).scalars())


def open_registrations(desk: Desk) -> int:
    with desk.database.read() as connection:
        return connection.execute(select(func.count()).where(rows.c.state == "open")).scalar_one()


def test_an_engineer_registers_in_a_free_slot_and_the_technical_contact_is_told(
    desk: Desk, example: Example
) -> None:
    made = register(desk, example.ana, example.quality[1])
    assert made.environment.slot_name == "Quality 2"
    assert made.environment.registration is not None
    assert made.environment.registration.serial == serial(1)
    assert made.undo_until == desk.clock() + timedelta(minutes=30)
    assert notices(desk, "registered") == {example.rui}
    assert actions(desk) == ["register"]


def test_the_technical_contact_who_registers_is_not_told_of_it(desk: Desk, example: Example) -> None:
    register(desk, example.rui, example.quality[0])
    assert notices(desk, "registered") == set()


def test_without_a_technical_contact_the_infrastructure_administrators_are_told(
    desk: Desk, example: Example
) -> None:
    register(desk, example.ana, example.depot_production[0])
    assert notices(desk, "registered") == {example.tom}


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(serial(1).lower(), id="lower case"),
        pytest.param(serial(1).replace("-", ""), id="no separators"),
        pytest.param(serial(1).replace("-", "–"), id="en dashes"),
        pytest.param(serial(1).replace("-", " "), id="spaces"),
    ],
)
def test_a_serial_number_is_accepted_as_people_type_it(desk: Desk, example: Example, typed: str) -> None:
    made = registrations.register(desk, Actor(example.ana), example.quality[0], typed, VERSION)
    assert made.environment.registration is not None
    assert made.environment.registration.serial == serial(1)


@pytest.mark.parametrize(
    ("number", "version", "error"),
    [
        pytest.param(serial(1)[:-1], VERSION, SerialMalformed, id="one character short"),
        pytest.param("AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC", VERSION, ActivationCodeTyped, id="activation code"),
        pytest.param(serial(1), "Oct.2019 CP2", ReleaseNameTyped, id="release name"),
    ],
)
def test_a_slip_of_the_keyboard_is_said_and_not_recorded(
    desk: Desk, example: Example, number: str, version: str, error: type[DeskError]
) -> None:
    with pytest.raises(error):
        registrations.register(desk, Actor(example.ana), example.quality[0], number, version)
    assert actions(desk) == []
    assert open_registrations(desk) == 0


def test_the_same_registration_again_is_the_same_answer(desk: Desk, example: Example) -> None:
    first = register(desk, example.ana, example.quality[0])
    again = register(desk, example.ben, example.quality[0])
    assert again.again
    assert again.environment == first.environment
    assert actions(desk) == ["register"]


def test_the_same_serial_with_another_version_asks_to_confirm_and_then_changes_it(
    desk: Desk, example: Example
) -> None:
    register(desk, example.ana, example.quality[0])
    with pytest.raises(VersionDiffers) as asked:
        register(desk, example.ben, example.quality[0], version="11.18.0 (Build 40000)")
    assert asked.value.present == VERSION
    changed = register(
        desk, example.ben, example.quality[0], version="11.18.0 (Build 40000)", confirm_version_change=True
    )
    assert changed.version_changed
    assert changed.environment.registration is not None
    assert changed.environment.registration.platform_version == "11.18.0 (Build 40000)"
    assert notices(desk, "version_changed") == {example.rui, example.ana}


def test_a_serial_in_another_slot_of_the_infrastructure_is_refused_and_the_slot_named(
    desk: Desk, example: Example
) -> None:
    register(desk, example.ana, example.quality[0])
    with pytest.raises(SerialInOtherSlot) as refused:
        register(desk, example.ana, example.quality[1])
    assert refused.value.slot.name == "Quality 1"
    assert actions(desk) == ["register", "refused:register"]


def test_a_serial_of_another_infrastructure_is_refused_without_details_and_operators_are_told(
    desk: Desk, example: Example
) -> None:
    register(desk, example.otto, example.globex_production[0])
    with pytest.raises(SerialElsewhere):
        register(desk, example.ana, example.quality[0])
    assert notices(desk, "foreign_serial") == {example.olga}


def test_a_version_above_the_entitled_one_is_refused(desk: Desk, example: Example) -> None:
    with pytest.raises(VersionNotEntitled) as refused:
        register(desk, example.ana, example.quality[0], version="12.0.0 (Build 1)")
    assert refused.value.account_manager == ("Jo Park", "jo.park@meridian.example")


def test_with_no_slot_free_what_holds_them_is_said(desk: Desk, example: Example) -> None:
    for number, slot in enumerate(example.production, start=1):
        register(desk, example.ana, slot, number)
    with pytest.raises(NoSlotFree) as refused:
        register(desk, example.ana, example.production[0], 9)
    assert refused.value.environment_type is EnvironmentType.PRODUCTION
    assert [each.slot for each in refused.value.holding] == ["Prod 1", "Prod 2", "Prod 3"]
    assert refused.value.holding[0].since == desk.clock()
    assert set(refused.value.releasers) <= {"Eva Lang", "Tom Berg", "Rui Costa"}


def test_a_taken_slot_is_refused_while_others_are_free(desk: Desk, example: Example) -> None:
    register(desk, example.ana, example.production[0], 1)
    with pytest.raises(SlotTaken) as refused:
        register(desk, example.ben, example.production[0], 2)
    assert refused.value.free == 2


@pytest.mark.parametrize(
    ("who", "error"),
    [
        pytest.param("otto", NotAssociated, id="engineer of another company"),
        pytest.param("nina", NotAssociated, id="admin of another company"),
        pytest.param("max", NoRight, id="auditor"),
    ],
)
def test_people_without_the_right_cannot_register(
    desk: Desk, example: Example, who: str, error: type[DeskError]
) -> None:
    with pytest.raises(error):
        register(desk, getattr(example, who), example.quality[0])
    assert open_registrations(desk) == 0
    assert actions(desk)[-1].startswith("refused:")


def test_what_does_not_exist_is_refused_like_what_may_not_be_seen(desk: Desk, example: Example) -> None:
    with pytest.raises(NotAssociated) as unseen:
        register(desk, example.otto, example.quality[0])
    with pytest.raises(NotAssociated) as absent:
        register(desk, example.otto, 999_999)
    assert (unseen.value.admins, unseen.value.company) == (absent.value.admins, absent.value.company)


def test_somebody_deactivated_has_no_rights(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(update(persons).where(persons.c.id == example.ana).values(active=False))
    with pytest.raises(NotAssociated):
        register(desk, example.ana, example.quality[0])


def test_before_the_start_registering_works(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        later = {
            "starts_at": desk.clock() + timedelta(days=3),
            "unbroken_since": desk.clock() + timedelta(days=3),
        }
        connection.execute(update(subscriptions).values(later))
    assert register(desk, example.ana, example.quality[0]).environment.registration


def test_in_grace_registering_works_and_after_it_does_not(desk: Desk, example: Example, clock: Clock) -> None:
    clock.now = clock.now.replace(year=2027, month=1, day=10)
    assert register(desk, example.ana, example.quality[0], 1).environment.registration
    clock.advance(timedelta(days=10))
    with pytest.raises(TermEnded):
        register(desk, example.ana, example.quality[1], 2)


def test_a_suspended_subscription_refuses_registering_but_not_releasing(desk: Desk, example: Example) -> None:
    made = register(desk, example.ana, example.quality[0])
    with desk.database.write() as connection:
        connection.execute(update(subscriptions).values(state="suspended"))
    with pytest.raises(Suspended):
        register(desk, example.ana, example.quality[1], 2)
    assert made.environment.registration is not None
    releases.release(desk, Actor(example.rui), made.environment.registration.id, "no longer used")
    assert open_registrations(desk) == 0


def test_a_registrant_undoes_within_the_window(desk: Desk, example: Example, clock: Clock) -> None:
    made = register(desk, example.ana, example.quality[0])
    assert made.environment.registration is not None
    clock.advance(timedelta(minutes=29))
    registrations.undo(desk, Actor(example.ana), made.environment.registration.id)
    assert open_registrations(desk) == 0
    assert register(desk, example.ben, example.quality[0]).environment.registration


@pytest.mark.parametrize(
    ("who", "minutes", "why"),
    [("ben", 1, "other_registrant"), ("ana", 31, "too_late")],
)
def test_undo_is_refused(
    desk: Desk, example: Example, clock: Clock, who: str, minutes: int, why: str
) -> None:
    made = register(desk, example.ana, example.quality[0])
    assert made.environment.registration is not None
    clock.advance(timedelta(minutes=minutes))
    with pytest.raises(CannotUndo) as refused:
        registrations.undo(desk, Actor(getattr(example, who)), made.environment.registration.id)
    assert refused.value.why == why


def test_a_release_frees_the_slot_and_tells_the_registrant(desk: Desk, example: Example) -> None:
    made = register(desk, example.ana, example.quality[0])
    assert made.environment.registration is not None
    releases.release(desk, Actor(example.tom), made.environment.registration.id, "replaced")
    assert notices(desk, "released") == {example.rui, example.ana}
    assert register(desk, example.ben, example.quality[1]).environment.registration


@pytest.mark.parametrize("who", ["ana", "ada", "fiona"])
def test_releasing_needs_the_right(desk: Desk, example: Example, who: str) -> None:
    made = register(desk, example.ana, example.quality[0])
    assert made.environment.registration is not None
    with pytest.raises(NoRight):
        releases.release(desk, Actor(getattr(example, who)), made.environment.registration.id, "x")
    assert open_registrations(desk) == 1


def test_a_release_needs_a_reason(desk: Desk, example: Example) -> None:
    made = register(desk, example.ana, example.quality[0])
    assert made.environment.registration is not None
    with pytest.raises(ReasonMissing):
        releases.release(desk, Actor(example.rui), made.environment.registration.id, "  ")


def test_releases_of_a_flagged_infrastructure_need_the_operators(desk: Desk, example: Example) -> None:
    made = register(desk, example.ana, example.depot_production[0])
    assert made.environment.registration is not None
    with pytest.raises(ReleaseNeedsOperators):
        releases.release(desk, Actor(example.tom), made.environment.registration.id, "replaced")
    releases.release(desk, Actor(example.olga), made.environment.registration.id, "replaced")
    assert open_registrations(desk) == 0


def test_only_the_first_of_two_releases_counts(desk: Desk, example: Example) -> None:
    made = register(desk, example.ana, example.quality[0])
    assert made.environment.registration is not None
    releases.release(desk, Actor(example.tom), made.environment.registration.id, "replaced")
    with pytest.raises(NotRegistered):
        releases.release(desk, Actor(example.rui), made.environment.registration.id, "replaced")


def test_a_serial_change_keeps_the_slot_and_the_version(desk: Desk, example: Example) -> None:
    made = register(desk, example.ana, example.quality[0])
    assert made.environment.registration is not None
    changed = registrations.change_serial(
        desk, Actor(example.rui), made.environment.registration.id, serial(2)
    )
    assert changed.environment.slot_id == made.environment.slot_id
    assert changed.environment.registration is not None
    assert changed.environment.registration.serial == serial(2)
    assert changed.environment.registration.platform_version == VERSION
    assert notices(desk, "serial_changed") == {example.ana}
    assert open_registrations(desk) == 1


def test_a_serial_change_to_the_same_or_a_taken_serial_is_refused(desk: Desk, example: Example) -> None:
    made, other = (
        register(desk, example.ana, example.quality[0], 1),
        register(desk, example.ana, example.quality[1], 2),
    )
    assert made.environment.registration is not None
    assert other.environment.registration is not None
    change = registrations.change_serial
    with pytest.raises(SameSerial):
        change(desk, Actor(example.rui), made.environment.registration.id, serial(1))
    with pytest.raises(SerialInOtherSlot):
        change(desk, Actor(example.rui), made.environment.registration.id, serial(2))
    with pytest.raises(NoRight):
        change(desk, Actor(example.ana), made.environment.registration.id, serial(3))
    assert open_registrations(desk) == 2


def test_of_fifty_people_on_the_last_slot_one_wins_and_the_others_are_told(
    desk: Desk, example: Example
) -> None:
    register(desk, example.ana, example.production[0], 100)
    register(desk, example.ana, example.production[1], 101)
    outcomes: list[object] = []
    barrier = Barrier(50)

    def race(number: int) -> None:
        barrier.wait()
        try:
            outcomes.append(register(desk, example.ben, example.production[2], number))
        except (SlotTaken, NoSlotFree) as told:
            outcomes.append(told)

    threads = [Thread(target=race, args=(number,)) for number in range(200, 250)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 50
    assert sum(isinstance(each, Registered) for each in outcomes) == 1
    assert open_registrations(desk) == 3


def test_of_two_people_with_one_serial_in_two_slots_one_wins(desk: Desk, example: Example) -> None:
    outcomes: list[object] = []
    barrier = Barrier(2)

    def race(slot: int) -> None:
        barrier.wait()
        try:
            outcomes.append(register(desk, example.ben, slot, 1))
        except SerialInOtherSlot as told:
            outcomes.append(told)

    threads = [Thread(target=race, args=(slot,)) for slot in example.quality]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(each, Registered) for each in outcomes) == [False, True]
    assert open_registrations(desk) == 1


def test_the_undo_window_is_a_setting(desk: Desk, example: Example) -> None:
    longer = replace(desk, policy=replace(desk.policy, undo_window=timedelta(hours=2)))
    assert register(longer, example.ana, example.quality[0]).undo_until == desk.clock() + timedelta(hours=2)


def test_a_foreign_serial_in_a_serial_change_is_told_to_operators_too(desk: Desk, example: Example) -> None:
    register(desk, example.otto, example.globex_production[0], 7)
    made = register(desk, example.ana, example.quality[0])
    assert made.environment.registration is not None
    with pytest.raises(SerialElsewhere):
        registrations.change_serial(desk, Actor(example.rui), made.environment.registration.id, serial(7))
    assert notices(desk, "foreign_serial") == {example.olga}
