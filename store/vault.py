"""The vault: encrypts what must not be readable in a stolen database (license files, private keys)."""

import base64
import binascii
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from store.rules.secrets import MasterKeyMalformed, MasterKeyMissing, VaultClosed

_MAC_BYTES = 32
_SIGNING_BYTES = 16
_FINGERPRINT_BYTES = 6


class Vault:
    """Encrypts with the first of the master keys and opens with any of them.

    `master_keys` are Fernet keys (32 bytes in URL-safe base64), newest first. Raises `MasterKeyMissing` or
    `MasterKeyMalformed`. Safe to share between threads.
    """

    __slots__ = ("_fernet", "_secrets")

    def __init__(self, master_keys: Sequence[str]) -> None:
        if not master_keys:
            raise MasterKeyMissing
        self._fernet = MultiFernet([_fernet(key, place) for place, key in enumerate(master_keys, start=1)])
        self._secrets = tuple(base64.urlsafe_b64decode(key) for key in master_keys)

    def __repr__(self) -> str:
        return "Vault()"

    def encrypt(self, plain: bytes) -> bytes:
        """Return `plain` encrypted with the newest master key; the same bytes never give the same result."""
        return self._fernet.encrypt(plain)

    def decrypt(self, sealed: bytes) -> bytes:
        """Return what was encrypted. Raises `VaultClosed`."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            # The cause says nothing more, and its traceback would hold the bytes.
            raise VaultClosed from None

    def rotate(self, sealed: bytes) -> bytes:
        """Return the same content encrypted with the newest master key. Raises `VaultClosed`."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise VaultClosed from None

    def place(self, sealed: bytes) -> int:
        """Return which of the master keys, from 1 for the newest, something is encrypted with. Raises `VaultClosed`.

        Nothing is decrypted: a Fernet token ends with an HMAC-SHA256 of all before it, under the first half of
        its key (https://github.com/fernet/spec).
        """
        try:
            raw = base64.urlsafe_b64decode(sealed)
        except (binascii.Error, ValueError):
            raise VaultClosed from None
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        for place, secret in enumerate(self._secrets, start=1):
            if hmac.compare_digest(hmac.digest(secret[:_SIGNING_BYTES], body, "sha256"), mac):
                return place
        raise VaultClosed

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """A name for each master key, newest first: 12 hexadecimal digits from which no key can be found."""
        made = (_signature(each, "fingerprint", b"") for each in self._secrets)
        return tuple(each[:_FINGERPRINT_BYTES].hex() for each in made)

    def keys_for(self, purpose: str) -> tuple[bytes, ...]:
        """Return 32 bytes derived from each of the master keys for this `purpose`, newest first."""
        return tuple(_derived(each, purpose) for each in self._secrets)

    def sign(self, purpose: str, message: bytes) -> bytes:
        """Return 32 bytes that only who has the newest master key can make of `message` for this `purpose`."""
        return _signature(self._secrets[0], purpose, message)

    def signed(self, purpose: str, message: bytes, signature: bytes) -> bool:
        """Whether `sign` made `signature`, with any of the master keys."""
        made = [_signature(each, purpose, message) for each in self._secrets]
        return any(hmac.compare_digest(each, signature) for each in made)


def generate_key() -> str:
    """Return a new random master key."""
    return Fernet.generate_key().decode("ascii")


def _fernet(key: str, position: int) -> Fernet:
    try:
        # Fernet itself overlooks what follows the padding, such as a second key without a comma between them.
        base64.b64decode(key, altchars=b"-_", validate=True)
        return Fernet(key)
    except ValueError:
        raise MasterKeyMalformed(position) from None


def _signature(secret: bytes, purpose: str, message: bytes) -> bytes:
    return hmac.digest(_derived(secret, purpose), message, "sha256")


def _derived(secret: bytes, purpose: str) -> bytes:
    # A key of its own for each purpose, so that nothing made with it means something elsewhere.
    return hmac.digest(secret, f"license-desk {purpose}".encode(), "sha256")
