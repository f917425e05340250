"""Signing keys in files: read where they are, and refused in a sentence."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from store.key_files import read_key_file
from store.key_formats import PrivateKey, generate, public_pem, thumbprint
from store.rules.key_keeping import (
    KeyFileExposed,
    KeyFileLocked,
    KeyFileOdd,
    KeyFileUnreadable,
    KeyKeepingError,
)

PASSPHRASE = "canary of a passphrase"


def written(
    folder: Path,
    key: PrivateKey | rsa.RSAPrivateKey,
    encoding: Encoding = Encoding.PEM,
    lock: KeySerializationEncryption | None = None,
) -> str:
    file = folder / "signing.key"
    file.write_bytes(key.private_bytes(encoding, PrivateFormat.PKCS8, lock or NoEncryption()))
    file.chmod(0o600)
    return str(file)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_a_key_is_read_from_a_file(
    tmp_path: Path, algorithm: str, encoding: Encoding, passphrase: str
) -> None:
    key = generate(algorithm)
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else None
    read = read_key_file(written(tmp_path, key, encoding, lock), passphrase)
    assert thumbprint(read.public_key()) == thumbprint(key.public_key())


def test_a_passphrase_that_a_key_does_not_need_is_overlooked(tmp_path: Path) -> None:
    read_key_file(written(tmp_path, generate("ES256")), PASSPHRASE)


@pytest.mark.parametrize("given", ["", "another one"])
def test_a_key_does_not_open_without_its_passphrase(tmp_path: Path, given: str) -> None:
    path = written(tmp_path, generate("ES256"), lock=BestAvailableEncryption(PASSPHRASE.encode()))
    with pytest.raises(KeyFileLocked) as caught:
        read_key_file(path, given)
    assert caught.value.path == path
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o666, 0o777])
def test_a_key_that_everybody_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path, generate("ES256"))
    Path(path).chmod(mode)
    with pytest.raises(KeyFileExposed):
        read_key_file(path)
    Path(path).chmod(0o440)
    read_key_file(path)


def test_a_file_that_is_not_there_is_named_with_the_reason(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.key", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(KeyFileUnreadable) as caught:
            read_key_file(str(path))
        assert caught.value.reason.startswith(reason)


def test_keys_of_other_kinds_are_refused(tmp_path: Path) -> None:
    for key in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
        with pytest.raises(KeyFileOdd):
            read_key_file(written(tmp_path, key))


@pytest.mark.parametrize(
    "content", ["", "garbage", "-----BEGIN PRIVATE KEY-----\n", public_pem(generate("ES256").public_key())]
)
def test_what_is_no_private_key_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "signing.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeyFileOdd):
        read_key_file(str(file))


def test_no_refusal_shows_a_key_or_a_passphrase(tmp_path: Path) -> None:
    path = written(tmp_path, generate("ES256"), lock=BestAvailableEncryption(b"right"))
    with pytest.raises(KeyKeepingError) as caught:
        read_key_file(path, PASSPHRASE)
    assert PASSPHRASE not in f"{caught.value!r} {caught.value}"
