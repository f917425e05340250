"""Why a file is not imported."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.rules.errors import DeskError


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that has to be corrected; `line` counts from 1, `field` is the path to it."""

    line: int
    field: str
    words: str


@dataclass(eq=False)
class FileRefused(DeskError):
    """The file has problems, and nothing of it was written."""

    file: str
    problems: Sequence[Problem]

    def __str__(self) -> str:
        lines = [f"{self.file}, line {each.line}, {each.field}: {each.words}" for each in self.problems]
        count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        return "\n".join([f"{count}; nothing was written:", *lines])


@dataclass(eq=False)
class FileUnreadable(DeskError):
    """The file cannot be read; `why` is what the system says."""

    file: str
    why: str

    def __str__(self) -> str:
        return f"{self.file} cannot be read: {self.why}"


@dataclass(eq=False)
class ChangedMeanwhile(DeskError):
    """Somebody else changed the same things while the file was being written."""

    file: str

    def __str__(self) -> str:
        return (
            f"Somebody changed the same things while {self.file} was being written. "
            "What was written so far is kept and is not written again; run the same import once more."
        )
