"""What an import does: changes, in an order in which they can be written, and their summary."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Table

from store.tables import companies, infrastructures, persons, products, roles, slots, subscriptions

MOST_LINES = 200
ORDER = (products, companies, persons, infrastructures, subscriptions, slots, roles)
NOUNS = {
    "products": "product",
    "companies": "company",
    "persons": "person",
    "infrastructures": "infrastructure",
    "subscriptions": "subscription",
    "slots": "slot",
    "roles": "role",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How far an import goes: over roles that people set in Slack, and to removing what the file leaves out."""

    own_roles: bool = False
    prune: bool = False


class Kind(StrEnum):
    """What happens to a row; a surplus row would be removed if pruning were asked for."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    SURPLUS = "would be removed"


@dataclass(frozen=True, slots=True)
class Pending:
    """The id of a row that is written before this one and has none yet."""

    noun: str
    name: str


Id = int | Pending


@dataclass(frozen=True, slots=True)
class Change:
    """One row to be written, or as many slots of one infrastructure and type as there are `names`.

    `infrastructure` is the chain of its audit entry (absent: the desk's).
    """

    table: Table
    kind: Kind
    words: str
    values: dict[str, object] = field(default_factory=dict)
    row_id: int | None = None
    known_as: tuple[Pending, ...] = ()  # by which later rows mean a row that is added
    infrastructure: Id | None = None
    names: tuple[str, ...] = ()

    @property
    def noun(self) -> str:
        """What is changed."""
        return NOUNS[self.table.name]


@dataclass
class Plan:
    """What an import adds, changes and removes or would remove, as numbers and as the first lines of each."""

    counts: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    unlisted: int = 0  # how many lines more there would be
    kept: list[str] = field(default_factory=list)  # what the file says otherwise, and why it is left
    without_slack: list[str] = field(default_factory=list)  # names of people who are linked when they appear
    more_without_slack: int = 0
    companies: list[str] = field(default_factory=list)  # that the file names
    of_the_desk: bool = False  # whether the file says something about the desk itself

    @property
    def changes_nothing(self) -> bool:
        """Whether the database says already what the file says."""
        return not any(kind is not Kind.SURPLUS for kind, _ in self.counts)

    def note(self, change: Change) -> None:
        """Count a change."""
        self.counts[change.kind, change.noun] += len(change.names) or 1
        if len(self.lines) < MOST_LINES:
            self.lines.append(f"{change.kind}: {change.noun} {change.words}")
        else:
            self.unlisted += 1

    def read(self, company: str | None) -> None:
        """Note that a document was read, of a company or of the desk itself."""
        if company is None:
            self.of_the_desk = True
        else:
            self.companies.append(company)

    def keep(self, words: str) -> None:
        """Note something that the file says otherwise and that is left as it is."""
        if len(self.kept) < MOST_LINES:
            self.kept.append(words)

    def miss(self, name: str) -> None:
        """Note somebody who is not in Slack yet."""
        if len(self.without_slack) < MOST_LINES:
            self.without_slack.append(name)
        else:
            self.more_without_slack += 1
