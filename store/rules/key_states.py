"""The life of a signing key: next, active, retired; or compromised."""

from dataclasses import dataclass
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


def check_move(kid: str, present: KeyState, wanted: KeyState) -> None:
    """Raise `KeyMoveRefused` unless a key may go from one state to the other."""
    if wanted not in _FOLLOWING[present]:
        raise KeyMoveRefused(kid, present, wanted)
