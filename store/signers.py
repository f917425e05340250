"""What signs for a signing key: a function that takes a message and gives its signature in JOSE's form.

RFC 7518 section 3.4 writes an ES256 signature as R and S of 32 bytes each, and RFC 8037 an Ed25519 one as it is.
"""

from collections.abc import Callable
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from store.key_formats import PrivateKey, PublicKey

Signer: TypeAlias = Callable[[bytes], bytes]
PROBE = b"License Desk looks whether this key signs."
"""Signed only to see whether a key signs: no document begins like this, so that the signature is worth nothing."""
_HALF = 32
_SCHEME = ECDSA(SHA256())


def signer_of(private_key: PrivateKey) -> Signer:
    """Return what signs with a private key that this process holds."""
    if isinstance(private_key, Ed25519PrivateKey):
        return private_key.sign

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(private_key.sign(message, _SCHEME))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    return sign


def is_signed(public_key: PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether the owner of `public_key` signed `message`; `signature` is in JOSE's form."""
    try:
        if isinstance(public_key, Ed25519PublicKey):
            public_key.verify(signature, message)
        else:
            r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
            public_key.verify(encode_dss_signature(r, s), message, _SCHEME)
    except InvalidSignature:
        return False
    return True
