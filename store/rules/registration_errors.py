"""What registering, changing and releasing are refused for; each class is one sentence for a person."""

from dataclasses import dataclass
from datetime import datetime

from store.rules.environments import EnvironmentType
from store.rules.errors import FieldError, Named, Refusal


@dataclass(eq=False)
class CloudNeedsNothing(Refusal):
    """The vendor manages this cloud infrastructure; it is already active and nothing is to be installed."""

    infrastructure_id: int
    name: str
    subject: str = "infrastructure"


@dataclass(eq=False)
class NoSubscription(Refusal):
    """No subscription was loaded for this infrastructure yet; the operators can load it."""

    infrastructure_id: int
    name: str
    subject: str = "subscription"


@dataclass(eq=False)
class TermEnded(Refusal):
    """The subscription and its days of grace have ended; the account manager can renew it."""

    infrastructure_id: int
    name: str
    expired_at: datetime
    account_manager: tuple[str, str]  # name, e-mail
    subject: str = "subscription"


@dataclass(eq=False)
class Suspended(Refusal):
    """The subscription is suspended; the account manager can tell why."""

    infrastructure_id: int
    name: str
    account_manager: tuple[str, str]  # name, e-mail
    subject: str = "subscription"


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds a slot: its name, its registration and since when."""

    slot: str
    registration_id: int
    since: datetime


@dataclass(eq=False)
class NoSlotFree(Refusal):
    """All slots of that type are taken; what holds them is listed, and who can release one or add more."""

    infrastructure_id: int
    name: str
    environment_type: EnvironmentType
    holding: tuple[Holding, ...]  # empty: the subscription has no slot of that type
    releasers: tuple[str, ...]
    account_manager: tuple[str, str]  # name, e-mail
    subject: str = "slots"

    @property
    def audited(self) -> dict[str, object]:
        """The type and how many slots it has."""
        return {"environment_type": str(self.environment_type), "slots": len(self.holding)}


@dataclass(eq=False)
class SlotTaken(Refusal):
    """Somebody else has registered in that slot in the meantime; other slots of the type may be free."""

    infrastructure_id: int
    slot: Named
    free: int  # slots of that type that are still free

    @property
    def subject(self) -> str:  # type: ignore[override] # what it is about depends on the slot
        """The slot."""
        return f"slot {self.slot.id}"


@dataclass(eq=False)
class SerialInOtherSlot(Refusal):
    """This serial number is already registered in another slot of the same infrastructure, which is named."""

    infrastructure_id: int
    slot: Named
    registration_id: int

    @property
    def subject(self) -> str:  # type: ignore[override] # as above
        """The slot that has the serial number."""
        return f"slot {self.slot.id}"


@dataclass(eq=False)
class SerialReserved(Refusal):
    """This serial number waits in a serial change that is not decided yet."""

    infrastructure_id: int
    slot: Named

    @property
    def subject(self) -> str:  # type: ignore[override] # as above
        """The slot whose serial number is to change."""
        return f"slot {self.slot.id}"


@dataclass(eq=False)
class SerialElsewhere(Refusal):
    """This serial number is in use elsewhere; no details are given, and the operators are told."""

    infrastructure_id: int
    serial: str
    other_registration_id: int
    subject: str = "serial number"

    @property
    def audited(self) -> dict[str, object]:
        """The registration that has it."""
        return {"registration": self.other_registration_id}


@dataclass(eq=False)
class SameSerial(FieldError):
    """This is the serial number that the environment already has."""

    serial: str
    field = "serial"


@dataclass(eq=False)
class VersionDiffers(FieldError):
    """This serial number is registered in the slot with another version; changing it needs a confirmation."""

    slot: Named
    registration_id: int
    present: str
    wanted: str
    field = "version"


@dataclass(eq=False)
class VersionNotEntitled(Refusal):
    """The subscription covers platform versions up to a lower one; the account manager can raise it."""

    infrastructure_id: int
    highest: str
    wanted: str
    account_manager: tuple[str, str]  # name, e-mail
    subject: str = "platform version"

    @property
    def audited(self) -> dict[str, object]:
        """The version wanted and the highest one covered."""
        return {"wanted": self.wanted, "highest": self.highest}


@dataclass(eq=False)
class NotRegistered(Refusal):
    """That environment is not registered any more; nothing has changed."""

    infrastructure_id: int
    slot: Named

    @property
    def subject(self) -> str:  # type: ignore[override] # as above
        """The slot."""
        return f"slot {self.slot.id}"


@dataclass(eq=False)
class CannotUndo(Refusal):
    """A registration can be undone by its registrant, for 30 minutes, and while no license was made."""

    infrastructure_id: int
    why: str  # "other_registrant", "serial_changed", "too_late" or "licensed"
    subject: str = "registration"

    @property
    def audited(self) -> dict[str, object]:
        """Why."""
        return {"why": self.why}


@dataclass(eq=False)
class ReleaseNeedsOperators(Refusal):
    """Releases of this infrastructure are confirmed by the operators; a request to them is needed."""

    infrastructure_id: int
    subject: str = "release"
