"""License files: signed, read back and verified, named.

A license file is a JWS in compact form (RFC 7515), one line and a newline. Its header says `alg`, `kid` and
`typ`, and never brings a key of its own.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from jwt import InvalidSignatureError, InvalidTokenError, PyJWS
from jwt.utils import base64url_encode

from store.key_formats import ALGORITHMS, VerifyingKey
from store.keys import SigningKey
from store.rules.claim_reader import read_facts
from store.rules.claims import LicenseFacts, Verdict
from store.rules.license_errors import (
    LicenseFileTooLarge,
    NotALicenseFile,
    NotForThisProduct,
    SignatureMismatch,
    UnknownExtension,
    UnknownKey,
    UntrustedKey,
    WrongAlgorithm,
    WrongType,
)

TYPE = "license+jwt"
LARGEST = 64 * 1024
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_SHOWN = 80
_jws = PyJWS(algorithms=ALGORITHMS)


@dataclass(frozen=True, slots=True)
class LicenseFile:
    """A license file whose signature is good: what it says, and the key that signed it.

    `sha256` is the checksum, in hex, of the bytes as they were read.
    """

    facts: LicenseFacts
    kid: str
    algorithm: str
    sha256: str

    def verdict(self, now: datetime) -> Verdict:
        """Say what the license is worth at `now`."""
        return self.facts.verdict(now)


def sign(claims: Mapping[str, object], key: SigningKey) -> str:
    """Return the text of the license file that says `claims`, signed with `key`.

    Raises `LicenseFileTooLarge` for what no verifier would read.
    """
    signed = b".".join((_header_of(key.algorithm, key.kid), _encoded(claims)))
    signature = _jws.get_algorithm_by_name(key.algorithm).sign(signed, key.private_key)
    text = f"{signed.decode()}.{base64url_encode(signature).decode()}\n"
    if len(text) > LARGEST:
        raise LicenseFileTooLarge(len(text), LARGEST)
    return text


def read(text: str | bytes, keys: Mapping[str, VerifyingKey], audience: str | None = None) -> LicenseFile:
    """Verify a license file with the key that its header names, one of `keys`, and return what it says.

    The algorithm is the key's. White space around the line is overlooked. What the license is worth at a
    moment is `LicenseFile.verdict`. With `audience`, licenses for other products are refused.
    Raises a `LicenseFileError`, one class for each thing that can be wrong.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    token = _token(raw)
    header = _header(token)
    _check_kind(header)
    key = _named_key(header, keys)
    payload = _verified(token, key)
    if not key.state.trusted:
        raise UntrustedKey(key.kid)
    facts = read_facts(_object(payload))
    if audience is not None and facts.audience != audience:
        raise NotForThisProduct(facts.audience, audience)
    return LicenseFile(facts, key.kid, key.algorithm, hashlib.sha256(raw).hexdigest())


def checksum(text: str) -> str:
    """Return the SHA-256, in hex, of the file with this text."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_name(serial: str) -> str:
    """Return the name of the license file for a serial number."""
    return f"{serial}.lic"


@lru_cache(maxsize=16)
def _header_of(algorithm: str, kid: str) -> bytes:
    # It is the same for every license that a key signs, and to make it takes a third as long as the signature.
    return _encoded({"alg": algorithm, "kid": kid, "typ": TYPE})


def _encoded(said: Mapping[str, object]) -> bytes:
    """Say something as a segment of a JWS."""
    written = json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64url_encode(written.encode())


def _token(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise LicenseFileTooLarge(len(raw), LARGEST)
    try:
        token = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise NotALicenseFile(len(raw)) from None
    if not _COMPACT.fullmatch(token):
        raise NotALicenseFile(len(raw))
    return token


def _header(token: str) -> dict[str, object]:
    encoded = token.partition(".")[0]
    try:
        return _object(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except ValueError:
        raise NotALicenseFile(len(token)) from None


def _object(encoded: bytes) -> dict[str, object]:
    try:
        found = json.loads(encoded)
    except (ValueError, RecursionError):
        raise NotALicenseFile(len(encoded)) from None
    if not isinstance(found, dict):
        raise NotALicenseFile(len(encoded))
    return found


def _check_kind(header: Mapping[str, object]) -> None:
    if header.get("typ") != TYPE:
        raise WrongType(_shown(header.get("typ")))
    if "crit" in header:
        # RFC 7515, section 4.1.11: who does not know an extension that is marked critical must refuse.
        names = header["crit"]
        listed = names if isinstance(names, list) else [names]
        raise UnknownExtension(tuple(str(name)[:_SHOWN] for name in listed[:10]))


def _named_key(header: Mapping[str, object], keys: Mapping[str, VerifyingKey]) -> VerifyingKey:
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise WrongAlgorithm(_shown(algorithm), None)
    key = keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise UnknownKey(_shown(kid))
    if algorithm != key.algorithm:
        raise WrongAlgorithm(_shown(algorithm), key.algorithm)
    return key


def _verified(token: str, key: VerifyingKey) -> bytes:
    try:
        payload: bytes = _jws.decode(token, key.public_key, [key.algorithm])
    except InvalidSignatureError:
        raise SignatureMismatch from None
    except InvalidTokenError:
        raise NotALicenseFile(len(token)) from None
    return payload


def _shown(value: object) -> str | None:
    return None if value is None else str(value)[:_SHOWN]
