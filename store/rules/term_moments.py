"""The moments of a term at which people are told: some days before its end, at its end, and after grace."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from store.rules.terms import Term

REMINDED_DAYS = (90, 60, 30, 14, 7, 3, 1)
"""Days before the end of a term."""
GRACE_BEGINS = 0
GRACE_IS_OVER = -1
MADE_UP_WITHIN = timedelta(days=7)
"""What could not be told at its moment is told later, but not after this; the next moment says it as well."""

_MORNING, _EVENING = 9, 18


def moment_due(term: Term, now: datetime) -> int | None:
    """Return the latest moment of a term that has come, within `MADE_UP_WITHIN`, or `None`.

    A moment is the number of days before the end, or `GRACE_BEGINS` or `GRACE_IS_OVER`. A perpetual or
    suspended subscription has none.
    """
    if term.ends_at is None or term.suspended:
        return None
    passed = [(at, days) for days, at in _moments(term, term.ends_at).items() if at <= now]
    if not passed:
        return None
    at, days = max(passed, key=lambda each: (each[0], -each[1]))
    return days if now - at < MADE_UP_WITHIN else None


def days_left(ends_at: datetime, now: datetime) -> int:
    """Return how many days a term still has, the present one counted in."""
    return -((now - ends_at) // timedelta(days=1))


def in_the_day(now: datetime, zone: str) -> datetime:
    """Return `now` when it is day in that zone (9 to 18 o'clock), or else the next morning there, in UTC.

    A zone that nobody knows counts as UTC.
    """
    local = now.astimezone(_zone(zone))
    if _MORNING <= local.hour < _EVENING:
        return now
    day = local if local.hour < _MORNING else local + timedelta(days=1)
    return day.replace(hour=_MORNING, minute=0, second=0, microsecond=0).astimezone(UTC)


def _moments(term: Term, ends_at: datetime) -> dict[int, datetime]:
    before = {days: ends_at - timedelta(days=days) for days in REMINDED_DAYS}
    after = {GRACE_IS_OVER: ends_at + timedelta(days=term.grace_days)}
    return {**before, **({GRACE_BEGINS: ends_at} if term.grace_days else {}), **after}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
