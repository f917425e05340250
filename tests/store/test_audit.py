"""The record: chained, so that whatever is changed, removed or cut off is found."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import delete, select, update

from store import audit, registrations, releases
from store.audit import Break
from store.desk import Act, Actor, Desk, intention
from store.rules.registration_errors import SlotTaken
from store.tables import audit_entries, audit_heads
from tests.conftest import Clock
from tests.example import Example, serial

VERSION = "11.17.0 (Build 36348)"


@intention
def note(act: Act, word: str) -> None:
    act.record("note", "desk", word=word)


def breaks(desk: Desk) -> list[Break]:
    with desk.database.read() as connection:
        return list(audit.verify(connection))


@pytest.fixture
def three_entries(desk: Desk, example: Example) -> Desk:
    for word in ("one", "two", "three"):
        note(desk, Actor(example.olga), word)
    return desk


def test_an_untouched_record_holds(three_entries: Desk) -> None:
    assert breaks(three_entries) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param({"facts": {"word": "2"}}, Break(0, 2, "changed"), id="facts"),
        pytest.param({"action": "other"}, Break(0, 2, "changed"), id="action"),
        pytest.param({"actor_id": None}, Break(0, 2, "changed"), id="actor"),
        pytest.param({"previous": "0" * 64}, Break(0, 2, "changed"), id="link"),
    ],
)
def test_a_changed_entry_is_found(three_entries: Desk, change: dict[str, object], found: Break) -> None:
    with three_entries.database.write() as connection:
        connection.execute(update(audit_entries).where(audit_entries.c.position == 2).values(change))
    assert breaks(three_entries) == [found]


def test_a_moved_moment_is_found(three_entries: Desk, clock: Clock) -> None:
    with three_entries.database.write() as connection:
        moved = clock.now + timedelta(seconds=1)
        connection.execute(update(audit_entries).where(audit_entries.c.position == 1).values(at=moved))
    assert breaks(three_entries) == [Break(0, 1, "changed")]


def test_a_removed_entry_is_found(three_entries: Desk) -> None:
    with three_entries.database.write() as connection:
        connection.execute(delete(audit_entries).where(audit_entries.c.position == 2))
    assert breaks(three_entries) == [Break(0, 2, "missing")]


def test_a_tail_that_was_cut_off_is_found(three_entries: Desk) -> None:
    with three_entries.database.write() as connection:
        connection.execute(delete(audit_entries).where(audit_entries.c.position == 3))
    assert breaks(three_entries) == [Break(0, 3, "cut off")]


def test_entries_without_their_head_are_found(three_entries: Desk) -> None:
    with three_entries.database.write() as connection:
        connection.execute(delete(audit_heads))
    assert breaks(three_entries) == [Break(0, 0, "head missing")]


def test_writers_of_one_chain_keep_it_whole(desk: Desk, example: Example) -> None:
    threads = [Thread(target=note, args=(desk, Actor(example.olga), str(number))) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with desk.database.read() as connection:
        positions = connection.execute(select(audit_entries.c.position).order_by(audit_entries.c.position))
        assert list(positions.scalars()) == list(range(1, 21))
    assert breaks(desk) == []


def test_each_infrastructure_has_a_chain_of_its_own(desk: Desk, example: Example) -> None:
    made = registrations.register(desk, Actor(example.ana), example.quality[0], serial(1), VERSION)
    assert made.environment.registration is not None
    releases.release(desk, Actor(example.rui), made.environment.registration.id, "replaced")
    note(desk, Actor(example.olga), "desk")
    with desk.database.read() as connection:
        heads = connection.execute(select(audit_heads.c.chain, audit_heads.c.position)).all()
    assert sorted(tuple(each) for each in heads) == [(0, 1), (example.core, 2)]
    assert breaks(desk) == []


def test_a_refusal_is_recorded_once_a_minute(desk: Desk, example: Example, clock: Clock) -> None:
    registrations.register(desk, Actor(example.ana), example.quality[0], serial(1), VERSION)

    def try_again() -> None:
        with pytest.raises(SlotTaken):
            registrations.register(desk, Actor(example.ben), example.quality[0], serial(2), VERSION)

    try_again()
    clock.advance(timedelta(seconds=50))
    try_again()
    clock.advance(timedelta(seconds=20))
    try_again()
    with desk.database.read() as connection:
        query = select(audit_entries.c.action).where(audit_entries.c.action == "refused:register")
        assert len(connection.execute(query).all()) == 2
    assert breaks(desk) == []
