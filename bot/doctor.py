"""The doctor: looks at settings, database, Slack, people and deliveries, and says what to do about each."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.exc import ArgumentError

from bot.doctoring import (
    channels,
    clocks,
    companies,
    configuration,
    contacts,
    data,
    deliveries,
    forwarding,
    keys,
    mail,
    refusals,
    running,
    subscriptions,
    tokens,
    workflows,
)
from bot.doctoring.asking import Asking
from bot.doctoring.examined import SOME, Examined
from bot.doctoring.finding import Finding, Level, problem
from bot.doctoring.tokens import Seen
from bot.settings import Settings
from bot.web import web_client
from store.database import Database

_CONNECTIONS = 4


def present() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


def examine(
    settings: Settings,
    *,
    most: int | None = SOME,
    clock: Callable[[], datetime] = present,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Finding]:
    """Give the findings as they are made. Nothing is changed, in the database or in Slack.

    `most` bounds how many people, channels and infrastructures are looked at one by one, `None` looks at all.
    `pause` waits so many seconds when Slack asks for it.
    """
    slack = Asking(web_client(settings), pause)
    yield from configuration.check(settings)
    seen = tokens.check(settings, slack, clock)
    yield from seen.findings
    yield from clocks.against_slack(seen)
    yield from mail.check(settings)
    with _database(settings) as (found, database):
        yield found
        if found.level is Level.OK and database is not None:
            yield from _look(Examined(settings, database, slack, clock, most), seen)
    yield from running.check(settings)


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[Finding, Database | None]]:
    """What was found about the database, and the database if the settings name one."""
    try:
        database = Database(settings.database_url.get_secret_value(), pool_size=_CONNECTIONS)
    except (ArgumentError, ModuleNotFoundError):
        unusable = "LICENSE_DESK_DATABASE_URL names no database that can be used."
        yield problem(data.SUBJECT, unusable, _URL), None
        return
    try:
        yield data.check(database), database
    finally:
        database.close()


def _look(examined: Examined, seen: Seen) -> Iterator[Finding]:
    yield from tokens.workspace(examined, seen.connected)
    yield from clocks.against_the_database(examined)
    yield from keys.check(examined)
    yield from channels.check(examined, seen.connected)
    yield from contacts.check(examined, seen.connected)
    yield from companies.check(examined)
    yield from subscriptions.check(examined)
    yield from deliveries.check(examined)
    yield from forwarding.check(examined)
    yield from refusals.check(examined)
    yield from workflows.check(examined)


_URL = (
    "Write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME; PostgreSQL needs the package "
    "license-desk[postgres]."
)
