"""The database: reachable, and of this program's version."""

from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.doctoring.finding import Finding, ok, problem
from store import migrating
from store.database import Database
from store.rules.database_errors import DatabaseNewer, DatabaseOlder

SUBJECT = "Database"


def check(database: Database) -> Finding:
    """Say whether the database can be worked with; a SQLite file that is not there is not made."""
    if database.is_sqlite and not _is_there(database):
        return problem(
            SUBJECT,
            f"there is no file {database.url.database}.",
            "Check LICENSE_DESK_DATABASE_URL; for a new database run: license-desk migrate",
        )
    try:
        migrating.check(database)
    except DatabaseOlder as older:
        return problem(SUBJECT, _is_at(older.found), "Make a backup, then run: license-desk migrate")
    except DatabaseNewer as newer:
        return problem(
            SUBJECT,
            f"at version {newer.found}, which is newer than this program ({newer.known}).",
            "Update License Desk, or restore the backup made before.",
        )
    except DBAPIError as error:
        return problem(SUBJECT, f"does not answer ({_kind(error)}).", _remedy(database))
    return ok(SUBJECT, f"{database.url.get_backend_name()}, at version {migrating.version(database)}.")


def _is_there(database: Database) -> bool:
    file = database.url.database
    return file in (None, "", ":memory:") or Path(str(file)).is_file()


def _is_at(version: str | None) -> str:
    return f"at version {version}, which is older than this program." if version else "not set up yet."


def _kind(error: DBAPIError) -> str:
    # The database's own words may hold the address with its password, so only the kind is told.
    return type(error.orig).__name__


def _remedy(database: Database) -> str:
    if database.is_sqlite:
        return "Check that the file is a database of License Desk and that this user may read and write it."
    return (
        f"Check that PostgreSQL runs at {database.url.host or 'the local socket'} and knows the database "
        f"{database.url.database}, and check user and password in LICENSE_DESK_DATABASE_URL."
    )
