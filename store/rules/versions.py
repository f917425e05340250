"""Platform versions: read as consoles show them, compared number by number."""

import re
from dataclasses import dataclass
from functools import total_ordering

from store.rules.errors import FieldError
from store.rules.typed import tidy

_NUMBER = r"[0-9]{1,9}"
_LABEL = re.compile(r"(?:platform )?(?:version|v)\b[ .]?[:=]? ?|v(?=[0-9])", re.IGNORECASE)
_VERSION = re.compile(
    rf"({_NUMBER}(?:\.{_NUMBER}){{2,3}})(?: ?(?:\( ?build ?:? ?({_NUMBER}) ?\)|build ?:? ?({_NUMBER})))?",
    re.IGNORECASE,
)
_HIGHEST = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}){{0,3}}")
_RELEASE_NAME = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)\b"
    r"|\b(?:january|february|march|april|august|september|october|november|december)\b"
    r"|\b(?:cp|sp|ru|hf|lts|ga|rc|release|hotfix|update|service pack|cumulative) ?[0-9]*\b",
    re.IGNORECASE,
)


@dataclass(eq=False)
class ReleaseNameTyped(FieldError):
    """This is the name of a release; the version is a number such as 11.17.0 (Build 36348).

    `typed` is the name as it was read.
    """

    typed: str
    field = "version"


@dataclass(eq=False)
class VersionMalformed(FieldError):
    """A platform version looks like 11.17.0 (Build 36348) or 11.0.539.0; this does not."""

    typed: str
    field = "version"


@dataclass(eq=False)
class HighestVersionMalformed(FieldError):
    """The highest entitled version is one to four numbers joined by dots, such as 11 or 11.17."""

    typed: str
    field = "highest_version"


@total_ordering
@dataclass(frozen=True, slots=True)
class PlatformVersion:
    """A platform version: three or four numbers and perhaps a build.

    Ordered by its numbers, then by its build; one without a build comes before the same one with a build.
    """

    numbers: tuple[int, ...]
    build: int | None = None

    def __str__(self) -> str:
        return self.declared if self.build is None else f"{self.declared} (Build {self.build})"

    def __lt__(self, other: "PlatformVersion") -> bool:
        return self._order < other._order

    @property
    def declared(self) -> str:
        """The numbers alone, as a license file declares them."""
        return ".".join(map(str, self.numbers))

    @property
    def _order(self) -> tuple[tuple[int, ...], int]:
        return self.numbers, -1 if self.build is None else self.build


def parse_version(text: str) -> PlatformVersion:
    """Read a platform version, with or without its build and a leading "Version".

    Raises `ReleaseNameTyped` for the name of a release, `VersionMalformed` for anything else.
    """
    typed = _unlabelled(tidy(text))
    found = _VERSION.fullmatch(typed)
    if found is None:
        raise ReleaseNameTyped(typed) if _RELEASE_NAME.search(typed) else VersionMalformed(typed)
    build = found[2] or found[3]
    return PlatformVersion(_numbers(found[1]), int(build) if build else None)


def parse_highest(text: str) -> str:
    """Return the highest entitled version in `text`, such as `11` or `11.17`.

    Raises `HighestVersionMalformed`.
    """
    typed = _unlabelled(tidy(text))
    if not _HIGHEST.fullmatch(typed):
        raise HighestVersionMalformed(typed)
    return ".".join(map(str, _numbers(typed)))


def within(version: PlatformVersion, highest: str) -> bool:
    """Whether `version` is entitled by `highest` (as `parse_highest` returns it).

    Compared number by number as far as `highest` goes: `11` entitles to every 11.x and to all before it.
    """
    limit = _numbers(highest)
    return version.numbers[: len(limit)] <= limit


def _unlabelled(typed: str) -> str:
    label = _LABEL.match(typed)
    return tidy(typed[label.end() :]) if label else typed


def _numbers(dotted: str) -> tuple[int, ...]:
    return tuple(map(int, dotted.split(".")))
