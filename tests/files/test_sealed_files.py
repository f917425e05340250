"""Large files at rest: any change of them shows, and any of the master keys opens them."""

import os
import traceback

import pytest

from store import sealed_files
from store.rules.secrets import VaultClosed
from store.sealed_files import CHUNK, SMALL, place, reseal, seal, unseal
from store.vault import Vault, generate_key

HEADER = 38
SEALED_CHUNK = CHUNK + 16
LARGE = SMALL + CHUNK // 2
SIZES = [64, SMALL - 1, SMALL, SMALL + 1, SMALL + CHUNK, SMALL + CHUNK + 1]


@pytest.fixture(scope="module")
def vault() -> Vault:
    return Vault([generate_key()])


@pytest.fixture(scope="module")
def content() -> bytes:
    return os.urandom(LARGE)


@pytest.fixture(scope="module")
def sealed(vault: Vault, content: bytes) -> bytes:
    return seal(vault, content)


def chunks(sealed: bytes) -> list[bytes]:
    return [sealed[start : start + SEALED_CHUNK] for start in range(HEADER, len(sealed), SEALED_CHUNK)]


def joined(sealed: bytes, parts: list[bytes]) -> bytes:
    return sealed[:HEADER] + b"".join(parts)


@pytest.mark.parametrize("size", SIZES)
def test_a_file_comes_back_byte_for_byte(vault: Vault, size: int) -> None:
    content = os.urandom(size)
    sealed = seal(vault, content)
    assert content[:64] not in sealed
    assert unseal(vault, sealed) == content


def test_a_large_file_takes_little_more_room_than_it_has(content: bytes, sealed: bytes) -> None:
    assert len(sealed) == HEADER + LARGE + 16 * len(chunks(sealed))


def test_the_same_file_is_never_sealed_to_the_same_bytes(vault: Vault, content: bytes, sealed: bytes) -> None:
    again = seal(vault, content)
    assert not set(chunks(again)) & set(chunks(sealed))


def test_the_same_chunk_twice_does_not_look_the_same(vault: Vault) -> None:
    found = chunks(seal(vault, b"\x00" * (SMALL + CHUNK)))
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("place", [0, 6, HEADER - 1, HEADER, HEADER + SEALED_CHUNK, LARGE, -1])
def test_a_changed_byte_shows(vault: Vault, sealed: bytes, place: int) -> None:
    changed = bytearray(sealed)
    changed[place] ^= 1
    with pytest.raises(VaultClosed):
        unseal(vault, bytes(changed))


def test_a_file_that_was_cut_off_shows(vault: Vault, sealed: bytes) -> None:
    parts = chunks(sealed)
    whole = [joined(sealed, parts[:many]) for many in range(len(parts))]
    for cut in (*whole, sealed[:-1], sealed[:-17], sealed[: HEADER + 5], sealed[:HEADER], sealed[:6]):
        with pytest.raises(VaultClosed):
            unseal(vault, cut)


def test_what_was_put_into_another_order_repeated_or_left_out_shows(vault: Vault, sealed: bytes) -> None:
    first, second, *rest = chunks(sealed)
    for parts in (
        [second, first, *rest],
        [first, *rest],
        [first, first, *rest],
        [first, second, *rest, rest[-1]],
        [*rest],
    ):
        with pytest.raises(VaultClosed):
            unseal(vault, joined(sealed, parts))


def test_chunks_of_another_file_of_the_same_key_show(vault: Vault, content: bytes, sealed: bytes) -> None:
    other = chunks(seal(vault, content))
    with pytest.raises(VaultClosed):
        unseal(vault, joined(sealed, [*chunks(sealed)[:-1], other[-1]]))


def test_any_of_the_master_keys_opens_it_and_no_other(content: bytes) -> None:
    old, new = generate_key(), generate_key()
    sealed = seal(Vault([old]), content)
    assert unseal(Vault([new, old]), sealed) == content
    with pytest.raises(VaultClosed):
        unseal(Vault([new]), sealed)


@pytest.mark.parametrize("size", [5, LARGE])
def test_a_file_is_sealed_anew_with_the_newest_key(size: int) -> None:
    old, new = generate_key(), generate_key()
    content = os.urandom(size)
    again = reseal(Vault([new, old]), seal(Vault([old]), content))
    assert unseal(Vault([new]), again) == content
    with pytest.raises(VaultClosed):
        unseal(Vault([old]), again)


def test_nothing_of_a_file_is_in_the_error(vault: Vault, sealed: bytes) -> None:
    with pytest.raises(VaultClosed) as closed:
        unseal(vault, sealed[:-1])
    assert closed.value.__cause__ is None
    assert "Sealed" not in repr(vault)
    assert len("".join(traceback.format_exception(closed.value))) < 10_000


def test_what_is_no_sealed_file_is_not_opened(vault: Vault) -> None:
    for each in (b"", b"gAAAAA", sealed_files._MARK, sealed_files._MARK + b"\x00" * 40):
        with pytest.raises(VaultClosed):
            unseal(vault, each)


@pytest.mark.parametrize("size", [5, LARGE])
def test_which_master_key_a_file_is_sealed_with_is_told(size: int) -> None:
    old, new = generate_key(), generate_key()
    sealed = seal(Vault([old]), os.urandom(size))
    assert place(Vault([old]), sealed) == 1
    assert place(Vault([new, old]), sealed) == 2
    with pytest.raises(VaultClosed):
        place(Vault([new]), sealed)


def test_a_file_that_does_not_open_as_a_whole_is_under_no_master_key(vault: Vault, sealed: bytes) -> None:
    with pytest.raises(VaultClosed):
        place(vault, sealed[:-1])
