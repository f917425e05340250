"""What a row of the bench found: figures, and whether they keep within their bounds."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Bound:
    """A figure and how it may be at most, or has to be at least."""

    what: str
    figure: float
    kind: Literal["≤", "≥"]
    limit: float
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the figure keeps within it."""
        return self.figure <= self.limit if self.kind == "≤" else self.figure >= self.limit


@dataclass(frozen=True)
class Table:
    """Measurements side by side; the first column names them, the others are numbers as they are shown."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Result:
    """All that one row found."""

    title: str
    tables: tuple[Table, ...]
    bounds: tuple[Bound, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether every bound does."""
        return all(bound.holds for bound in self.bounds)
