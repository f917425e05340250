"""What somebody is told who may not see, or who is not known here."""

from dataclasses import dataclass
from datetime import datetime

from store.rules.errors import Refusal


@dataclass(eq=False)
class NotAssociated(Refusal):
    """You are not associated with any infrastructure; the admins named, or the operators, can add you.

    The same answer is given for what does not exist and for what somebody may not see.
    """

    admins: tuple[str, ...] = ()  # names, only when the import linked this person to a company
    company: str | None = None


@dataclass(eq=False)
class NotAllowedHere(Refusal):
    """Guests, deactivated people, bots and people of other workspaces cannot use the desk, nor can anybody at first."""

    why: str  # "guest", "deactivated", "bot", "elsewhere", or "starting": we do not know our workspace yet

    @property
    def audited(self) -> dict[str, object]:
        """Why, without naming anybody."""
        return {"why": self.why}


@dataclass(eq=False)
class EmailHidden(Refusal):
    """Slack does not tell the e-mail address of somebody never seen, by which the import may have named them.

    Nothing is kept of them: as somebody without an address they would never be linked any more.
    """


@dataclass(eq=False)
class RefusedTooOften(Refusal):
    """You were refused too often in a short time, so nothing is done for you until the moment that is named."""

    again_at: datetime


@dataclass(eq=False)
class NoRight(Refusal):
    """That needs another role; the people who hold it are named."""

    infrastructure_id: int
    subject: str
    act: str  # what was tried, such as "release"
    who_may: tuple[str, ...]
