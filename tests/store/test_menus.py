"""What menus offer for what is typed, on both databases."""

import pytest
from sqlalchemy import insert

from store import menus, people, registrations, tables
from store.desk import Actor, Desk
from store.rules.environments import EnvironmentType
from store.rules.rights import RELEASERS, RoleName
from tests.example import Example, serial

EVERYBODY = frozenset(RoleName)


def places(desk: Desk, person: int, typed: str = "", roles: frozenset[RoleName] = EVERYBODY) -> list[str]:
    with desk.database.read() as connection:
        held = people.held_roles(connection, person)
        return [each.name for each in menus.places(connection, held, roles, typed)]


def environments(
    desk: Desk, person: int, typed: str = "", place: int | None = None, roles: frozenset[RoleName] = EVERYBODY
) -> list[str]:
    with desk.database.read() as connection:
        held = people.held_roles(connection, person)
        return [each.slot_name for each in menus.environments(connection, held, roles, typed, place)]


def test_people_are_offered_what_they_see(desk: Desk, example: Example) -> None:
    assert places(desk, example.ben) == ["Acme Cloud", "Acme Core"]
    assert places(desk, example.otto) == ["Globex Core"]
    assert places(desk, example.eva) == ["Acme Cloud", "Acme Core", "Acme Depot"]
    assert places(desk, example.olga, "CORE") == ["Acme Core", "Globex Core"]


def test_only_roles_that_may_do_it_count(desk: Desk, example: Example) -> None:
    assert places(desk, example.ben, roles=RELEASERS) == []
    assert places(desk, example.max, roles=EVERYBODY - {RoleName.AUDITOR}) == []


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%core%", "acme_core", "\0zzz", "😀", "a" * 5000])
def test_what_is_typed_stands_for_nothing_but_itself(desk: Desk, example: Example, typed: str) -> None:
    assert places(desk, example.olga, typed) == []
    assert environments(desk, example.olga, typed) == []


def test_environments_are_found_by_name_serial_number_and_place(desk: Desk, example: Example) -> None:
    registrations.register(desk, Actor(example.ben), example.production[0], serial(1), "11.17.0")
    registrations.register(desk, Actor(example.ben), example.quality[0], serial(2), "11.17.0")
    registrations.register(desk, Actor(example.otto), example.globex_production[0], serial(3), "11.17.0")

    for person in (example.ben, example.olga):
        assert environments(desk, person, "acme core prod") == ["Prod 1"]
        assert environments(desk, person, serial(2).lower()) == ["Quality 1"]
    assert environments(desk, example.olga) == ["Prod 1", "Quality 1", "Production 1"]
    assert environments(desk, example.ben, serial(3)) == []
    assert environments(desk, example.ben, place=example.globex) == []
    assert environments(desk, example.ben, roles=RELEASERS) == []
    assert environments(desk, example.rui, roles=RELEASERS) == ["Prod 1", "Quality 1"]


def test_free_slots_are_offered_and_taken_ones_not(desk: Desk, example: Example) -> None:
    registrations.register(desk, Actor(example.ben), example.production[0], serial(1), "11.17.0")

    with desk.database.read() as connection:
        free = menus.free_slots(connection, example.core, EnvironmentType.PRODUCTION, "prod")

    assert [name for _, name in free] == ["Prod 2", "Prod 3"]


def test_no_menu_gets_more_than_it_holds(desk: Desk, example: Example) -> None:
    row = {
        "company_id": example.acme,
        "product_id": example.product,
        "hosting": "on_premises",
        "files": "signed",
    }
    rows = [{**row, "name": f"Site {each:03}", "activation_code": f"S{each}"} for each in range(150)]
    with desk.database.write() as connection:
        connection.execute(insert(tables.infrastructures), rows)

    assert len(places(desk, example.eva, "site")) == menus.MOST
    assert places(desk, example.eva, "site 149") == ["Site 149"]
