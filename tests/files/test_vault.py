import base64
import traceback

import pytest

from store.rules.secrets import MasterKeyMalformed, MasterKeyMissing, VaultClosed
from store.vault import Vault, generate_key

SECRET = b"the text of a license"


def test_what_the_vault_encrypts_it_can_open() -> None:
    vault = Vault([generate_key()])
    sealed = vault.encrypt(SECRET)
    assert SECRET not in sealed
    assert vault.decrypt(sealed) == SECRET


def test_the_same_content_is_never_encrypted_to_the_same_bytes() -> None:
    vault = Vault([generate_key()])
    assert vault.encrypt(SECRET) != vault.encrypt(SECRET)


def test_another_key_does_not_open_the_vault() -> None:
    sealed = Vault([generate_key()]).encrypt(SECRET)
    with pytest.raises(VaultClosed):
        Vault([generate_key()]).decrypt(sealed)
    with pytest.raises(VaultClosed):
        Vault([generate_key()]).rotate(sealed)


@pytest.mark.parametrize("place", [0, 9, 30, -1])
def test_changed_bytes_are_not_opened(place: int) -> None:
    vault = Vault([generate_key()])
    sealed = bytearray(vault.encrypt(SECRET))
    sealed[place] ^= 1
    with pytest.raises(VaultClosed):
        vault.decrypt(bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"gAAAAA", b"not base64 \xff", SECRET])
def test_what_was_never_encrypted_is_not_opened(sealed: bytes) -> None:
    with pytest.raises(VaultClosed):
        Vault([generate_key()]).decrypt(sealed)


def test_a_new_master_key_in_front_opens_what_the_old_one_encrypted() -> None:
    old, new = generate_key(), generate_key()
    sealed = Vault([old]).encrypt(SECRET)
    assert Vault([new, old]).decrypt(sealed) == SECRET


def test_after_rotation_the_old_master_key_is_no_longer_needed() -> None:
    old, new = generate_key(), generate_key()
    rotated = Vault([new, old]).rotate(Vault([old]).encrypt(SECRET))
    assert Vault([new]).decrypt(rotated) == SECRET
    with pytest.raises(VaultClosed):
        Vault([old]).decrypt(rotated)


def test_a_vault_without_a_master_key_is_refused() -> None:
    with pytest.raises(MasterKeyMissing):
        Vault([])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("", "empty"),
        ("c2hvcnQ=", "too short"),
        ("ü" * 44, "not ASCII"),
        ("A" * 42, "cut off"),
        ("A" * 43 + "=" + "A" * 43 + "=", "two keys without a comma"),
        ("A" * 20 + " " + "A" * 23 + "=", "a space inside"),
    ],
)
def test_a_malformed_master_key_is_named_by_its_place_and_never_shown(wrong: str, why: str) -> None:
    with pytest.raises(MasterKeyMalformed) as caught:
        Vault([generate_key(), wrong])
    assert vars(caught.value) == {"position": 2}, why
    assert caught.value.args == (2,)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_vault_shows_nothing_of_its_keys() -> None:
    key = generate_key()
    assert repr(Vault([key])) == str(Vault([key])) == "Vault()"


def test_a_vault_that_stays_closed_shows_nothing_of_what_it_was_given() -> None:
    sealed = Vault([generate_key()]).encrypt(SECRET)
    with pytest.raises(VaultClosed) as caught:
        Vault([generate_key()]).decrypt(sealed)
    assert sealed.decode() not in "".join(traceback.format_exception(caught.value))


def test_the_vault_tells_which_master_key_something_is_encrypted_with() -> None:
    old, new = generate_key(), generate_key()
    vault = Vault([new, old])
    assert vault.place(Vault([new]).encrypt(SECRET)) == 1
    assert vault.place(Vault([old]).encrypt(SECRET)) == 2


@pytest.mark.parametrize("sealed", [b"", b"gAAAAA", b"not base64 \xff", SECRET])
def test_what_was_never_encrypted_is_under_no_master_key(sealed: bytes) -> None:
    with pytest.raises(VaultClosed):
        Vault([generate_key()]).place(sealed)


@pytest.mark.parametrize("place", [0, 9, 30, -1])
def test_changed_bytes_are_under_no_master_key(place: int) -> None:
    vault = Vault([generate_key()])
    sealed = bytearray(vault.encrypt(SECRET))
    sealed[place] ^= 1
    with pytest.raises(VaultClosed):
        vault.place(bytes(sealed))


def test_a_fingerprint_names_a_master_key_and_holds_nothing_of_it() -> None:
    old, new = generate_key(), generate_key()
    fingerprints = Vault([new, old]).fingerprints
    assert fingerprints == (*Vault([new]).fingerprints, *Vault([old]).fingerprints)
    assert len(set(fingerprints)) == 2
    secret = base64.urlsafe_b64decode(new)
    assert fingerprints[0] not in secret.hex()
    assert len(fingerprints[0]) == 12
