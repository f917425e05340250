"""The life of a signing key: next, active, retired; or compromised."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from store.rules.errors import DeskError, Refusal


class KeyState(StrEnum):
    """What a signing key is for: the active one signs; next, active and retired ones verify."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"

    @property
    def trusted(self) -> bool:
        """Whether a file signed with this key may be believed."""
        return self is not KeyState.COMPROMISED


class KeyPurpose(StrEnum):
    """What the licenses that a key signs are for: to be used, or for tests of products alone."""

    PRODUCTION = "production"
    TEST = "test"


# An active key retires only by another one taking its place, so that there is always one that signs.
# A compromised key stops at once, whatever follows.
_FOLLOWING = {
    KeyState.NEXT: {KeyState.ACTIVE, KeyState.RETIRED, KeyState.COMPROMISED},
    KeyState.ACTIVE: {KeyState.COMPROMISED},
    KeyState.RETIRED: {KeyState.COMPROMISED},
    KeyState.COMPROMISED: set[KeyState](),
}


class NoActiveKey(DeskError):
    """There is no active signing key, so no license file can be made; the operators make one."""


@dataclass(eq=False)
class ActiveKeyExists(Refusal):
    """There is an active signing key already, and there is exactly one."""

    subject = "keys"


@dataclass(eq=False)
class KeyNotFound(DeskError):
    """There is no signing key with this `kid`."""

    kid: str


@dataclass(eq=False)
class KeyKnown(Refusal):
    """The signing key `kid` is one of the desk's already; a key that is given up never comes back."""

    kid: str
    subject = "keys"

    @property
    def audited(self) -> dict[str, object]:
        """Which key."""
        return {"kid": self.kid}


@dataclass(eq=False)
class KeyMoveRefused(Refusal):
    """A key in the state `present` cannot become `wanted`."""

    kid: str
    present: KeyState
    wanted: KeyState
    subject = "keys"

    @property
    def audited(self) -> dict[str, object]:
        """Which key, and between which states."""
        return {"kid": self.kid, "present": self.present, "wanted": self.wanted}


@dataclass(eq=False)
class KeyNotPublished(Refusal):
    """The key `kid` has been published since `since` only, so that products may not know it yet.

    It may sign from `until` on.
    """

    kid: str
    since: datetime
    until: datetime
    subject = "keys"

    @property
    def audited(self) -> dict[str, object]:
        """Which key, and from when on it may sign."""
        return {"kid": self.kid, "until": self.until.isoformat()}

    def __str__(self) -> str:
        return (
            f"The key {self.kid} is published since {_moment(self.since)}, and products may not know it yet. "
            f"Activate it from {_moment(self.until)} on, or at once with --at-once: products that read "
            "the public keys before refuse what it signs until they read them again."
        )


@dataclass(eq=False)
class NoTestKeys(Refusal):
    """This desk has production keys, and no license of it may be signed with a test key. Use a desk of its own."""

    subject = "keys"


def check_move(kid: str, present: KeyState, wanted: KeyState) -> None:
    """Raise `KeyMoveRefused` unless a key may go from one state to the other."""
    if wanted not in _FOLLOWING[present]:
        raise KeyMoveRefused(kid, present, wanted)


def check_published(kid: str, since: datetime, published_for: timedelta, now: datetime) -> None:
    """Raise `KeyNotPublished` unless a key was published for long enough to sign."""
    if now < since + published_for:
        raise KeyNotPublished(kid, since, since + published_for)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
