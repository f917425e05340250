"""The families of refusals; each sentence a person can read is one class of one of these.

A class carries facts as attributes, never finished words: the words are made in one place, for the reader.
"""

from dataclasses import dataclass
from typing import Self


class DeskError(Exception):
    """Something the desk refuses to do, for a reason that can be said to the person who asked."""


class FieldError(DeskError):
    """What was typed cannot be used; shown next to its field; a slip, so not audited."""

    field: str = ""


class Refusal(DeskError):
    """A request that the rules turn down; always answered in words and always audited.

    `infrastructure_id` is where the audit entry belongs (absent: the desk's own chain), `subject` on what,
    `audited` the plain facts that the entry keeps.
    """

    infrastructure_id: int | None
    subject: str
    recorded: bool  # whether the audit entry was written

    def __new__(cls, *args: object, **facts: object) -> Self:
        """Give the facts that a class does not set itself; class attributes would become fields' defaults."""
        made = super().__new__(cls, *args, **facts)
        made.infrastructure_id, made.recorded = None, False
        if not hasattr(cls, "subject"):
            made.subject = "desk"
        return made

    @property
    def audited(self) -> dict[str, object]:
        """Ids and plain values for the audit entry; no names."""
        return {}


@dataclass(frozen=True)
class Named:
    """A thing and the name a person knows it by."""

    id: int
    name: str
