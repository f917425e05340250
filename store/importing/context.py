"""What the comparison of a document with the database needs and collects."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Table

from store.database import AnyRow
from store.importing.changes import Change, Id, Kind, Options, Pending, Plan
from store.importing.content import Place
from store.importing.reading import Problems
from store.importing.state import State
from store.tables import roles


@dataclass
class Context:
    """The state of the database, and what is found to be different."""

    state: State
    options: Options
    problems: Problems
    plan: Plan
    workspace: str | None
    now: datetime
    changes: list[Change] = field(default_factory=list)
    identities: dict[str, Id] = field(default_factory=dict)  # of the people of these documents

    def problem(self, place: Place, words: str) -> None:
        """Keep a problem of the file."""
        self.problems.add(place.line, place.field, words)

    def add(
        self,
        table: Table,
        words: str,
        values: dict[str, object],
        *known_as: Pending,
        infrastructure: Id | None = None,
    ) -> None:
        """A row is to be added."""
        self.changes.append(
            Change(table, Kind.ADDED, words, values, known_as=known_as, infrastructure=infrastructure)
        )

    def change(
        self,
        table: Table,
        row: AnyRow,
        words: str,
        values: dict[str, object],
        infrastructure: Id | None = None,
    ) -> None:
        """The row is to have these values; those that it has already are left out."""
        different = {name: value for name, value in values.items() if getattr(row, name) != value}
        if different:
            said = f"{words}: {', '.join(name.removesuffix('_id') for name in different)}"
            self.changes.append(
                Change(table, Kind.CHANGED, said, different, row.id, infrastructure=infrastructure)
            )

    def remove(
        self,
        table: Table,
        row: AnyRow,
        words: str,
        infrastructure: Id | None = None,
        *,
        replaced: bool = False,
    ) -> None:
        """The row is not wanted any longer: it goes if pruning was asked for or if another one replaces it."""
        kind = Kind.REMOVED if self.options.prune or replaced else Kind.SURPLUS
        of_record = {name: getattr(row, name) for name in ("person_id", "role") if table is roles}
        self.changes.append(Change(table, kind, words, of_record, row.id, infrastructure=infrastructure))
