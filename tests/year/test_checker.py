"""The checker finds each thing that it looks for, and nothing where nothing is wrong."""

import copy
import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from store import registrations, requests
from store.database import Database
from tests.example import serial
from tests.year import acts, residents
from tests.year.breaking import BREAKS
from tests.year.checker import CHECKS, Checker
from tests.year.company import LISBON
from tests.year.town import Town, open_town
from tests.year.year import Year


@pytest.fixture(scope="module")
def lived(_sqlite_template: Path, folder: Path) -> Iterator[Year]:
    """Nine days: one request that expired, one that was forwarded, one license and one serial change that wait."""
    database = Database(f"sqlite:///{shutil.copy(_sqlite_template, folder / 'lived.db')}")
    with open_town(database, folder) as town:
        year = Year(town, seed=1)
        town.turn(town.clock.now)
        made = [_registered(town, number) for number in range(4)]
        _ask(town, made, 0)
        year.at(year.now + timedelta(days=7, hours=3), partial(_ask_and_forward, town, made))
        year.at(year.now + timedelta(days=7, hours=4), partial(_ask, town, made, 2))
        change = partial(_ask_serial_change, town, made[3])
        year.at(year.now + timedelta(days=7, hours=5), change)
        year.run(until=year.now + timedelta(days=9, hours=5))
        assert year.complaints == []
        yield year
    database.close()


@pytest.fixture
def copied(lived: Year, folder: Path) -> Iterator[Database]:
    """The database of those days, to be broken."""
    path = Path(folder / "copied.db")
    with lived.town.desk.database.read() as connection:
        connection.exec_driver_sql(f"VACUUM INTO '{path}'")
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()
    for each in folder.glob("copied.db*"):
        each.unlink()


def _registered(town: Town, number: int) -> int:
    slot = residents.free_slots(town, LISBON)[0]
    made = registrations.register(town.desk, town.actor("ana"), slot, serial(number), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


def _ask(town: Town, made: list[int], number: int) -> None:
    assert acts.ask(town, "ana", serial(number), [made[number]]) == "taken"


def _ask_and_forward(town: Town, made: list[int]) -> None:
    _ask(town, made, 1)
    town.turn(town.clock.now)
    [card] = acts.cards_of(town, "rui", residents.newest_request(town))
    acts.forward(town, "rui", card)


def _ask_serial_change(town: Town, registration_id: int) -> None:
    requests.ask_serial_change(town.desk, town.actor("ana"), registration_id, serial(9), "moved")


def checker(lived: Year, database: Database) -> Checker:
    return Checker(database, lived.town.world, lived.ledger)


def names(complaints: list[str]) -> set[str]:
    return {each.partition(":")[0] for each in complaints}


def test_where_nothing_is_wrong_nothing_is_found(lived: Year, copied: Database) -> None:
    looking = checker(lived, copied)
    assert looking.complaints(lived.now) == []
    assert looking.complaints(lived.now) == []


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found(lived: Year, copied: Database, name: str) -> None:
    before = checker(lived, copied)
    assert before.complaints(lived.now) == []
    with copied.write() as connection:
        # What the database itself would not let happen is to be found all the same.
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        BREAKS[name](connection)
    found = [*before.complaints(lived.now), *checker(lived, copied).complaints(lived.now)]
    assert name in names(found)


def test_a_message_that_stands_there_twice_is_found(lived: Year, copied: Database) -> None:
    place = lived.town.world.conversations["C0LISBON"]
    first = next(each for each in place.messages.values() if each.metadata)
    place.messages["1.000000"] = copy.deepcopy(first)
    try:
        assert "said_twice" in names(checker(lived, copied).complaints(lived.now))
    finally:
        del place.messages["1.000000"]


def test_every_check_is_broken_once() -> None:
    assert {each.__name__ for each in CHECKS} == {*BREAKS, "said_twice"}
