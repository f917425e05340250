"""The deliveries: what waits for too long, and what was given up."""

from collections.abc import Iterator
from datetime import timedelta

from bot.doctoring.examined import Examined
from bot.doctoring.finding import Finding, ok, problem, warning
from store import checkup

SUBJECT = "Deliveries"
LATE = timedelta(minutes=10)
RECENT = timedelta(days=7)


def check(examined: Examined) -> Iterator[Finding]:
    """Count what has been due for ten minutes, and what failed within a week."""
    now = examined.clock()
    with examined.database.read() as connection:
        waiting = checkup.overdue(connection, now - LATE)
        failed = checkup.failed(connection, now - RECENT)
    if waiting:
        minutes = (now - waiting.since) // timedelta(minutes=1)
        says = f"{waiting.number:,} overdue, the oldest for {minutes:,} minutes."
        yield problem(SUBJECT, says, "Check that license-desk run is running; its log says what holds it up.")
    for each in failed:
        says = f"{each.number:,} failed within a week ({each.error})."
        yield warning(
            SUBJECT, says, "See license-desk deliveries list; license-desk deliveries retry tries again."
        )
    if not waiting and not failed:
        yield ok(SUBJECT, "none is overdue, and none failed within a week.")
