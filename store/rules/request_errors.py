"""What people are told who ask, decide, withdraw or send again, when it cannot be done."""

from dataclasses import dataclass
from datetime import datetime

from store.rules.errors import FieldError, Named, Refusal
from store.rules.request_states import Cause, ItemState, RequestKind
from store.rules.rights import Step

MOST_ENVIRONMENTS = 10
LONGEST_REASON = 1000


@dataclass(eq=False)
class NoEnvironmentChosen(FieldError):
    """Choose at least one environment."""

    field = "environments"


@dataclass(eq=False)
class TooManyEnvironments(FieldError):
    """One request is for at most ten environments; send another one for the rest."""

    chosen: int
    most: int = MOST_ENVIRONMENTS
    field = "environments"


@dataclass(eq=False)
class ReasonMissing(FieldError):
    """Say in a few words why; those who decide or look back will read it."""

    field = "reason"


@dataclass(eq=False)
class ReasonTooLong(FieldError):
    """The reason is too long; say it shorter."""

    length: int
    most: int = LONGEST_REASON
    field = "reason"


@dataclass(eq=False)
class NotProduction(FieldError):
    """Only of a production environment can it be said that production is down."""

    field = "urgent"


@dataclass(eq=False)
class UrgentTooOften(Refusal):
    """Somebody said already as often as they may that production is down; ask without it."""

    infrastructure_id: int
    most: int
    subject: str = "urgent request"


@dataclass(eq=False)
class AskedTooOften(Refusal):
    """Somebody asked as often as one person may within some time; they can ask again later."""

    infrastructure_id: int
    most: int
    again_at: datetime
    subject: str = "request"


@dataclass(eq=False)
class SeveralInfrastructures(Refusal):
    """One request is for environments of one infrastructure; these belong to several. Ask once for each."""

    names: tuple[str, ...]


@dataclass(eq=False, kw_only=True)
class NobodyToAsk(Refusal):
    """Nobody of those who could be asked can be reached in Slack, so nothing was created.

    `steps` are those that are empty: contacts, infrastructure administrators, company admins and operators
    for a license; `skipped` names those who hold such a role and cannot be reached.
    """

    infrastructure_id: int
    infrastructure: str
    steps: tuple[Step, ...]
    skipped: tuple[str, ...]

    @property
    def audited(self) -> dict[str, object]:
        """How many were skipped."""
        return {"skipped": len(self.skipped)}


@dataclass(eq=False)
class FilesHeld(Refusal):
    """The vendor makes the license files of this infrastructure, so none can be made here."""

    infrastructure_id: int
    name: str
    account_manager: tuple[str, str]  # name, e-mail
    subject: str = "license files"


@dataclass(eq=False)
class RequestUnknown(Refusal):
    """There is no such request among those that you made."""


@dataclass(eq=False, kw_only=True)
class AboutRequest(Refusal):
    """A refusal that is about one request, in the chain of its infrastructure."""

    infrastructure_id: int
    number: str

    def __post_init__(self) -> None:
        self.subject = f"request {self.number}"


@dataclass(eq=False, kw_only=True)
class AlreadyDecided(AboutRequest):
    """Somebody else decided first, or the request ended another way; the click changed nothing.

    `decider` is absent for what was withdrawn, expired or closed, `delivered_at` while no file arrived.
    `clicker_id` is the person who clicked, and `clicked_at` when.
    """

    kind: RequestKind
    clicker_id: int | None
    clicked_at: datetime
    state: ItemState
    cause: Cause | None
    decider: Named | None
    decided_at: datetime | None
    requester: Named
    environments: tuple[str, ...]
    delivered_at: datetime | None

    @property
    def audited(self) -> dict[str, object]:
        """What it had become by then."""
        return {"state": str(self.state)}


@dataclass(eq=False, kw_only=True)
class MayNotDecide(AboutRequest):
    """That decision needs a contact or an administrator, or for a release an operator; some are named."""

    kind: RequestKind
    infrastructure: str
    who_may: tuple[str, ...]


@dataclass(eq=False, kw_only=True)
class OwnRequest(AboutRequest):
    """Nobody decides a request of their own; one of those named can."""

    who_may: tuple[str, ...]


@dataclass(eq=False, kw_only=True)
class NothingToSend(AboutRequest):
    """No file was forwarded for this item, so none can be sent again."""

    state: ItemState


@dataclass(eq=False, kw_only=True)
class SendingAgainOver(AboutRequest):
    """A file can be sent again for seven days after the decision; those are over. Ask again."""

    until: datetime


@dataclass(eq=False, kw_only=True)
class CannotSendAgain(AboutRequest):
    """The file could not be asked for any more by the person who asked for it, so it is not sent again."""

    cause: Cause

    @property
    def audited(self) -> dict[str, object]:
        """Why."""
        return {"cause": str(self.cause)}
