"""Rotation of master keys, on both databases, beside others who read and write."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update

from store import keys, licenses, rotation
from store.database import Database
from store.desk import Actor, Desk
from store.kept_keys import KeyAccess, key_in_file
from store.key_formats import generate, private_der
from store.keys import KeyRing
from store.rotation import SEALED
from store.tables import audit_entries, metadata, signing_keys
from store.tables import licenses as license_rows
from store.vault import Vault, generate_key
from tests.example import START, TERM_START, Example
from tests.store.requesting import make_key, registered

OPERATOR = Actor(None, "command")
OLD, NEW = generate_key(), generate_key()
TEXT = b"the text of license %d"


def with_keys(desk: Desk, *master_keys: str) -> Desk:
    """The same desk as a program with these master keys sees it."""
    vault = Vault(master_keys)
    return replace(desk, vault=vault, keys=KeyRing(vault))


@pytest.fixture
def before(desk: Desk, example: Example) -> Desk:
    """The desk under the old master key, with an active signing key."""
    old = with_keys(desk, OLD)
    make_key(old)
    registered(old, example.rui, example.production[0])
    return old


@pytest.fixture
def after(before: Desk) -> Desk:
    """The same desk once a new master key was put in front."""
    return with_keys(before, NEW, OLD)


def add_licenses(desk: Desk, first: int, count: int) -> None:
    """Write license texts `first` and so on, encrypted by the desk, all of one slot."""
    with desk.database.write() as connection:
        registration = connection.execute(
            select(metadata.tables["registrations"].c.id, metadata.tables["registrations"].c.slot_id)
        ).one()
        key_id = connection.execute(select(signing_keys.c.id)).scalar_one()
        rows = [
            {
                "jti": str(uuid4()),
                "registration_id": registration.id,
                "slot_id": registration.slot_id,
                "seq": number,
                "key_id": key_id,
                "not_before": TERM_START,
                "sameness": "0" * 64,
                "text_encrypted": desk.vault.encrypt(TEXT % number),
                "sha256": "0" * 64,
                "issued_at": START,
            }
            for number in range(first, first + count)
        ]
        connection.execute(insert(license_rows), rows)


def texts(desk: Desk) -> list[bytes]:
    """Every license text as this desk opens it. Raises `VaultClosed`."""
    with desk.database.read() as connection:
        sealed = connection.execute(select(license_rows.c.text_encrypted).order_by(license_rows.c.seq))
        return [desk.vault.decrypt(each) for each in sealed.scalars()]


def expected(*numbers: int) -> list[bytes]:
    return [TEXT % number for number in numbers]


def sealed_as(database: Database) -> list[bytes]:
    """Every license text as it is stored."""
    with database.read() as connection:
        query = select(license_rows.c.text_encrypted).order_by(license_rows.c.id)
        return list(connection.execute(query).scalars())


def actions(desk: Desk) -> list[str]:
    with desk.database.read() as connection:
        query = select(audit_entries.c.action).order_by(audit_entries.c.id)
        found = connection.execute(query).scalars().all()
    return [each for each in found if each in {"rotation_begun", "secrets_rotated"}]


def test_every_column_that_is_encrypted_is_rotated() -> None:
    encrypted = {
        column
        for table in metadata.tables.values()
        for column in table.c
        if column.name.endswith("_encrypted")
    }
    assert {each.column for each in SEALED} == encrypted
    assert len(SEALED) == len(encrypted)


def test_after_a_rotation_everything_opens_with_the_newest_master_key_alone(
    before: Desk, after: Desk
) -> None:
    add_licenses(before, 1, 600)
    done = rotation.rotate(after, OPERATOR)
    assert (done.changed, done.seen) == (601, 601)
    alone = with_keys(after, NEW)
    assert texts(alone) == expected(*range(1, 601))
    with alone.database.read() as connection:
        assert alone.keys.active(connection).kid


def test_a_second_rotation_leaves_every_byte_as_it_is(before: Desk, after: Desk) -> None:
    add_licenses(before, 1, 3)
    rotation.rotate(after, OPERATOR)
    stored = sealed_as(after.database)
    done = rotation.rotate(after, OPERATOR)
    assert (done.changed, done.seen) == (0, 4)
    assert sealed_as(after.database) == stored


def test_a_rotation_is_on_the_record_when_it_begins_and_when_it_ends(before: Desk, after: Desk) -> None:
    add_licenses(before, 1, 3)
    rotation.rotate(after, OPERATOR)
    rotation.rotate(after, OPERATOR)
    assert actions(after) == ["rotation_begun", "secrets_rotated"]
    with after.database.read() as connection:
        query = select(audit_entries.c.facts, audit_entries.c.subject)
        facts, subject = connection.execute(query.where(audit_entries.c.action == "secrets_rotated")).one()
    assert facts == {"secrets": 4}
    assert subject == f"master key {after.vault.fingerprints[0]}"


def test_it_is_counted_what_each_master_key_encrypts(before: Desk, after: Desk) -> None:
    add_licenses(before, 1, 5)
    add_licenses(after, 6, 2)
    add_licenses(with_keys(after, generate_key()), 8, 12)
    found = {each.noun: each for each in rotation.uses(after.database, after.vault)}
    assert found["license text"].by_place == {1: 2, 2: 5}
    assert found["private key"].by_place == {2: 1}
    assert found["license text"].closed_number == 12
    assert len(found["license text"].closed) == rotation.MOST_NAMED


def test_what_no_master_key_opens_stays_as_it_is_and_holds_up_nothing(before: Desk, after: Desk) -> None:
    add_licenses(with_keys(after, generate_key()), 1, 1)
    add_licenses(before, 2, 1)
    [foreign, _] = sealed_as(after.database)
    assert rotation.rotate(after, OPERATOR).changed == 2
    assert sealed_as(after.database)[0] == foreign
    assert rotation.uses(after.database, with_keys(after, NEW).vault)[1].by_place == {1: 1}


class Killed(Exception):
    """The process ended in the middle."""


def test_a_key_that_is_kept_outside_the_database_has_nothing_to_rotate(
    before: Desk, after: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "signing.key"
    file.write_bytes(private_der(generate("ES256")))
    file.chmod(0o600)
    with before.database.write() as connection:
        keys.add(connection, before.vault, START, outside=key_in_file(file, KeyAccess()))
    assert rotation.rotate(after, Actor(None, "command")).changed == 1
    with_new_alone = with_keys(after, NEW)
    assert not any(use.closed for use in rotation.uses(after.database, with_new_alone.vault))


def killed_after(pieces: int) -> Callable[[int], None]:
    told = []

    def progress(seen: int) -> None:
        told.append(seen)
        if len(told) == pieces:
            raise Killed

    return progress


def test_a_rotation_that_was_killed_goes_on_where_it_was(before: Desk, after: Desk) -> None:
    add_licenses(before, 1, 600)
    with pytest.raises(Killed):
        rotation.rotate(after, OPERATOR, killed_after(2))
    rotated = sealed_as(after.database)[:250]
    assert texts(after) == expected(*range(1, 601))
    assert rotation.rotate(after, OPERATOR).changed == 350
    assert sealed_as(after.database)[:250] == rotated
    assert texts(with_keys(after, NEW)) == expected(*range(1, 601))


def test_what_was_written_since_it_was_read_is_kept(before: Desk, after: Desk) -> None:
    add_licenses(before, 1, 10)

    class Meanwhile(Vault):
        """A vault beside which somebody else writes, between the reading and the writing of a piece."""

        def rotate(self, sealed: bytes) -> bytes:
            replaced = with_keys(after, OLD).vault.encrypt(b"written meanwhile")
            with after.database.write() as connection:
                connection.execute(
                    update(license_rows)
                    .where(license_rows.c.text_encrypted == sealed, license_rows.c.seq == 5)
                    .values(text_encrypted=replaced)
                )
            return super().rotate(sealed)

    done = rotation.rotate(replace(after, vault=Meanwhile([NEW, OLD])), OPERATOR)
    assert done.changed == 10  # the private key and nine texts
    assert texts(after)[4] == b"written meanwhile"
    assert rotation.uses(after.database, after.vault)[1].by_place == {1: 9, 2: 1}


def test_two_rotations_at_once_and_a_writer_lose_nothing(before: Desk, after: Desk) -> None:
    add_licenses(before, 1, 600)
    ended = Event()

    def write() -> None:
        number = 601
        while not ended.is_set() and number < 640:
            add_licenses(before if number % 2 else after, number, 1)
            number += 1

    writer = Thread(target=write)
    rotations = [Thread(target=rotation.rotate, args=(after, OPERATOR)) for _ in range(2)]
    for each in (writer, *rotations):
        each.start()
    for each in rotations:
        each.join()
    ended.set()
    writer.join()
    rotation.rotate(after, OPERATOR)
    found = texts(with_keys(after, NEW))
    assert found == expected(*range(1, len(found) + 1))
    assert len(found) >= 600


def test_readers_with_both_keys_never_miss_a_text_while_it_is_rotated(before: Desk, after: Desk) -> None:
    add_licenses(before, 1, 300)
    with after.database.read() as connection:
        ids = list(connection.execute(select(license_rows.c.id)).scalars())
    worker = Thread(target=rotation.rotate, args=(after, OPERATOR))
    worker.start()
    with after.database.read() as connection:
        for license_id in ids:
            assert licenses.text_of(after, connection, license_id).startswith(b"the text of license")
    worker.join()


def test_a_signing_key_that_was_opened_before_signs_on_after_a_rotation(before: Desk, after: Desk) -> None:
    with after.database.read() as connection:
        kid = after.keys.active(connection).kid
    rotation.rotate(after, OPERATOR)
    with after.database.read() as connection:
        assert after.keys.active(connection).kid == kid
