"""What renewing, suspending and reinstating are refused for; each class is one sentence for a person."""

from dataclasses import dataclass
from datetime import datetime

from store.rules.environments import EnvironmentType
from store.rules.errors import FieldError, Refusal


@dataclass(eq=False)
class RenewalEndsTooEarly(FieldError):
    """A renewal ends later than the present term, than its own start and than this moment.

    `ends_at` is the first moment after the renewal, `earliest` the first one that it may have; absent for a
    perpetual subscription, which has no end to renew.
    """

    ends_at: datetime
    earliest: datetime | None
    field = "ends"

    def __str__(self) -> str:
        if self.earliest is None:
            return "The subscription is perpetual, so that a renewal with an end would shorten it."
        return f"A renewal ends on {self.earliest:%Y-%m-%d} (UTC) at the earliest."


@dataclass(frozen=True, slots=True)
class TakenSlots:
    """More slots of one type are taken than a renewal carries; `taken` are their names and serial numbers."""

    environment_type: EnvironmentType
    carried: int
    taken: tuple[tuple[str, str], ...]


@dataclass(eq=False)
class RenewalTooSmall(Refusal):
    """The renewal carries fewer slots or a lower version than is registered; what must be released is named."""

    infrastructure_id: int
    name: str
    slots: tuple[TakenSlots, ...]
    highest: str
    above: tuple[tuple[str, str], ...]  # names of slots with a platform version above `highest`
    subject: str = "subscription"

    @property
    def audited(self) -> dict[str, object]:
        """How many slots are carried by type, and how many environments are above the version."""
        carried = {str(each.environment_type): each.carried for each in self.slots}
        return {"slots": carried, "highest": self.highest, "above": len(self.above)}

    def __str__(self) -> str:
        said = [
            f"the renewal of {self.name} carries {each.carried} slots of the type "
            f"{each.environment_type.short}, and {len(each.taken)} are taken; release "
            f"{len(each.taken) - each.carried} of {_listed(each.taken)}"
            for each in self.slots
        ]
        if self.above:
            said.append(
                f"the renewal of {self.name} covers platform versions up to {self.highest}; "
                f"release {_listed(self.above)}"
            )
        return f"Nothing was renewed: {'; '.join(said)}."


@dataclass(eq=False)
class AlreadySuspended(Refusal):
    """The subscription is suspended already."""

    infrastructure_id: int
    name: str
    subject: str = "subscription"


@dataclass(eq=False)
class NotSuspended(Refusal):
    """The subscription is not suspended, so there is nothing to reinstate."""

    infrastructure_id: int
    name: str
    subject: str = "subscription"


def _listed(pairs: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} ({what})" for name, what in pairs)
