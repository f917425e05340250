"""What setting roles, the approval channel and stand-ins, and asking for access, are refused for."""

from dataclasses import dataclass
from datetime import datetime

from store.rules.errors import DeskError, FieldError, Named, Refusal
from store.rules.rights import RoleName

MOST_STAND_IN_DAYS = 30
LONGEST_ACCESS_TEXT = 500


@dataclass(eq=False)
class MayNotSetRole(Refusal):
    """Somebody else gives and takes this role; they are named."""

    infrastructure_id: int | None
    subject: str
    role: RoleName
    who_may: tuple[str, ...]

    @property
    def audited(self) -> dict[str, object]:
        """Which role."""
        return {"role": str(self.role)}


@dataclass(eq=False)
class LastCompanyAdmin(Refusal):
    """A company keeps one active admin: the last one can neither leave nor be removed."""

    infrastructure_id: int | None
    company: Named
    admin: Named

    @property
    def subject(self) -> str:  # type: ignore[override] # read from the one whom it is about
        """The last admin."""
        return f"person {self.admin.id}"


@dataclass(eq=False)
class CannotHoldRole(Refusal):
    """This person cannot have a role: deactivated, a guest whom the import does not name, a bot, or from elsewhere."""

    who: str
    why: str  # "deactivated", "guest", "bot", "elsewhere" or "unknown"

    @property
    def audited(self) -> dict[str, object]:
        """Why, without naming anybody."""
        return {"why": self.why}


@dataclass(eq=False)
class RoleNotHeld(Refusal):
    """This role is not held like this any more: somebody changed it in the meantime."""

    role_id: int | None  # absent when somebody else was given it

    @property
    def subject(self) -> str:  # type: ignore[override] # read from the role that it is about
        """The role as it was held."""
        return f"role {self.role_id}" if self.role_id else "roles"


@dataclass(eq=False)
class OperatorsRole(Refusal):
    """Operators are named by the import, so that this role is neither handed over nor given up in Slack."""


@dataclass(eq=False)
class ChannelUnusable(Refusal):
    """Cards could not be posted in this channel, so it cannot be the approval channel."""

    infrastructure_id: int
    channel: str  # its name, or Slack's id where the name cannot be seen
    why: str  # "archived", "absent" or "shared"
    subject: str = "approval channel"

    @property
    def audited(self) -> dict[str, object]:
        """Why."""
        return {"why": self.why}


class NotLookedUp(DeskError):
    """Slack did not say what somebody or a channel is like, so that nothing was changed."""


class RoleNotChosen(FieldError):
    """Choose a role."""

    field = "role"


@dataclass(eq=False)
class OneHolderOnly(FieldError):
    """This role has one holder, so that one person can be chosen."""

    role: RoleName
    field = "add"


class NothingToHandOver(FieldError):
    """Choose at least one role to hand over."""

    field = "roles"


class OwnSuccessor(FieldError):
    """You cannot be your own successor."""

    field = "successor"


class ContactNotChosen(FieldError):
    """Only somebody who is a contact here can have a stand-in."""

    field = "contact"


class OwnStandIn(FieldError):
    """A contact cannot stand in for themself."""

    field = "stand_in"


class StandInNotChosen(FieldError):
    """Choose who stands in, and the first and the last day."""

    field = "stand_in"


@dataclass(eq=False)
class StandInTooLong(FieldError):
    """A stand-in decides for 30 days at most."""

    days: int
    most: int = MOST_STAND_IN_DAYS
    field = "until"


class StandInOver(FieldError):
    """The last day lies in the past."""

    field = "until"


class StandInBackwards(FieldError):
    """The last day comes before the first."""

    field = "until"


class AccessTextMissing(FieldError):
    """Say what you need access to."""

    field = "access"


@dataclass(eq=False)
class AccessTextTooLong(FieldError):
    """What you need access to has to be said in fewer characters."""

    length: int
    most: int = LONGEST_ACCESS_TEXT
    field = "access"


@dataclass(eq=False)
class AccessAskedTooOften(Refusal):
    """Somebody asked for access several times within a day, and has to wait before asking again."""

    again_at: datetime
    subject: str = "access"


@dataclass(eq=False)
class AccessAnswered(Refusal):
    """Somebody else answered this request for access already."""

    who: str
    answered_by: str
    answered_at: datetime
    added: bool
    subject: str = "access"
