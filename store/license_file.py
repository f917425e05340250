"""License files: signed, read back and verified, named.

A license file is a JWS in compact form (RFC 7515), one line and a newline. Its header says `alg`, `kid` and
`typ`, and never brings a key of its own.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from store import jws
from store.key_formats import VerifyingKey
from store.keys import SigningKey
from store.rules.claim_reader import read_facts
from store.rules.claims import LicenseFacts, Verdict
from store.rules.key_states import KeyPurpose
from store.rules.license_errors import (
    LicenseFileTooLarge,
    NotALicenseFile,
    NotForThisProduct,
)

TYPE = "license+jwt"
LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class LicenseFile:
    """A license file whose signature is good: what it says, and the key that signed it, with its purpose.

    `sha256` is the checksum, in hex, of the bytes as they were read.
    """

    facts: LicenseFacts
    kid: str
    algorithm: str
    purpose: KeyPurpose
    sha256: str

    def verdict(self, now: datetime) -> Verdict:
        """Say what the license is worth at `now`."""
        return self.facts.verdict(now)


def sign(claims: Mapping[str, object], key: SigningKey) -> str:
    """Return the text of the license file that says `claims`, signed with `key`.

    Raises `LicenseFileTooLarge` for what no verifier would read.
    """
    text = jws.sign(claims, key, TYPE) + "\n"
    if len(text) > LARGEST:
        raise LicenseFileTooLarge(len(text), LARGEST)
    return text


def read(
    text: str | bytes,
    keys: Mapping[str, VerifyingKey],
    audience: str | None = None,
    *,
    test_keys: bool = False,
) -> LicenseFile:
    """Verify a license file with the key that its header names, one of `keys`, and return what it says.

    The algorithm is the key's. White space around the line is overlooked. What the license is worth at a
    moment is `LicenseFile.verdict`. With `audience`, licenses for other products are refused;
    without `test_keys`, those that a test key signed.
    Raises a `LicenseFileError`, one class for each thing that can be wrong.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    claims, key = jws.read(_token(raw), keys, TYPE, test_keys=test_keys)
    facts = read_facts(claims)
    if audience is not None and facts.audience != audience:
        raise NotForThisProduct(facts.audience, audience)
    return LicenseFile(facts, key.kid, key.algorithm, key.purpose, hashlib.sha256(raw).hexdigest())


def checksum(text: str) -> str:
    """Return the SHA-256, in hex, of the file with this text."""
    return checksum_of(text.encode())


def checksum_of(content: bytes) -> str:
    """Return the SHA-256, in hex, of the bytes of a file."""
    return hashlib.sha256(content).hexdigest()


def file_name(serial: str) -> str:
    """Return the name of the license file for a serial number."""
    return f"{serial}.lic"


def _token(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise LicenseFileTooLarge(len(raw), LARGEST)
    try:
        return raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise NotALicenseFile(len(raw)) from None
