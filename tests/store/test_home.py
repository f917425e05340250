"""Whom a change concerns, and what Home asks the database for; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from store import delivery_claims, home, people, registrations, releases, tables
from store.audit import Entry
from store.desk import Act, Actor, Desk, intention
from store.rules.errors import DeskError
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.store.peopling import set_role


def watch(desk: Desk, *person_ids: int) -> None:
    for person_id in person_ids:
        home.opened(desk, Actor(person_id), person_id)


def everybody(example: Example) -> tuple[int, ...]:
    return (
        *(example.ana, example.ben, example.rui, example.fiona, example.ada, example.tom),
        *(example.eva, example.max, example.olga, example.otto, example.nina),
    )


def drawn(desk: Desk) -> set[int | None]:
    """Whose Home waits to be drawn."""
    query = select(tables.deliveries.c.person_id).where(tables.deliveries.c.kind == "home")
    with desk.database.read() as connection:
        return set(connection.execute(query).scalars())


def register(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


def test_a_change_concerns_those_who_see_the_infrastructure(desk: Desk, example: Example) -> None:
    watch(desk, *everybody(example))

    register(desk, example.ben, example.production[0])

    assert drawn(desk) == set(everybody(example)) - {example.otto, example.nina}


def test_a_change_elsewhere_concerns_only_those_who_see_it(desk: Desk, example: Example) -> None:
    watch(desk, *everybody(example))

    register(desk, example.otto, example.globex_production[0])

    assert drawn(desk) == {example.otto, example.nina, example.olga}


def test_changes_recorded_many_at_a_time_concern_as_many(desk: Desk, example: Example) -> None:
    @intention
    def issued(act: Act) -> None:
        entry = Entry(example.core, None, "command", "issue_license", "slot 1", {})
        act.record_all([entry, entry])

    watch(desk, example.ana, example.otto)

    issued(desk, Actor(None, "command"))

    assert drawn(desk) == {example.ana}


def test_a_change_of_somebody_elsewhere_does_not_concern_their_company(desk: Desk, example: Example) -> None:
    watch(desk, *everybody(example))

    register(desk, example.olga, example.globex_production[0])

    assert drawn(desk) == {example.otto, example.nina, example.olga}


def test_changes_before_a_drawing_are_one_drawing(desk: Desk, example: Example) -> None:
    watch(desk, example.ana, example.ben)

    for number, slot in enumerate(example.production, 1):
        register(desk, example.ben, slot, number)

    assert waiting(desk) == [example.ana, example.ben]


def test_a_change_while_home_is_drawn_is_drawn_afterwards(desk: Desk, example: Example, clock: Clock) -> None:
    watch(desk, example.ana)
    register(desk, example.ben, example.production[0], 1)
    clock.advance(timedelta(seconds=2))
    assert delivery_claims.claim(desk, "a courier", 10, 60)

    register(desk, example.ben, example.production[1], 2)

    assert waiting(desk) == [example.ana, example.ana]


def test_a_change_is_not_left_to_a_drawing_that_another_transaction_holds(
    desk: Desk, example: Example
) -> None:
    if desk.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time, so nobody else holds anything")
    watch(desk, example.ana)
    register(desk, example.ben, example.production[0], 1)

    with desk.database.write() as connection:
        connection.execute(select(tables.deliveries.c.id).with_for_update())
        register(desk, example.ben, example.production[1], 2)

    assert waiting(desk) == [example.ana, example.ana]


def waiting(desk: Desk) -> list[int | None]:
    """For whom a drawing is queued, as often as it is."""
    query = select(tables.deliveries.c.person_id).where(tables.deliveries.c.kind == "home")
    with desk.database.read() as connection:
        return sorted(connection.execute(query).scalars(), key=lambda each: each or 0)


def test_nothing_is_queued_for_those_who_never_looked(desk: Desk, example: Example) -> None:
    watch(desk, example.ana)

    register(desk, example.ben, example.production[0])

    assert drawn(desk) == {example.ana}


def test_nothing_is_queued_a_week_after_the_last_look(desk: Desk, example: Example, clock: Clock) -> None:
    watch(desk, example.ana, example.tom)
    clock.advance(timedelta(days=6))
    watch(desk, example.tom)
    clock.advance(timedelta(days=2))

    register(desk, example.ben, example.production[0])

    assert drawn(desk) == {example.tom}


def test_what_is_refused_draws_nothing(desk: Desk, example: Example) -> None:
    watch(desk, example.tom)

    with pytest.raises(DeskError):
        register(desk, example.max, example.production[0])

    assert drawn(desk) == set()


def test_what_is_taken_back_draws_nothing(desk: Desk, example: Example) -> None:
    @intention
    def fail(act: Act) -> None:
        act.record("rename", "slot 1", example.core)
        raise ZeroDivisionError

    watch(desk, example.tom)

    with pytest.raises(ZeroDivisionError):
        fail(desk, Actor(example.tom))

    assert drawn(desk) == set()


def test_somebody_who_loses_a_role_loses_what_they_saw(desk: Desk, example: Example) -> None:
    watch(desk, example.ben)

    set_role(desk, example.eva, example.core, "member", remove=(example.ben,))

    assert drawn(desk) == {example.ben}


def test_admins_see_that_one_of_their_people_changed(desk: Desk, example: Example) -> None:
    @intention
    def changed(act: Act) -> None:
        act.record("deactivate", f"person {example.lena}")

    watch(desk, *everybody(example))

    changed(desk, Actor(None))

    assert {example.eva, example.tom, example.olga} <= drawn(desk)
    assert not {example.otto, example.nina} & drawn(desk)


def test_a_stand_in_is_concerned(desk: Desk, example: Example, clock: Clock) -> None:
    row = {"contact_id": example.ada, "person_id": example.otto, "infrastructure_id": example.core}
    with desk.database.write() as connection:
        dates = {"starts_at": clock.now, "ends_at": clock.now + timedelta(days=1)}
        connection.execute(insert(tables.stand_ins).values(row | dates))
    watch(desk, example.otto, example.nina)

    register(desk, example.ben, example.production[0])

    assert drawn(desk) == {example.otto}


def test_a_page_is_kept_until_home_is_opened_again(desk: Desk, example: Example) -> None:
    watch(desk, example.eva)
    home.turn(desk, Actor(example.eva), example.eva, 3)
    with desk.database.read() as connection:
        assert home.page_of(connection, example.eva) == 3

    watch(desk, example.eva)

    with desk.database.read() as connection:
        assert home.page_of(connection, example.eva) == 0
        assert connection.execute(select(func.count()).select_from(tables.homes)).scalar_one() == 1


def test_what_ends_within_ninety_days_is_named_first_ends_first(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        of_depot = tables.subscriptions.c.infrastructure_id == example.depot
        sooner = {"ends_at": TERM_END - timedelta(days=10)}
        connection.execute(update(tables.subscriptions).where(of_depot).values(sooner))
    with desk.database.read() as connection:
        ending = home.ending(connection, people.held_roles(connection, example.eva), desk.clock(), 10)

    assert [each.id for each in ending][:2] == [example.depot, example.core]
    assert example.globex not in [each.id for each in ending]


def test_what_ends_later_is_not_named(desk: Desk, example: Example, clock: Clock) -> None:
    clock.now = TERM_END - timedelta(days=91)

    with desk.database.read() as connection:
        assert home.ending(connection, people.held_roles(connection, example.eva), clock.now, 10) == []


def test_environments_come_by_type_and_name_in_pages(desk: Desk, example: Example) -> None:
    made = [register(desk, example.ben, slot, number) for number, slot in enumerate(example.production, 1)]
    releases.release(desk, Actor(example.rui), made[1], "switched off")

    with desk.database.read() as connection:
        assert home.registered(connection, example.core, 0, 1) == [made[0]]
        assert home.registered(connection, example.core, 1, 5) == [made[2]]
