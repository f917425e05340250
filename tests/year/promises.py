"""What a card promises, worked out by looking at the clock on the wall every quarter of an hour.

The desk computes these moments; here they are found by trying, from the words of the rules alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

REMINDED_AFTER = (timedelta(hours=4), timedelta(hours=24))
ADMINS_AFTER = timedelta(hours=48)
URGENT_ADMINS_AFTER = timedelta(minutes=15)
EXPIRES_AFTER = timedelta(days=7)
TURN = timedelta(seconds=10)
"""How late the schedule may be."""

_QUARTER = timedelta(minutes=15)
_BEFORE_ADMINS = {"contacts", "infrastructure_admins"}


@dataclass(frozen=True)
class Promise:
    """The moments of one request."""

    reminders: tuple[datetime, ...]
    admins: datetime | None
    expires_at: datetime

    def moments(self) -> list[datetime]:
        """All of them."""
        return [*self.reminders, *([self.admins] if self.admins else []), self.expires_at]


def promise(request: Any, hours: Any) -> Promise:
    """What is promised of a request that was posted; `hours` are the working hours kept with its infrastructure."""
    work = None if hours is None else (hours["zone"], tuple(hours["days"]), hours["from"], hours["until"])
    return _promise(request.first_posted_at, request.kind, request.step, request.urgent, work)


@lru_cache(maxsize=4096)
def _promise(
    posted_at: datetime, kind: str, step: str | None, urgent: bool, work: tuple[Any, ...] | None
) -> Promise:
    expires_at = posted_at + EXPIRES_AFTER

    def at_work(moment: datetime) -> datetime:
        shifted = moment if urgent or work is None else _next_quarter_at_work(moment, work)
        return shifted if shifted < expires_at else moment

    reminders = sorted(at_work(posted_at + each) for each in REMINDED_AFTER)
    admins = at_work(posted_at + (URGENT_ADMINS_AFTER if urgent else ADMINS_AFTER))
    asked_later = kind != "release" and step in _BEFORE_ADMINS and admins < expires_at
    return Promise(
        tuple(each for each in reminders if each < expires_at), admins if asked_later else None, expires_at
    )


def _next_quarter_at_work(moment: datetime, work: tuple[Any, ...]) -> datetime:
    if _works(moment, work):
        return moment
    looked = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0) + _QUARTER
    while not _works(looked, work):
        looked += _QUARTER
    return looked


def _works(moment: datetime, work: tuple[Any, ...]) -> bool:
    zone, days, begins, ends = work
    wall = moment.astimezone(ZoneInfo(zone))
    return wall.strftime("%A").lower() in days and begins <= wall.strftime("%H:%M") < ends
