"""What a file says, as it was read; a field that the file leaves out is `None` and left as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from store.rules.environments import EnvironmentType
from store.rules.rights import RoleName


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the file."""

    line: int
    field: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Somebody, by Slack id or e-mail address. A resting role is one that gives no right for now."""

    text: str
    resting: bool
    place: Place


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """Somebody of a company, or of the desk.

    `slack_id` says who it is in Slack; `seen_as` is the Slack id that the desk itself found by the e-mail
    address, which says less (a guest is admitted by `slack_id` only).
    """

    name: str
    slack_id: str | None
    seen_as: str | None
    email: str | None
    zone: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class ProductEntry:
    """A product with its own texts; absent texts are left as they are."""

    name: str
    texts: Mapping[str, object]
    place: Place


@dataclass(frozen=True, slots=True)
class SubscriptionEntry:
    """The term of an infrastructure and what it entitles to."""

    starts_at: datetime
    ends_at: datetime | None  # first moment after the term; absent when perpetual
    unbroken_since: datetime | None
    values: Mapping[str, object]  # edition, features, limits, highest_version, grace_days, state
    place: Place


@dataclass(frozen=True, slots=True)
class SlotsEntry:
    """How many slots of one type there are; `names` are used for those that are new."""

    count: int
    names: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """Everybody who holds one role in one scope."""

    role: RoleName
    holders: tuple[Reference, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class InfrastructureEntry:
    """One licensed installation."""

    name: str
    activation_code: str
    product: str
    values: Mapping[str, object]  # hosting, files, approval_channel, flagged
    subscription: SubscriptionEntry | None
    slots: Mapping[EnvironmentType, SlotsEntry] | None
    roles: tuple[RoleEntry, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Document:
    """One document: a company, or the desk itself (`company` is `None`)."""

    company: str | None
    values: Mapping[str, object]  # of the company: account_manager_name, account_manager_email
    workspace: str | None
    products: tuple[ProductEntry, ...]
    people: tuple[PersonEntry, ...]
    roles: tuple[RoleEntry, ...]
    infrastructures: tuple[InfrastructureEntry, ...] | None
    place: Place

    @property
    def size(self) -> int:
        """About how many rows the document is worth."""
        below = (
            1 + sum(slots.count for slots in (each.slots or {}).values())
            for each in self.infrastructures or ()
        )
        return 1 + len(self.products) + len(self.people) + sum(below)
