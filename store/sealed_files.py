"""Files at rest: small ones as everything else in the vault, large ones in chunks with AES-GCM.

A large file is its header (a mark and a random salt) and its chunks. Each chunk has a nonce of its own, and its
place and whether it is the last one are authenticated with it, so that a file that was cut off, lengthened, put
into another order or mixed with another one does not open. The key of a file is derived from a master key and
the salt, so that no nonce is ever used twice with one key.
"""

import os
import struct
from collections.abc import Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.rules.secrets import VaultClosed
from store.vault import Vault

SMALL: Final = 1024 * 1024
"""Bytes up to which a file is sealed whole."""
CHUNK: Final = 64 * 1024
"""Bytes of the content in each chunk but the last."""
_MARK: Final = b"LDSF\x00\x01"
"""What no text of the vault begins with."""
_SALT: Final = 32
_HEADER: Final = len(_MARK) + _SALT
_TAG: Final = 16
_PURPOSE: Final = "sealed files"
_PLACE: Final = struct.Struct(">Q?3x")
"""The place of a chunk and whether it is the last one, in the 12 bytes of a nonce."""


def seal(vault: Vault, content: bytes) -> bytes:
    """Return a file encrypted with the newest master key; the same bytes never give the same result."""
    if len(content) <= SMALL:
        return vault.encrypt(content)
    header = _MARK + os.urandom(_SALT)
    key = _key(vault.keys_for(_PURPOSE)[0], header)
    starts = range(0, len(content), CHUNK)
    chunks = [_locked(key, header, content, start, start == starts[-1]) for start in starts]
    return b"".join([header, *chunks])


def unseal(vault: Vault, sealed: bytes) -> bytes:
    """Return the bytes of a file, sealed with any of the master keys. Raises `VaultClosed`."""
    if not sealed.startswith(_MARK):
        return vault.decrypt(sealed)
    return b"".join(_opened(vault, sealed))


def place(vault: Vault, sealed: bytes) -> int:
    """Return which of the master keys, from 1 for the newest, a file opens with as a whole. Raises `VaultClosed`."""
    if not sealed.startswith(_MARK):
        return vault.place(sealed)
    number, _ = _key_of(vault, sealed)
    for _ in _opened(vault, sealed):
        pass
    return number


def reseal(vault: Vault, sealed: bytes) -> bytes:
    """Return the same file encrypted with the newest master key. Raises `VaultClosed`."""
    return seal(vault, unseal(vault, sealed))


def _opened(vault: Vault, sealed: bytes) -> Iterator[bytes]:
    header, starts = sealed[:_HEADER], range(_HEADER, len(sealed), CHUNK + _TAG)
    if not starts:
        raise VaultClosed
    _, key = _key_of(vault, sealed)
    for number, start in enumerate(starts):
        chunk, place = sealed[start : start + CHUNK + _TAG], _PLACE.pack(number, start == starts[-1])
        yield _unlocked(key, place, chunk, header)


def _key_of(vault: Vault, sealed: bytes) -> tuple[int, AESGCM]:
    """Which master key the first chunk opens with, from 1, and the file's key. Raises `VaultClosed`."""
    header, chunk = sealed[:_HEADER], sealed[_HEADER : _HEADER + CHUNK + _TAG]
    first = _PLACE.pack(0, len(sealed) <= _HEADER + CHUNK + _TAG)
    for number, secret in enumerate(vault.keys_for(_PURPOSE), start=1):
        key = _key(secret, header)
        try:
            _unlocked(key, first, chunk, header)
        except VaultClosed:
            continue
        return number, key
    raise VaultClosed


def _key(secret: bytes, header: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=header[len(_MARK) :], info=_MARK).derive(secret))


def _locked(key: AESGCM, header: bytes, content: bytes, start: int, last: bool) -> bytes:
    place = _PLACE.pack(start // CHUNK, last)
    return key.encrypt(place, content[start : start + CHUNK], header + place)


def _unlocked(key: AESGCM, place: bytes, chunk: bytes, header: bytes) -> bytes:
    try:
        return key.decrypt(place, chunk, header + place)
    except (InvalidTag, ValueError):
        # The cause says nothing more, and its traceback would hold the bytes.
        raise VaultClosed from None
