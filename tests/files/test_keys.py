import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from store import keys
from store.database import Database
from store.key_formats import PrivateKey, generate, private_der, private_from_der, public_from_pem, thumbprint
from store.keys import KeyEntry, KeyRing, SigningKey
from store.rules.key_errors import AlgorithmUnknown, KeyMisnamed
from store.rules.key_states import ActiveKeyExists, KeyMoveRefused, KeyNotFound, KeyState, NoActiveKey
from store.rules.secrets import VaultClosed
from store.signers import is_signed
from store.tables import signing_keys
from store.vault import Vault, generate_key

NOW = datetime(2026, 12, 1, 10, 15, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


@pytest.fixture
def vault() -> Vault:
    return Vault([generate_key()])


def _init(database: Database, vault: Vault, algorithm: str = "ES256") -> KeyEntry:
    with database.write() as connection:
        return keys.init(connection, vault, NOW, algorithm)


def _add(database: Database, vault: Vault) -> KeyEntry:
    with database.write() as connection:
        return keys.add(connection, vault, NOW)


def _secret_bytes(private_key: PrivateKey) -> bytes:
    if isinstance(private_key, Ed25519PrivateKey):
        return private_key.private_bytes_raw()
    return private_key.private_numbers().private_value.to_bytes(32, "big")


def _states(database: Database) -> dict[str, KeyState]:
    with database.read() as connection:
        return {entry.kid: entry.state for entry in keys.list_keys(connection)}


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_the_first_key_is_active_at_once(database: Database, vault: Vault, algorithm: str) -> None:
    made = _init(database, vault, algorithm)
    with database.read() as connection:
        assert keys.list_keys(connection) == [made]
        opened = KeyRing(vault).active(connection)
    assert (made.state, made.created_at, made.activated_at, made.retired_at) == (
        KeyState.ACTIVE,
        NOW,
        NOW,
        None,
    )
    assert (opened.id, opened.kid, opened.algorithm) == (made.id, made.kid, algorithm)
    public_key = public_from_pem(made.public_pem)
    assert thumbprint(public_key) == made.kid
    assert is_signed(public_key, b"a message", opened.sign(b"a message"))
    assert not is_signed(public_key, b"another one", opened.sign(b"a message"))


def test_a_second_active_key_is_refused(database: Database, vault: Vault) -> None:
    made = _init(database, vault)
    with pytest.raises(ActiveKeyExists):
        _init(database, vault)
    assert _states(database) == {made.kid: KeyState.ACTIVE}


def test_a_key_for_another_algorithm_is_not_made(database: Database, vault: Vault) -> None:
    with pytest.raises(AlgorithmUnknown):
        _init(database, vault, "HS256")
    assert _states(database) == {}


def test_without_a_key_nothing_can_be_signed(database: Database, vault: Vault) -> None:
    _add(database, vault)
    with database.read() as connection, pytest.raises(NoActiveKey):
        KeyRing(vault).active(connection)


def test_only_one_of_ten_processes_makes_the_first_key(database: Database, vault: Vault) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(10)

    def make() -> None:
        together.wait()
        try:
            outcomes.append(_init(database, vault).state)
        except ActiveKeyExists:
            outcomes.append("refused")

    threads = [threading.Thread(target=make) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["active"] + ["refused"] * 9


def test_activating_the_next_key_retires_the_one_before(database: Database, vault: Vault) -> None:
    first, second = _init(database, vault), _add(database, vault)
    ring = KeyRing(vault)
    with database.read() as connection:
        assert ring.active(connection).kid == first.kid
    with database.write() as connection:
        activated = keys.activate(connection, second.kid, LATER)
    assert (activated.state, activated.activated_at) == (KeyState.ACTIVE, LATER)
    with database.read() as connection:
        assert ring.active(connection).kid == second.kid
        assert keys.find(connection, first.kid).retired_at == LATER
    assert _states(database) == {first.kid: KeyState.RETIRED, second.kid: KeyState.ACTIVE}


def test_only_one_of_two_keys_activated_at_once_becomes_active(database: Database, vault: Vault) -> None:
    _init(database, vault)
    following = [_add(database, vault).kid for _ in range(6)]
    together = threading.Barrier(len(following))

    def activate(kid: str) -> None:
        together.wait()
        try:
            with database.write() as connection:
                keys.activate(connection, kid, LATER)
        except ActiveKeyExists:
            pass  # Another one was faster on a database where both had looked at the same moment.

    threads = [threading.Thread(target=activate, args=[kid]) for kid in following]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(_states(database).values()).count(KeyState.ACTIVE) == 1


def test_a_key_that_is_found_compromised_meanwhile_does_not_become_active(
    postgresql_database: Database, vault: Vault
) -> None:
    _init(postgresql_database, vault)
    following = _add(postgresql_database, vault)
    with postgresql_database.write() as activating:
        as_read = keys.find(activating, following.kid)
        with postgresql_database.write() as other:
            keys.compromise(other, following.kid, LATER)
        with pytest.raises(KeyMoveRefused) as caught:
            keys._move(activating, as_read, KeyState.ACTIVE, activated_at=LATER)
    assert caught.value.present is KeyState.COMPROMISED


def test_a_compromised_active_key_stops_signing_and_another_can_take_over(
    database: Database, vault: Vault
) -> None:
    first, second = _init(database, vault), _add(database, vault)
    with database.write() as connection:
        compromised = keys.compromise(connection, first.kid, LATER)
    assert (compromised.state, compromised.retired_at) == (KeyState.COMPROMISED, LATER)
    with database.read() as connection, pytest.raises(NoActiveKey):
        KeyRing(vault).active(connection)
    with database.write() as connection:
        keys.activate(connection, second.kid, LATER)
    assert _states(database) == {first.kid: KeyState.COMPROMISED, second.kid: KeyState.ACTIVE}


def test_a_retired_key_keeps_the_day_it_retired_when_it_is_found_compromised(
    database: Database, vault: Vault
) -> None:
    entry = _add(database, vault)
    with database.write() as connection:
        assert keys.retire(connection, entry.kid, NOW).retired_at == NOW
        assert keys.compromise(connection, entry.kid, LATER).retired_at == NOW


def test_the_active_key_retires_only_by_another_taking_its_place(database: Database, vault: Vault) -> None:
    made = _init(database, vault)
    with pytest.raises(KeyMoveRefused) as caught, database.write() as connection:
        keys.retire(connection, made.kid, LATER)
    assert caught.value.audited == {"kid": made.kid, "present": "active", "wanted": "retired"}


def test_a_retired_or_compromised_key_never_signs_again(database: Database, vault: Vault) -> None:
    active = _init(database, vault)
    for end in (keys.retire, keys.compromise):
        entry = _add(database, vault)
        with database.write() as connection:
            end(connection, entry.kid, NOW)
        with pytest.raises(KeyMoveRefused), database.write() as connection:
            keys.activate(connection, entry.kid, LATER)
    assert _states(database)[active.kid] is KeyState.ACTIVE


def test_an_unknown_key_is_said_to_be_unknown(database: Database) -> None:
    for move in (keys.activate, keys.retire, keys.compromise):
        with pytest.raises(KeyNotFound), database.write() as connection:
            move(connection, "nobody", NOW)


def test_every_key_verifies_under_its_name_and_state(database: Database, vault: Vault) -> None:
    active, following = _init(database, vault, "EdDSA"), _add(database, vault)
    with database.read() as connection:
        found = keys.verifying_keys(connection)
    assert {kid: (key.algorithm, key.state) for kid, key in found.items()} == {
        active.kid: ("EdDSA", KeyState.ACTIVE),
        following.kid: ("ES256", KeyState.NEXT),
    }
    assert all(thumbprint(key.public_key) == kid for kid, key in found.items())


def test_signing_much_decrypts_the_key_once(database: Database, vault: Vault) -> None:
    _init(database, vault)
    ring = KeyRing(vault)
    with database.read() as connection:
        assert ring.active(connection).signer is ring.active(connection).signer


def test_another_master_key_does_not_open_the_signing_key(database: Database, vault: Vault) -> None:
    _init(database, vault)
    with database.read() as connection, pytest.raises(VaultClosed):
        KeyRing(Vault([generate_key()])).active(connection)


def test_a_private_key_put_in_the_place_of_another_is_not_used(database: Database, vault: Vault) -> None:
    made = _init(database, vault)
    foreign = vault.encrypt(private_der(generate("ES256")))
    with database.write() as connection:
        connection.execute(update(signing_keys).values(private_encrypted=foreign))
    with database.read() as connection, pytest.raises(KeyMisnamed) as caught:
        KeyRing(vault).active(connection)
    assert caught.value.kid == made.kid


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_a_stolen_database_file_shows_no_private_key(
    sqlite_database: Database, vault: Vault, algorithm: str
) -> None:
    _init(sqlite_database, vault, algorithm)
    with sqlite_database.read() as connection:
        opened = connection.execute(select(signing_keys)).one()
    sqlite_database.close()  # the last connection puts everything into the one file
    content = Path(str(sqlite_database.url.database)).read_bytes()
    assert opened.kid.encode() in content
    private_key = private_from_der(vault.decrypt(opened.private_encrypted))
    secret = _secret_bytes(private_key)
    assert secret in private_der(private_key)
    assert secret not in content
    assert b"PRIVATE KEY" not in content


def test_a_signing_key_never_shows_its_private_part(database: Database, vault: Vault) -> None:
    _init(database, vault)
    ring = KeyRing(vault)
    with database.read() as connection:
        opened = ring.active(connection)
    assert isinstance(opened, SigningKey)
    assert repr(opened) == f"SigningKey(id={opened.id}, kid={opened.kid!r}, algorithm='ES256')"
    assert repr(ring) == "KeyRing()"
