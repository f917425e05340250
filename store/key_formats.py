"""Signing keys in their written forms: thumbprint, JWK, JWKS and PEM.

Facts: RFC 7517 (JWK), RFC 7518 section 6.2 (EC members), RFC 7638 (thumbprint), RFC 8037 (OKP).
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_public_key,
)

from store.rules.key_errors import AlgorithmUnknown, KeyMisnamed, KeySetUnreadable, KeyUnreadable
from store.rules.key_states import KeyPurpose, KeyState

ES256 = "ES256"
EDDSA = "EdDSA"
ALGORITHMS = (ES256, EDDSA)
_COORDINATE_BYTES = 32
_PURPOSE = "Purpose: "
_PEM = re.compile(rf"({_PURPOSE}test\s+)?(-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----)", re.DOTALL)

PublicKey: TypeAlias = EllipticCurvePublicKey | Ed25519PublicKey
PrivateKey: TypeAlias = EllipticCurvePrivateKey | Ed25519PrivateKey


@dataclass(frozen=True)
class VerifyingKey:
    """A public key with what a verifier must know of it; `algorithm` belongs to the key."""

    kid: str
    algorithm: str
    public_key: PublicKey = field(repr=False)
    state: KeyState = KeyState.ACTIVE
    purpose: KeyPurpose = KeyPurpose.PRODUCTION


def generate(algorithm: str) -> PrivateKey:
    """Return a new private key: P-256 for ES256, Ed25519 for EdDSA. Raises `AlgorithmUnknown`."""
    if algorithm == ES256:
        return generate_private_key(SECP256R1())
    if algorithm == EDDSA:
        return Ed25519PrivateKey.generate()
    raise AlgorithmUnknown(algorithm)


def algorithm_of(key: object) -> str:
    """Return the algorithm that belongs to a public or private key. Raises `KeyUnreadable`."""
    if isinstance(key, EllipticCurvePublicKey | EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return ES256
    if isinstance(key, Ed25519PublicKey | Ed25519PrivateKey):
        return EDDSA
    raise KeyUnreadable


def thumbprint(public_key: PublicKey) -> str:
    """Return the RFC 7638 thumbprint: SHA-256 of the required members, in base64url without padding."""
    canonical = json.dumps(_members(public_key), sort_keys=True, separators=(",", ":"))
    return _encoded(hashlib.sha256(canonical.encode()).digest())


def verifying_key(
    public_key: PublicKey,
    state: KeyState = KeyState.ACTIVE,
    purpose: KeyPurpose = KeyPurpose.PRODUCTION,
) -> VerifyingKey:
    """Return `public_key` with its name and its algorithm. Raises `KeyUnreadable`."""
    return VerifyingKey(thumbprint(public_key), algorithm_of(public_key), public_key, state, purpose)


def jwk(key: VerifyingKey) -> dict[str, str]:
    """Return the public key as a JWK with `kid`, `alg` and `use`; a test key has the member `purpose` as well.

    RFC 7517, section 4, lets a JWK have members of one's own, which others overlook.
    """
    purpose = {} if key.purpose is KeyPurpose.PRODUCTION else {"purpose": str(key.purpose)}
    return _members(key.public_key) | {"kid": key.kid, "alg": key.algorithm, "use": "sig"} | purpose


def jwks(keys: Iterable[VerifyingKey]) -> dict[str, list[dict[str, str]]]:
    """Return the JWK set of the keys that may be believed; a compromised one is never published."""
    return {"keys": [jwk(key) for key in keys if key.state.trusted]}


def public_pem(public_key: PublicKey) -> str:
    """Return the public key in PEM (SubjectPublicKeyInfo)."""
    return public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def pem(key: VerifyingKey) -> str:
    """Return the public key in PEM; above that of a test key a line says so (RFC 7468, section 2, has room for it)."""
    said = "" if key.purpose is KeyPurpose.PRODUCTION else f"{_PURPOSE}{key.purpose}\n"
    return said + public_pem(key.public_key)


def public_from_pem(text: str) -> PublicKey:
    """Read a public key in PEM. Raises `KeyUnreadable`."""
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise KeyUnreadable from None
    return _supported(key)


def private_der(private_key: PrivateKey) -> bytes:
    """Return the private key unencrypted in DER (PKCS #8), to be encrypted by the vault at once."""
    return private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def private_from_der(der: bytes) -> PrivateKey:
    """Read a private key that `private_der` wrote. Raises `KeyUnreadable`."""
    try:
        key = load_der_private_key(der, password=None)
    except (ValueError, UnsupportedAlgorithm):
        # The cause could show the bytes.
        raise KeyUnreadable from None
    algorithm_of(key)
    if not isinstance(key, EllipticCurvePrivateKey | Ed25519PrivateKey):
        raise KeyUnreadable
    return key


def public_from_jwk(members: Mapping[str, object]) -> PublicKey:
    """Read the public part of a JWK. Raises `KeyUnreadable`."""
    kind = members.get("kty"), members.get("crv")
    try:
        if kind == ("EC", "P-256"):
            return _ec_public_key(_decoded(members.get("x")), _decoded(members.get("y")))
        if kind == ("OKP", "Ed25519"):
            return Ed25519PublicKey.from_public_bytes(_decoded(members.get("x")))
    except ValueError:
        raise KeyUnreadable from None
    raise KeyUnreadable


def public_from_point(encoded: bytes) -> PublicKey:
    """Read a public key as PKCS #11 gives it: an OCTET STRING of its point, or the point alone.

    Raises `KeyUnreadable`.
    """
    header = 2 if encoded[:2] in (b"\x04\x41", b"\x04\x20") and len(encoded) == encoded[1] + 2 else 0
    point = encoded[header:]
    try:
        if len(point) == _COORDINATE_BYTES:
            return Ed25519PublicKey.from_public_bytes(point)
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        raise KeyUnreadable from None


def keys_from_text(text: str) -> dict[str, VerifyingKey]:
    """Read verifying keys by their `kid` from a JWKS document or from public keys in PEM.

    Keys of other kinds in a JWKS are overlooked, as RFC 7517 section 5 asks.
    Raises `KeySetUnreadable`, `KeyUnreadable` or `KeyMisnamed`.
    """
    blocks = _PEM.findall(text)
    read = [_from_pem(*block) for block in blocks] if blocks else _keys_from_jwks(text)
    if not read:
        raise KeySetUnreadable
    return {key.kid: key for key in read}


def _from_pem(purpose: str, block: str) -> VerifyingKey:
    return verifying_key(
        public_from_pem(block), purpose=KeyPurpose.TEST if purpose else KeyPurpose.PRODUCTION
    )


def _keys_from_jwks(text: str) -> list[VerifyingKey]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise KeySetUnreadable from None
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise KeySetUnreadable
    return [_named(each) for each in members if isinstance(each, dict) and each.get("crv") in _CURVES]


def _named(members: Mapping[str, object]) -> VerifyingKey:
    # Whatever a key is for that is not known here, it is not for licenses that are used.
    is_plain = members.get("purpose", KeyPurpose.PRODUCTION) == KeyPurpose.PRODUCTION
    purpose = KeyPurpose.PRODUCTION if is_plain else KeyPurpose.TEST
    key = verifying_key(public_from_jwk(members), purpose=purpose)
    named = members.get("kid", key.kid)
    if named != key.kid:
        raise KeyMisnamed(str(named)[:80], key.kid)
    return key


_CURVES = ("P-256", "Ed25519")


def _members(public_key: PublicKey) -> dict[str, str]:
    if isinstance(public_key, Ed25519PublicKey):
        raw = public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "x": _encoded(raw)}
    algorithm_of(public_key)
    numbers = public_key.public_numbers()
    x, y = (_encoded(each.to_bytes(_COORDINATE_BYTES, "big")) for each in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def _ec_public_key(x: bytes, y: bytes) -> EllipticCurvePublicKey:
    numbers = EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), SECP256R1())
    return numbers.public_key()


def _supported(key: object) -> PublicKey:
    algorithm_of(key)
    if isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey):
        return key
    raise KeyUnreadable


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(value: object) -> bytes:
    if not isinstance(value, str) or "=" in value:
        raise KeyUnreadable
    padded = value.encode("ascii") + b"=" * (-len(value) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True)
