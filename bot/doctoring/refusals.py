"""People who were refused so often that the desk did nothing for them for a while."""

from collections.abc import Iterator
from datetime import timedelta

from bot.doctoring.examined import Examined
from bot.doctoring.finding import Finding, ok, warning
from store import pauses

SUBJECT = "Refusals"
RECENT = timedelta(days=7)


def check(examined: Examined) -> Iterator[Finding]:
    """Count the pauses within a week."""
    with examined.database.read() as connection:
        number = pauses.since(connection, examined.clock() - RECENT)
    if number:
        often = f"{number:,} times" if number > 1 else "once"
        yield warning(SUBJECT, f"somebody was refused too often {often} within a week.", _SHOW)
    else:
        yield ok(SUBJECT, "nobody was refused too often within a week.")


_SHOW = "The operators were told who; license-desk audit show --person PERSON shows what they tried."
