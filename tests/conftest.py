"""Fixtures that every area shares: real databases, a desk with a settable clock, an example company."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import delete, event

from store.backup import embedded
from store.database import Database
from store.desk import Desk, Policy
from store.keys import KeyRing
from store.migrating import migrate
from store.tables import metadata
from store.vault import Vault, generate_key
from tests import softhsm
from tests.example import START, Example, load
from tests.postgres import Cluster, create_database
from tests.softhsm import Token

# Deleting takes half a millisecond, truncating twenty; without triggers the order does not matter.
_EMPTY = "; ".join(
    [
        "SET LOCAL session_replication_role = replica",
        *(str(delete(table)) for table in metadata.sorted_tables),
    ]
)
# How long an example takes says something of the machine, not of what is tried.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
NEVER_LOGGED = ("sandbox-signing-secret", "xoxb-courier-test", "hunter-two")
"""Secrets of the tests, as tokens and passwords are; what is printed of them anywhere is printed of real ones too."""
_SHARED_CLUSTER = "LICENSE_DESK_TEST_CLUSTER"
_MOST_WORKERS = 16
"""What one PostgreSQL of 200 connections serves."""
_cluster: Cluster | None = None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Tests wait for servers, disks and other processes more than they compute: more workers than processors."""
    return min(2 * (os.cpu_count() or 1), _MOST_WORKERS)


def pytest_configure(config: pytest.Config) -> None:
    """Start the cluster before the workers of pytest-xdist start, which find it by their environment."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So a shell starts what runs in the background; the programs that tests start and interrupt would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        os.environ[_SHARED_CLUSTER] = _own_cluster()


def pytest_unconfigure() -> None:
    """Stop the cluster, after the workers have ended."""
    if _cluster:
        _cluster.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test during which a secret came into the log or onto the screen, whatever the test is about."""
    report = yield
    said = "".join(text for _name, text in report.sections)
    if any(secret in said for secret in NEVER_LOGGED) and report.passed:
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid}: a secret was logged or printed while this test did its {call.when}."
        )
    return report


def _own_cluster() -> str:
    global _cluster
    _cluster = _cluster or Cluster()
    return _cluster.socket_directory


@dataclass
class Clock:
    """A clock that stands still until it is told to move."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> datetime:
        """Move on, and give the new moment."""
        self.now += by
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres_socket() -> str:
    """The socket directory of this run's PostgreSQL."""
    return os.environ.get(_SHARED_CLUSTER) or _own_cluster()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Copying a prepared file is much faster than creating every table for every test.
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    prepared = Database(f"sqlite:///{path}")
    with prepared.write() as connection:
        metadata.create_all(connection)
    prepared.close()
    return path


@pytest.fixture(scope="session")
def _postgres_url(postgres_socket: str) -> str:
    url = create_database(postgres_socket, f"test_{uuid4().hex}")
    prepared = Database(url)
    with prepared.write() as connection:
        metadata.create_all(connection)
    prepared.close()
    return url


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty database with every table in a file of its own."""
    path = shutil.copy(_sqlite_template, tmp_path / "desk.db")
    database = quick(Database(f"sqlite:///{path}"))
    yield database
    database.close()


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "desk.db"
    database = Database(embedded(path))
    migrate(database)
    database.close()
    return path


@pytest.fixture
def migrated_database(_migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty database in a file of its own that was set up as people set it up."""
    found = Database(embedded(Path(shutil.copy(_migrated, tmp_path / "desk.db"))))
    yield found
    found.close()


def quick(database: Database) -> Database:
    """The same database on SQLite, which does not wait for the disk: no test cuts the power."""
    event.listen(database.engine, "connect", do_not_wait_for_the_disk)
    return database


def do_not_wait_for_the_disk(connection: sqlite3.Connection, _record: object = None) -> None:
    """What is written survives the program, and not the machine; the PostgreSQL of the tests does likewise."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def postgresql_database(_postgres_url: str) -> Iterator[Database]:
    """An empty database with every table in this run's PostgreSQL."""
    database = Database(_postgres_url)
    with database.write() as connection:
        connection.exec_driver_sql(_EMPTY)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database with every table; the test runs once on SQLite and once on PostgreSQL."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture
def desk(database: Database, clock: Clock) -> Desk:
    """A desk without a signing key; its clock is the fixture `clock`."""
    vault = Vault([generate_key()])
    return Desk(database, vault, KeyRing(vault), Policy(vendor="Meridian"), clock)


@pytest.fixture
def example(database: Database) -> Example:
    """The example company, loaded into `database`."""
    with database.write() as connection:
        return load(connection)


@pytest.fixture(scope="session")
def _softhsm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # One for the whole process: SoftHSM reads its configuration once.
    return tmp_path_factory.mktemp("softhsm")


@pytest.fixture
def token(_softhsm_folder: Path) -> Token:
    """A PKCS #11 token without any key; the test is skipped where SoftHSM is not installed."""
    if reason := softhsm.missing():
        pytest.skip(reason)
    return softhsm.new_token(_softhsm_folder)
