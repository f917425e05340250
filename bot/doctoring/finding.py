"""What a check found: a sentence, how serious it is, and what to do about it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

MOST_NAMED = 20
"""Findings of one kind that are told one by one; of the others the number is told."""


class Level(StrEnum):
    """How serious a finding is.

    A problem is something that people need and that does not work. A warning works, but less well than it was
    set up to, or not for much longer.
    """

    OK = "OK"
    WARNING = "Warning"
    PROBLEM = "Problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about `subject`, a word or two; `remedy` is what to do, absent when there is nothing to do."""

    level: Level
    subject: str
    says: str
    remedy: str = ""


def ok(subject: str, says: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, subject, says)


def warning(subject: str, says: str, remedy: str) -> Finding:
    """It works, but somebody should look at it."""
    return Finding(Level.WARNING, subject, says, remedy)


def problem(subject: str, says: str, remedy: str) -> Finding:
    """Something that people need does not work."""
    return Finding(Level.PROBLEM, subject, says, remedy)


def or_ok(findings: Iterable[Finding], well: Finding) -> Iterator[Finding]:
    """The findings, but at most `MOST_NAMED` and then how many more there are; `well` when there are none."""
    remaining = iter(findings)
    named = list(islice(remaining, MOST_NAMED))
    yield from named or [well]
    others = list(remaining)
    if others:
        level = Level.PROBLEM if any(each.level is Level.PROBLEM for each in others) else Level.WARNING
        yield Finding(
            level, well.subject, f"{len(others):,} more of this kind.", "Settle these first, then look again."
        )
