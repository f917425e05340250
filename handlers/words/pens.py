"""How names and moments are written: for messages, and for the plain text at a field."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from handlers.blocks.text import date, plain, quote, utc
from store.desk import Policy

_LONGEST_NAME = 120


class Pen(Protocol):
    """Writes what is not ours to word. `policy` is what the operators set."""

    @property
    def policy(self) -> Policy:
        """What the operators set for the whole desk."""

    def name(self, text: str) -> str:
        """A name or anything else that people typed."""

    def moment(self, moment: datetime) -> str:
        """A moment, with its time."""

    def day(self, moment: datetime) -> str:
        """The day of a moment."""

    def time(self, moment: datetime) -> str:
        """The time of a moment, whose day is clear."""


@dataclass(frozen=True, slots=True)
class Mrkdwn:
    """For messages: names without power, moments in each reader's own zone."""

    policy: Policy

    def name(self, text: str) -> str:
        """On one line, with marks taken out."""
        return quote(text, _LONGEST_NAME)

    def moment(self, moment: datetime) -> str:
        """Such as "today, 10:15"."""
        return date(moment)

    def day(self, moment: datetime) -> str:
        """Such as "Nov 25, 2026"."""
        return date(moment, "{date_short}")

    def time(self, moment: datetime) -> str:
        """Such as "10:15"."""
        return date(moment, "{time}")


@dataclass(frozen=True, slots=True)
class Plain:
    """For fields: nothing has a meaning but itself, moments are in UTC."""

    policy: Policy

    def name(self, text: str) -> str:
        """On one line."""
        return plain(text, _LONGEST_NAME)

    def moment(self, moment: datetime) -> str:
        """Such as "2 Dec 2026, 10:15 UTC"."""
        return utc(moment)

    def day(self, moment: datetime) -> str:
        """Such as "2 Dec 2026"."""
        return utc(moment).partition(",")[0]

    def time(self, moment: datetime) -> str:
        """Such as "10:15 UTC"."""
        return utc(moment).rpartition(", ")[2]


def size(number: int) -> str:
    """A number of bytes as people say it: "10 MiB", "37 bytes"."""
    for unit, length in (("MiB", 1024 * 1024), ("KiB", 1024)):
        if number >= length:
            return f"{number / length:,.1f} {unit}".replace(".0 ", " ")
    return counted(number, "byte")


def names(pen: Pen, people: tuple[str, ...], joint: str = "or") -> str:
    """Several names in a sentence: "Rui Costa, Eva Lang or Tom Berg"."""
    written = [pen.name(each) for each in people]
    if len(written) < 2:
        return "".join(written)
    return f"{', '.join(written[:-1])} {joint} {written[-1]}"


def manager(pen: Pen, account_manager: tuple[str, str]) -> str:
    """The account manager with their address."""
    name, email = account_manager
    return f"{pen.name(name)}, your account manager: {pen.name(email)}"


def span(duration: timedelta) -> str:
    """How long, in the largest unit that divides it: "30 minutes", "7 days", "1 hour"."""
    seconds = int(duration.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            return counted(seconds // length, unit)
    return counted(seconds, "second")


def counted(number: int, thing: str) -> str:
    """A number with its thing: "1 slot", "3 slots"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
