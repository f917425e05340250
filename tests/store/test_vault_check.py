"""Whether master keys are those of a database, whatever is encrypted in it and however far a rotation is."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select, update

from store import keys, rotation
from store.desk import Actor, Desk
from store.kept_keys import KeyAccess, key_in_file
from store.key_formats import generate, private_der
from store.rules.secrets import MasterKeysOther
from store.tables import licenses, registrations, signing_keys
from store.vault import Vault, generate_key
from store.vault_check import check_vault
from tests.example import Example
from tests.store.holding import hold, made_for, upload
from tests.store.requesting import make_key, registered
from tests.store.test_rotation import add_licenses, with_keys

OLD, NEW, FOREIGN = generate_key(), generate_key(), generate_key()


def fits(desk: Desk, *master_keys: str) -> bool:
    try:
        check_vault(desk.database, Vault(master_keys))
    except MasterKeysOther:
        return False
    return True


@pytest.fixture
def keyed(desk: Desk, example: Example) -> Desk:
    """A desk under the old master key, with a registration and an active key that is kept in the database."""
    old = with_keys(desk, OLD)
    make_key(old)
    registered(old, example.rui, example.production[0])
    return old


@pytest.fixture
def outside(desk: Desk, example: Example, tmp_path: Path) -> Desk:
    """The same with a key in a file, so that nothing is encrypted yet."""
    file = tmp_path / "signing.key"
    file.write_bytes(private_der(generate("ES256")))
    file.chmod(0o600)
    old = with_keys(desk, OLD)
    with old.database.write() as connection:
        keys.init(connection, old.vault, old.clock(), outside=key_in_file(file, KeyAccess()))
    registered(old, example.rui, example.production[0])
    return old


def damage(desk: Desk, seqs: Sequence[int]) -> None:
    with desk.database.write() as connection:
        connection.execute(update(licenses).where(licenses.c.seq.in_(seqs)).values(text_encrypted=b"damaged"))


def test_where_nothing_is_encrypted_any_master_keys_will_do(outside: Desk) -> None:
    assert fits(outside, FOREIGN)


def test_the_private_key_in_use_has_to_open(keyed: Desk) -> None:
    assert fits(keyed, OLD)
    assert fits(keyed, FOREIGN, OLD)
    assert not fits(keyed, FOREIGN)


def test_the_next_private_key_has_to_open_and_a_retired_one_has_not(keyed: Desk) -> None:
    new = with_keys(keyed, NEW)
    with keyed.database.write() as connection:
        following = keys.add(connection, new.vault, keyed.clock())
    assert not fits(keyed, OLD)
    assert fits(keyed, OLD, NEW)
    with keyed.database.write() as connection:
        keys.activate(connection, following.kid, keyed.clock())
    assert fits(keyed, NEW)


def test_in_the_middle_of_a_rotation_both_master_keys_fit_together(keyed: Desk) -> None:
    add_licenses(keyed, 1, 5)
    both = with_keys(keyed, NEW, OLD)
    with keyed.database.write() as connection:
        sealed = connection.execute(signing_keys.select()).one().private_encrypted
        connection.execute(update(signing_keys).values(private_encrypted=both.vault.rotate(sealed)))
    assert [fits(keyed, *each) for each in ((NEW, OLD), (OLD, NEW), (NEW,), (OLD,))] == [
        True,
        True,
        False,
        False,
    ]
    rotation.rotate(both, Actor(None, "command"))
    assert [fits(keyed, *each) for each in ((NEW, OLD), (NEW,), (OLD,))] == [True, True, False]


def test_with_keys_outside_the_licenses_tell(outside: Desk) -> None:
    add_licenses(outside, 1, 5)
    assert fits(outside, OLD)
    assert not fits(outside, FOREIGN)


def test_a_license_that_was_damaged_stops_nothing(outside: Desk) -> None:
    add_licenses(outside, 1, 5)
    damage(outside, [4, 5])
    assert fits(outside, OLD)
    damage(outside, [3])
    assert not fits(outside, OLD)


def test_the_files_of_vendors_tell_too(outside: Desk, example: Example) -> None:
    hold(outside, example)
    with outside.database.read() as connection:
        registration = connection.execute(select(registrations.c.id)).scalars().one()
    upload(outside, example.rui, registration, made_for(1))
    assert fits(outside, OLD)
    assert not fits(outside, FOREIGN)
