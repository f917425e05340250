"""The ways in which a secret may stand in a text, and the hunt for it in all of them."""

import re
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_BREAKS = re.compile(r"\s|\\[nrt]")


def forms(secret: str | bytes) -> set[str]:
    """What stands in a text that holds the secret: as it is, escaped, in hexadecimal digits, in any base64.

    Base64 is looked for at each of the three places where it may begin, so that the secret is found in whatever was
    encoded around it: a password behind its user, a private number inside a key in PEM.
    """
    data = secret.encode() if isinstance(secret, str) else secret
    plain = {data.decode(errors="ignore")} if isinstance(secret, str) else {repr(data)[2:-1]}
    return plain | {data.hex(), data.hex(":")} | set(_in_base64(data))


def of_key(key: EllipticCurvePrivateKey) -> set[str]:
    """What stands in a text that holds the private number of a key, also as a number and within PEM, DER or JWK."""
    number = key.private_numbers().private_value
    return forms(number.to_bytes(32)) | {str(number), f"{number:x}"}


def of_master_key(key: str) -> set[str]:
    """What stands in a text that holds a master key, or either half of what it decodes to."""
    decoded = urlsafe_b64decode(key)
    return forms(key) | forms(decoded[:16]) | forms(decoded[16:])


def found_in(said: str, hunted: Mapping[str, Iterable[str]]) -> list[str]:
    """The names of the secrets of which a form is in a text, however its lines and letters are set."""
    folded = _folded(said)
    lower = folded.lower()
    return [
        name
        for name, known in hunted.items()
        if any(form in said or _bare(form) in folded or (_is_hex(form) and form in lower) for form in known)
    ]


def _folded(text: str) -> str:
    return _BREAKS.sub("", text)


_bare = lru_cache(maxsize=1_000)(_folded)


@lru_cache(maxsize=1_000)
def _is_hex(form: str) -> bool:
    return re.fullmatch("[0-9a-f:]{20,}", form) is not None


def _in_base64(data: bytes) -> Iterator[str]:
    for before in range(3):
        # What the bytes before and behind it decide as well is left out.
        whole = b64encode(b"\0" * before + data).decode()[(0, 2, 3)[before] : (before + len(data)) * 8 // 6]
        yield whole
        yield whole.replace("+", "-").replace("/", "_")
