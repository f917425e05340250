"""While somebody writes for long, those whom a person waits for give up after a moment, with nothing changed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select, update

from store import registrations, tables
from store.database import Database
from store.desk import Actor, Desk
from store.rules.busy_errors import DeskBusy
from store.waiting import waiting_at_most
from tests.example import Example, serial
from tests.store.requesting import registered


@contextmanager
def writing(database: Database, slot_id: int) -> Iterator[None]:
    """Somebody else writes in another thread until the block ends: a slot, and on SQLite so everything."""
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        with database.write() as connection:
            connection.execute(update(tables.slots).where(tables.slots.c.id == slot_id).values(name="Held"))
            begun.set()
            done.wait(20)

    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_an_act_that_may_wait_a_moment_gives_up_and_changes_nothing(desk: Desk, example: Example) -> None:
    slot = example.quality[0]
    with writing(desk.database, slot), waiting_at_most(0.05), pytest.raises(DeskBusy):
        registrations.register(desk, Actor(example.ana), slot, serial(1), "11.17.0")

    with desk.database.read() as connection:
        assert connection.execute(select(tables.registrations.c.id)).all() == []
    assert registered(desk, example.ana, slot)


def test_an_act_that_nobody_waits_for_waits_for_the_others(desk: Desk, example: Example) -> None:
    slot = example.quality[0]
    made: list[int] = []
    thread = threading.Thread(target=lambda: made.append(registered(desk, example.ana, slot)))
    with writing(desk.database, slot):
        thread.start()
        thread.join(0.3)
        assert made == []
    thread.join()
    assert len(made) == 1


def test_the_next_who_writes_on_the_same_connection_has_patience_again(desk: Desk, example: Example) -> None:
    with waiting_at_most(0.01):
        registered(desk, example.ana, example.quality[0])
    if desk.database.is_sqlite:
        with desk.database.write() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 10_000
    else:
        with desk.database.write() as connection:
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "0"
