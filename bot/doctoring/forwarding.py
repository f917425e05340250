"""The forwarding of the record: whether each destination of the settings gets it."""

from collections.abc import Iterator
from datetime import timedelta

from bot.doctoring.examined import Examined
from bot.doctoring.finding import Finding, ok, problem, warning
from bot.settings import Settings
from store import forwarding
from store.forwarding import Destination, Standing

SUBJECT = "Record"
_REMEDY = "Nothing is lost: it goes on from there once the destination takes it. The log of license-desk run says more."


def check(examined: Examined) -> Iterator[Finding]:
    """Look at each destination that the settings name."""
    for destination, name in _destinations(examined.settings):
        with examined.database.read() as connection:
            found = forwarding.standing(connection, destination)
        yield _finding(examined, name, found)


def _finding(examined: Examined, name: str, found: Standing) -> Finding:
    if found.failed_since is not None:
        minutes = (examined.clock() - found.failed_since) // timedelta(minutes=1)
        return problem(SUBJECT, f"{name} has taken nothing for {minutes:,} minutes ({found.error}).", _REMEDY)
    if found.sent_at is None and found.waits:
        says = f"nothing was forwarded to {name} yet."
        return warning(SUBJECT, says, "Check that license-desk run is running with this setting.")
    return ok(SUBJECT, f"{name} gets every entry.")


def _destinations(settings: Settings) -> Iterator[tuple[Destination, str]]:
    if settings.audit_file is not None:
        yield "file", f"the file {settings.audit_file}"
    if settings.audit_syslog:
        yield "syslog", f"the syslog server {settings.audit_syslog}"
