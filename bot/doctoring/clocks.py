"""The clocks: this machine's against Slack's and the database's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.doctoring.asking import Said
from bot.doctoring.examined import Examined
from bot.doctoring.finding import Finding, ok, problem, warning
from bot.doctoring.tokens import Seen
from store import checkup

SUBJECT = "Clock"
TOLERATED = timedelta(seconds=10)
"""Less is within what an answer takes, and harms nothing."""
TOO_MUCH = timedelta(seconds=150)
"""Half of the five minutes after which a signed request of Slack's is refused."""
_REMEDY = "Let this machine set its clock from the network (NTP)."


def against_slack(seen: Seen) -> Iterator[Finding]:
    """Compare with the `Date` of Slack's answer, if there was one."""
    theirs = _date(seen.said) if seen.said else None
    if theirs is not None and seen.heard_at is not None:
        yield _compare("Slack's", theirs, seen.heard_at)


def against_the_database(examined: Examined) -> Iterator[Finding]:
    """Compare with the clock of the database's server, if it has one of its own."""
    with examined.database.read() as connection:
        theirs, ours = checkup.database_clock(connection), examined.clock()
    if theirs is not None:
        yield _compare("the database's", theirs, ours)


def _date(said: Said) -> datetime | None:
    try:
        return parsedate_to_datetime(said.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


def _compare(whose: str, theirs: datetime, ours: datetime) -> Finding:
    apart = abs(ours - theirs)
    way = "ahead of" if ours > theirs else "behind"
    says = f"this machine's is {apart.total_seconds():.0f} seconds {way} {whose}"
    if apart > TOO_MUCH:
        wrong = "dates and deadlines are wrong, and Slack's requests get refused"
        return problem(SUBJECT, f"{says}; {wrong}.", _REMEDY)
    if apart > TOLERATED:
        return warning(SUBJECT, f"{says}.", _REMEDY)
    return ok(SUBJECT, f"this machine's agrees with {whose}.")
