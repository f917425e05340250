"""When those who are asked are reminded, when the company admins are asked too, and when a request expires."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT_AFTER = 24 * 60
"""The end of a day, in minutes since its beginning."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When people of an infrastructure work.

    `days` are 0 (Monday) to 6, at least one; `begins` and `ends` are minutes since midnight by the clocks of
    `zone`, `begins` the smaller one.
    """

    zone: str
    days: frozenset[int]
    begins: int
    ends: int

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Make them of what is kept with an infrastructure."""
        days = frozenset(DAYS.index(each) for each in kept["days"])
        return cls(kept["zone"], days, minutes(kept["from"]), minutes(kept["until"]))

    def include(self, moment: datetime) -> bool:
        """Tell whether people work at an aware moment."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return local.weekday() in self.days and self.begins <= local.hour * 60 + local.minute < self.ends

    def next(self, moment: datetime) -> datetime:
        """Return `moment` when people work then, or else when they begin next, in UTC.

        Hours that the clocks leave out on the day of a change are begun as much later.
        """
        if self.include(moment):
            return moment
        begun = (each for each in self._beginnings(moment) if each >= moment and self.include(each))
        return next(begun, moment)

    def _beginnings(self, moment: datetime) -> Iterator[datetime]:
        """The beginnings of work around a moment, in order; a day on which clocks go back may have two."""
        zone = ZoneInfo(self.zone)
        today = moment.astimezone(zone).date()
        for days in range(15):
            at = datetime.combine(today + timedelta(days=days), time(), zone)
            at = at.replace(hour=self.begins // 60, minute=self.begins % 60)
            yield from sorted(at.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


@dataclass(frozen=True, slots=True)
class Spans:
    """How long after the first card something happens while nobody answers."""

    reminders: tuple[timedelta, ...] = (timedelta(hours=4), timedelta(days=1))
    admins: timedelta = timedelta(days=2)
    admins_if_urgent: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The moments of one request, in UTC; what would come after the expiry never comes.

    `reminders` are in order, and several of them may be the same moment. `admins`: the company admins are asked.
    """

    reminders: tuple[datetime, ...]
    admins: datetime | None
    expires_at: datetime

    def reminders_due(self, now: datetime) -> int:
        """How many of the reminders have come."""
        return sum(each <= now for each in self.reminders)


def deadlines(
    posted_at: datetime, expires_at: datetime, spans: Spans, working: WorkingHours | None, *, urgent: bool
) -> Deadlines:
    """Give the moments of a request whose first card was posted at `posted_at`; both moments are aware.

    Working hours put reminders and the asking of company admins off, but not past the expiry, which they do not
    touch; nothing that is urgent waits for them.
    """

    def after(span: timedelta) -> datetime:
        moment = posted_at + span
        later = moment if working is None or urgent else working.next(moment)
        return later if later < expires_at else moment

    reminders = sorted(after(each) for each in spans.reminders)
    admins = after(spans.admins_if_urgent if urgent else spans.admins)
    return Deadlines(
        tuple(each for each in reminders if each < expires_at),
        admins if admins < expires_at else None,
        expires_at,
    )


def minutes(written: str) -> int:
    """Read a time of day such as 08:30 or 24:00. Raises `ValueError` with words."""
    hour, _, minute = written.partition(":")
    if len(minute) == 2 and hour.isdecimal() and minute.isdecimal() and written.isascii():
        found = int(hour) * 60 + int(minute)
        if int(minute) < 60 and found <= MIDNIGHT_AFTER:
            return found
    message = f'"{written}" is not a time of day; write it as 08:30'
    raise ValueError(message)
