"""Signed documents: a JWS in compact form (RFC 7515), signed, and read back with the key that its header names.

The header says `alg`, `kid` and `typ`, and never brings a key of its own; the algorithm is the key's.
"""

import base64
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NoReturn

from jwt import InvalidSignatureError, InvalidTokenError, PyJWS
from jwt.utils import base64url_encode

from store.key_formats import ALGORITHMS, VerifyingKey
from store.keys import SigningKey
from store.rules.key_states import KeyPurpose
from store.rules.license_errors import (
    NotALicenseFile,
    SignatureMismatch,
    TestKey,
    UnknownExtension,
    UnknownKey,
    UntrustedKey,
    WrongAlgorithm,
    WrongType,
)

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SHOWN = 80
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_jws = PyJWS(algorithms=ALGORITHMS)


def sign(said: Mapping[str, object], key: SigningKey, kind: str) -> str:
    """Return the JWS of the type `kind` that says `said`, signed with `key`, on one line without its end."""
    return sign_bytes(written(said), key, kind).decode()


def sign_bytes(content: bytes, key: SigningKey, kind: str, end: bytes = b"") -> bytes:
    """Return the same for what is said in JSON already, as bytes with `end` behind them, since it may be large."""
    token = b".".join((_header_of(key.algorithm, key.kid, kind), base64url_encode(content)))
    return b"".join((token, b".", base64url_encode(key.sign(token)), end))


def written(said: Mapping[str, object]) -> bytes:
    """Write claims down as JSON, without any space."""
    return _JSON.encode(said).encode()


def read(
    token: str, keys: Mapping[str, VerifyingKey], kind: str, *, test_keys: bool = False
) -> tuple[dict[str, object], VerifyingKey]:
    """Return what a JWS of the type `kind` says, and the key of `keys` that signed it.

    What a test key signed is taken with `test_keys` alone. Raises a `LicenseFileError`, one class for each thing
    that can be wrong; `UntrustedKey` and `TestKey` only once the signature is good.
    """
    if not _COMPACT.fullmatch(token):
        raise NotALicenseFile(len(token))
    header = _header(token)
    _check_kind(header, kind)
    key = _named_key(header, keys)
    said = _verified(token, key)
    if not key.state.trusted:
        raise UntrustedKey(key.kid)
    if key.purpose is KeyPurpose.TEST and not test_keys:
        raise TestKey(key.kid)
    return _object(said), key


@lru_cache(maxsize=16)
def _header_of(algorithm: str, kid: str, kind: str) -> bytes:
    # It is the same for everything of a kind that a key signs, and to make it takes a third as long as the signature.
    return base64url_encode(written({"alg": algorithm, "kid": kid, "typ": kind}))


def _header(token: str) -> dict[str, object]:
    encoded = token.partition(".")[0]
    try:
        return _object(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except ValueError:
        raise NotALicenseFile(len(token)) from None


def _object(encoded: bytes) -> dict[str, object]:
    try:
        # Python's JSON would also take UTF-16, halves of characters and numbers that are none.
        found = json.loads(encoded.decode(), parse_constant=_no_number)
        if _SURROGATE.search(encoded):
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise NotALicenseFile(len(encoded)) from None
    if not isinstance(found, dict):
        raise NotALicenseFile(len(encoded))
    return found


def _no_number(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _check_kind(header: Mapping[str, object], kind: str) -> None:
    if header.get("typ") != kind:
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
