"""Private keys in files: PKCS #8 in PEM or DER, with or without a passphrase."""

import os
from pathlib import Path
from stat import S_IRWXO

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from store.key_formats import PrivateKey, algorithm_of
from store.rules.key_errors import KeyUnreadable
from store.rules.key_keeping import KeyFileExposed, KeyFileLocked, KeyFileOdd, KeyFileUnreadable

_LARGEST = 64 * 1024


def read_key_file(path: str, passphrase: str = "") -> PrivateKey:
    """Return the private key in a file.

    Raises `KeyFileUnreadable`, `KeyFileExposed`, `KeyFileLocked` or `KeyFileOdd`.
    """
    content = _content(path)
    try:
        key = _loaded(content, None)
    except TypeError:
        # This is how the library says that the key has a passphrase.
        key = _unlocked(path, content, passphrase)
    except (ValueError, UnsupportedAlgorithm):
        # The cause could show the bytes.
        raise KeyFileOdd(path) from None
    return _supported(path, key)


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            # Asked of the open file, so that it is the one that is read.
            if os.fstat(file.fileno()).st_mode & S_IRWXO:
                raise KeyFileExposed(path)
            return file.read(_LARGEST)
    except OSError as error:
        raise KeyFileUnreadable(path, str(error.strerror)) from None


def _unlocked(path: str, content: bytes, passphrase: str) -> object:
    if not passphrase:
        raise KeyFileLocked(path) from None
    try:
        return _loaded(content, passphrase.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileLocked(path) from None


def _supported(path: str, key: object) -> PrivateKey:
    try:
        algorithm_of(key)
    except KeyUnreadable:
        raise KeyFileOdd(path) from None
    if not isinstance(key, EllipticCurvePrivateKey | Ed25519PrivateKey):
        raise KeyFileOdd(path)
    return key


def _loaded(content: bytes, passphrase: bytes | None) -> object:
    load = load_pem_private_key if content.lstrip().startswith(b"-----") else load_der_private_key
    return load(content, passphrase)
