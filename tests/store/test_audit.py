"""The record: chained, so that whatever is changed, removed or cut off is found."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from store import audit, audit_check, keys, registrations, releases, revocation_lists
from store import audit_heads as heads
from store.audit import Entry, digest
from store.audit_check import Break
from store.desk import Act, Actor, Desk, intention
from store.rules.license_errors import NotAuditHeads, SignatureMismatch, WrongType
from store.rules.registration_errors import SlotTaken
from store.tables import audit_entries, audit_heads
from tests.conftest import Clock
from tests.example import START, Example, serial
from tests.store.requesting import make_key

VERSION = "11.17.0 (Build 36348)"


@intention
def note(act: Act, word: str) -> None:
    act.record("note", "desk", word=word)


def breaks(desk: Desk) -> list[Break]:
    with desk.database.read() as connection:
        return list(audit_check.verify(connection))


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
        pytest.param({"source": "mail"}, Break(0, 2, "changed"), id="source"),
        pytest.param({"subject": "slot 1"}, Break(0, 2, "changed"), id="subject"),
        pytest.param({"hash": "1" * 64}, Break(0, 2, "changed"), id="hash"),
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


@pytest.fixture
def six_entries(three_entries: Desk, example: Example) -> Desk:
    for word in ("four", "five", "six"):
        note(three_entries, Actor(example.olga), word)
    return three_entries


def rows(connection: Connection) -> list[dict[str, Any]]:
    query = select(audit_entries).order_by(audit_entries.c.position)
    return [dict(row) for row in connection.execute(query).mappings()]


def rewritten(desk: Desk, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> list[Break]:
    """What is found after somebody wrote the whole table anew."""
    with desk.database.write() as connection:
        wanted = change(rows(connection))
        connection.execute(delete(audit_entries))
        connection.execute(insert(audit_entries), wanted)
    return breaks(desk)


def at(row: dict[str, Any], position: int, **more: object) -> dict[str, Any]:
    return {**row, "position": position, **more}


def signed(row: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A row whose hash is right for what it says, as somebody writes it who knows how."""
    new = {**row, **more}
    entry = Entry(
        *(new[name] for name in ("infrastructure_id", "actor_id", "source", "action", "subject", "facts"))
    )
    return {**new, "hash": digest(new["previous"], new["at"], entry, new["position"])}


def test_every_changed_entry_is_found_and_not_the_first_alone(six_entries: Desk) -> None:
    with six_entries.database.write() as connection:
        for position in (2, 4, 5):
            own = audit_entries.c.position == position
            connection.execute(update(audit_entries).where(own).values(action="other"))
    assert breaks(six_entries) == [Break(0, 2, "changed"), Break(0, 4, "changed", 5)]


def test_an_entry_whose_hash_was_made_anew_is_named_itself(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [signed(row, action="other") if row["position"] == 3 else row for row in found]

    assert rewritten(six_entries, change) == [Break(0, 3, "changed")]


def test_a_last_entry_whose_hash_was_made_anew_is_found_by_the_head(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [signed(row, action="other") if row["position"] == 6 else row for row in found]

    assert rewritten(six_entries, change) == [Break(0, 6, "changed")]


def test_a_first_entry_that_follows_something_is_found(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [signed(row, previous="1" * 64) if row["position"] == 1 else row for row in found]

    assert rewritten(six_entries, change) == [Break(0, 1, "changed")]


def test_removed_entries_are_all_named(six_entries: Desk) -> None:
    with six_entries.database.write() as connection:
        connection.execute(delete(audit_entries).where(audit_entries.c.position.in_([1, 3, 4])))
    assert breaks(six_entries) == [Break(0, 1, "missing"), Break(0, 3, "missing", 4)]


def test_a_removed_entry_whose_gap_was_closed_is_found(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [at(row, position) for position, row in enumerate(found[:2] + found[3:], 1)]

    assert rewritten(six_entries, change) == [Break(0, 3, "missing"), Break(0, 3, "moved", 5)]


def test_an_inserted_entry_is_found(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        put_in = signed(found[2], id=10**8, position=3, action="forged")
        later = [at(row, row["position"] + 1, id=10**9 + row["id"]) for row in found[2:]]
        return [*found[:2], put_in, *later]

    assert rewritten(six_entries, change) == [Break(0, 3, "inserted"), Break(0, 4, "moved", 7)]


def test_an_inserted_entry_without_a_right_hash_is_found(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        put_in = {**found[2], "id": 10**8, "action": "forged"}
        later = [at(row, row["position"] + 1, id=10**9 + row["id"]) for row in found[2:]]
        return [*found[:2], put_in, *later]

    assert rewritten(six_entries, change) == [Break(0, 3, "inserted"), Break(0, 4, "moved", 7)]


@pytest.mark.parametrize("position", [0, -1])
def test_an_entry_before_the_first_is_found(six_entries: Desk, position: int) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*found, signed(found[0], id=10**9, position=position)]

    assert rewritten(six_entries, change) == [Break(0, position, "inserted")]


def test_an_entry_behind_the_last_is_found(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*found, signed(found[5], id=10**9, position=7, previous=found[5]["hash"])]

    assert rewritten(six_entries, change) == [Break(0, 7, "inserted")]


def test_entries_that_changed_places_are_found(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        second, fourth = found[1]["position"], found[3]["position"]
        return [*found[:1], at(found[1], fourth), found[2], at(found[3], second), *found[4:]]

    assert rewritten(six_entries, change) == [Break(0, 2, "moved"), Break(0, 4, "moved")]


def test_the_last_two_entries_in_each_other_s_place_are_found(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*found[:4], at(found[4], 6), at(found[5], 5)]

    assert rewritten(six_entries, change) == [Break(0, 5, "moved", 6)]


def test_ids_that_show_entries_in_another_order_are_found(six_entries: Desk) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = [row["id"] for row in found]
        ids[1], ids[2] = ids[2], ids[1]
        return [{**row, "id": new} for row, new in zip(found, ids, strict=True)]

    assert rewritten(six_entries, change) == [Break(0, 3, "moved")]


def test_an_entry_that_went_to_another_chain_is_found_in_both(six_entries: Desk, example: Example) -> None:
    registrations.register(six_entries, Actor(example.ana), example.quality[0], serial(1), VERSION)

    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            at(row, 2, chain=example.core) if (row["chain"], row["position"]) == (0, 3) else row
            for row in found
        ]

    assert rewritten(six_entries, change) == [Break(0, 3, "missing"), Break(example.core, 2, "inserted")]


def test_a_head_that_was_set_back_is_found(six_entries: Desk) -> None:
    with six_entries.database.write() as connection:
        fourth = rows(connection)[3]
        connection.execute(update(audit_heads).values(position=4, hash=fourth["hash"]))
    assert breaks(six_entries) == [Break(0, 5, "inserted", 6)]


def test_a_head_with_another_hash_is_found(six_entries: Desk) -> None:
    with six_entries.database.write() as connection:
        connection.execute(update(audit_heads).values(hash="1" * 64))
    assert breaks(six_entries) == [Break(0, 6, "changed")]


def test_a_chain_of_which_nothing_but_its_head_is_left_is_found(six_entries: Desk) -> None:
    with six_entries.database.write() as connection:
        connection.execute(delete(audit_entries))
    assert breaks(six_entries) == [Break(0, 1, "cut off", 6)]


def test_a_record_longer_than_a_piece_holds_and_is_checked_to_its_end(desk: Desk, example: Example) -> None:
    entries = [Entry(None, example.olga, "slack", "note", "desk", {"number": each}) for each in range(2500)]
    with desk.database.write() as connection:
        audit.append_all(connection, entries, START)
    assert breaks(desk) == []
    with desk.database.write() as connection:
        own = audit_entries.c.position.in_([1000, 1001, 2499])
        connection.execute(update(audit_entries).where(own).values(source="mail"))
    assert breaks(desk) == [Break(0, 1000, "changed", 1001), Break(0, 2499, "changed")]


def cut_off(desk: Desk, position: int) -> None:
    """Remove the end of the desk's chain and the note of it, so that what is left holds by itself."""
    with desk.database.write() as connection:
        connection.execute(delete(audit_entries).where(audit_entries.c.position > position))
        last = rows(connection)[-1]
        connection.execute(update(audit_heads).values(position=position, hash=last["hash"]))


def exported(desk: Desk) -> bytes:
    return heads.export(desk)[0].encode()


def since(desk: Desk, text: bytes) -> list[Break]:
    with desk.database.read() as connection:
        return list(heads.against(connection, heads.read(text, keys.verifying_keys(connection))))


@pytest.fixture
def kept(six_entries: Desk) -> bytes:
    """Heads that were exported; the entry of the key is the seventh."""
    make_key(six_entries)
    return exported(six_entries)


def test_what_was_added_since_the_heads_were_exported_holds(
    six_entries: Desk, example: Example, kept: bytes
) -> None:
    note(six_entries, Actor(example.olga), "later")
    registrations.register(six_entries, Actor(example.ana), example.quality[0], serial(1), VERSION)
    assert since(six_entries, kept) == []


def test_an_end_that_was_cut_off_together_with_its_note_is_found_by_exported_heads(
    six_entries: Desk, kept: bytes
) -> None:
    with six_entries.database.read() as connection:
        length = len(rows(connection))
    cut_off(six_entries, 4)
    assert breaks(six_entries) == []
    assert since(six_entries, kept) == [Break(0, 5, "cut off since", length if length > 5 else None)]


def test_a_chain_that_was_removed_as_a_whole_is_found_by_exported_heads(
    six_entries: Desk, kept: bytes
) -> None:
    with six_entries.database.write() as connection:
        length = len(rows(connection))
        connection.execute(delete(audit_entries))
        connection.execute(delete(audit_heads))
    assert breaks(six_entries) == []
    assert since(six_entries, kept) == [Break(0, 1, "cut off since", length)]


def test_a_chain_that_was_written_anew_is_found_by_exported_heads(
    six_entries: Desk, example: Example, kept: bytes
) -> None:
    with six_entries.database.read() as connection:
        length = len(rows(connection))
    cut_off(six_entries, 2)
    for _ in range(length):
        note(six_entries, Actor(example.olga), "nothing happened")
    assert breaks(six_entries) == []
    assert since(six_entries, kept) == [Break(0, length, "changed since")]


def test_heads_that_were_changed_are_refused(six_entries: Desk, kept: bytes) -> None:
    header, payload, signature = kept.split(b".")
    forged = b".".join((header, payload[:40] + payload[40:48][::-1] + payload[48:], signature))
    with pytest.raises(SignatureMismatch):
        since(six_entries, forged)
    with pytest.raises(NotAuditHeads):
        since(six_entries, b"Hello")


def test_heads_are_of_a_type_of_their_own(six_entries: Desk, kept: bytes) -> None:
    listed = revocation_lists.make(six_entries, Actor(None, "schedule")).text
    with pytest.raises(WrongType):
        since(six_entries, listed)


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
