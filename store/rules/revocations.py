"""The revocation list: which licenses count no more although their time has not come, said in one way only."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from json.encoder import encode_basestring_ascii as quoted
from typing import Final

LISTED_AFTER_EXPIRY: Final = timedelta(days=1)
"""How long a license stays in the list after the end of its grace, when no server accepts it any more."""


class Reason(StrEnum):
    """Why a license counts no more."""

    RELEASED = "released"
    MOVED = "moved"  # the environment has another serial number, and a license for it
    SUSPENDED = "suspended"
    COMPROMISED = "compromised"  # the key that signed it


@dataclass(frozen=True, slots=True)
class Revocation:
    """One license that counts no more, from a moment on; `reason` is a `Reason`, or what another program says."""

    jti: str
    reason: str
    revoked_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """What a revocation list lists: its entries as JSON, in the order of their `jti`, and how many they are."""

    entries: bytes
    count: int

    @property
    def digest(self) -> str:
        """SHA-256 of the entries, in hex; the same licenses for the same reasons always give the same."""
        return hashlib.sha256(self.entries).hexdigest()


def listed(revocations: Iterable[Revocation]) -> Listed:
    """Write entries down; they come in the order of their `jti`, each once."""
    written = bytearray()
    count = 0
    for each in revocations:
        count += 1
        written += b"," if written else b""
        # A million of these are said; to build an object for each first takes three times as long.
        seconds = int(each.revoked_at.timestamp())
        said = f'{{"jti":{quoted(each.jti)},"reason":{quoted(each.reason)},"revoked_at":{seconds}}}'
        written += said.encode("ascii")
    return Listed(bytes(written), count)


def made_at(begun: datetime, now: datetime, life: timedelta) -> datetime:
    """When the list of a number that is `begun` at a moment was last signed anew: whenever half its life is over.

    Several processes sign the same list for the same moments, without asking each other.
    """
    half = max(life / 2, timedelta(seconds=1))
    return begun + max(0, (now - begun) // half) * half
