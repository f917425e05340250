"""The database's version: reading it, checking it, and bringing it up to date.

A version is the number that begins the name of a file in `store/migrations/versions`. Checking does not load
Alembic, which would cost the running program a noticeable part of its start.
"""

from dataclasses import dataclass
from importlib import resources

from sqlalchemy import ColumnElement, Connection, String, column, inspect, select, table

from store.database import Database
from store.rules.database_errors import DatabaseNewer, DatabaseOlder

_VERSION_TABLE = "alembic_version"
_VERSION: ColumnElement[str] = table(_VERSION_TABLE, column("version_num", String)).c.version_num
# Any number that nothing else locks; two programs that migrate at once wait for each other on it.
_LOCK = 7_365_001


@dataclass(frozen=True, slots=True)
class Migrated:
    """The database's version before (absent for an empty database) and after."""

    before: str | None
    after: str


def known_versions() -> list[str]:
    """Every version that this program knows, oldest first."""
    files = resources.files("store.migrations.versions").iterdir()
    return sorted(file.name.partition("_")[0] for file in files if file.name[:1].isdigit())


def version(database: Database) -> str | None:
    """The database's version, or `None` when it was never set up."""
    with database.read() as connection:
        return _version(connection)


def check(database: Database) -> None:
    """Refuse a database of another version. Raises `DatabaseOlder` or `DatabaseNewer`."""
    with database.read() as connection:
        found = _version(connection)
    if found != known_versions()[-1]:
        refuse_newer(found)
        raise DatabaseOlder(found, known_versions()[-1])


def migrate(database: Database) -> Migrated:
    """Bring the database up to this program's version, all in one transaction. Raises `DatabaseNewer`."""
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        before = _version(connection)
        refuse_newer(before)
        _upgrade(connection)
        return Migrated(before, known_versions()[-1])


def refuse_newer(found: str | None) -> None:
    """Refuse a version that this program does not know. Raises `DatabaseNewer`."""
    known = known_versions()
    if found is not None and found not in known:
        raise DatabaseNewer(found, known[-1])


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    return connection.execute(select(_VERSION)).scalar_one_or_none()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "store:migrations")
    command.upgrade(config, "head")
