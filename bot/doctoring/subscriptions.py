"""The subscriptions: those that are over, so that nothing can be registered or delivered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.doctoring.examined import Examined
from bot.doctoring.finding import Finding, ok, or_ok, warning
from store import checkup
from store.checkup import Licensed
from store.rules.terms import TermState

SUBJECT = "Subscriptions"


def check(examined: Examined) -> Iterator[Finding]:
    """Name the infrastructures whose subscription has ended, is in grace, or was never loaded."""
    with examined.database.read() as connection:
        found = list(checkup.terms_to_look_at(connection, examined.clock()))
    yield from or_ok((_finding(examined, each) for each in found), ok(SUBJECT, "none has ended."))


def _finding(examined: Examined, licensed: Licensed) -> Finding:
    name = f"{licensed.infrastructure} of {licensed.company}"
    if licensed.term is None or licensed.term.ends_at is None:
        return warning(SUBJECT, f"{name} has none, so nothing can be registered there.", _LOAD)
    ended = _last_day(licensed.term.ends_at)
    if licensed.term.state(examined.clock()) is TermState.IN_GRACE and licensed.term.expires_at:
        until = _last_day(licensed.term.expires_at)
        return warning(SUBJECT, f"{name} ended on {ended} and is in grace until {until}.", _LOAD)
    return warning(SUBJECT, f"{name} ended on {ended}; nothing is registered or delivered there.", _LOAD)


def _last_day(end: datetime) -> str:
    """The last day before the first moment that is outside, in UTC."""
    return f"{end.astimezone(UTC) - timedelta(microseconds=1):%d %b %Y}"


_LOAD = "Put the renewed subscription into the import file, and import it."
