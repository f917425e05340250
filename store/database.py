"""The database: one engine, reads on connections without a transaction, writes in exactly one transaction.

SQLite (WAL, synchronous=FULL, foreign keys on) is the embedded default, PostgreSQL through psycopg serves
several processes. A write declares itself with BEGIN IMMEDIATE, because on SQLite a read that turns into a
write fails at once whatever the time-out.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Row, Select, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store.readers import Readers
from store.rules.busy_errors import DeskBusy
from store.waiting import may_wait, patience

R = TypeVar("R")

# Rows and selects of any number of columns, for queries whose columns are listed elsewhere.
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

BUSY_SECONDS = 10
_ATTEMPTS = 3
_DEADLOCK = "40P01"
_LOCK_NOT_AVAILABLE = "55P03"
_QUEUED = "license_desk_queued"


class Database:
    """An engine with the two ways to use it: `read()` and `write()`.

    `pool_size` is the number of connections that threads may hold at once.
    """

    def __init__(self, url: str | URL, *, pool_size: int = 20) -> None:
        self.url: URL = _with_driver(make_url(url))
        self.engine: Engine = _engine(self.url, pool_size)
        self._readers = self._made_readers(pool_size)
        self._wakers: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string(hide_password=True)})"

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection without a transaction: each select sees what is committed at that moment."""
        connection = self._readers.take()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._readers.give(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in one transaction, committed at the end and rolled back on any error.

        A commit that queued deliveries wakes the couriers of this process at once. Raises `WouldWait` for those who
        promised not to wait, and `DeskBusy` for those who may wait a moment only, when others write for longer.
        """
        may_wait()
        try:
            with self.engine.begin() as connection:
                self._begin(connection)
                yield connection
        except OperationalError as error:
            if patience() is not None and _others_write(error):
                raise DeskBusy from None
            raise
        if connection.get_execution_options().get(_QUEUED):
            self.wake()

    def _begin(self, connection: Connection) -> None:
        seconds = patience()
        if self.is_sqlite:
            milliseconds = int(1000 * (BUSY_SECONDS if seconds is None else seconds))
            connection.exec_driver_sql(f"PRAGMA busy_timeout={milliseconds}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif seconds is not None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(1000 * seconds)}")

    def on_wake(self, waker: Callable[[], None]) -> None:
        """Have `waker` called after each commit that queued a delivery."""
        self._wakers.append(waker)

    def wake(self) -> None:
        """Call every waker."""
        for waker in self._wakers:
            waker()

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._readers.close()
        self.engine.dispose()

    def _made_readers(self, pool_size: int) -> Readers:
        if not self.is_sqlite:
            return Readers(self.engine.execution_options(isolation_level="AUTOCOMMIT"), 0)
        # On SQLite whoever does not begin a transaction has none. SQLAlchemy's AUTOCOMMIT would begin and end with a
        # PRAGMA that makes SQLite forget every statement it has prepared, and plan each read anew.
        return Readers(self.engine, pool_size)


def wake_after_commit(connection: Connection) -> None:
    """Note that this transaction queued something for the couriers."""
    connection.execution_options(**{_QUEUED: True})


def violated(error: IntegrityError, constraint: str, *columns: str) -> bool:
    """Whether `error` is the violation of the unique constraint `constraint` on `columns` ("table.column").

    PostgreSQL names the constraint; SQLite names table and columns, or the index where it is on an expression.
    """
    diagnostic = getattr(error.orig, "diag", None)
    if diagnostic is not None:
        return bool(diagnostic.constraint_name == constraint)
    words = str(error.orig)
    return words.endswith(f"failed: {', '.join(columns)}") or f"index '{constraint}'" in words


def may_pass(error: Exception) -> bool:
    """Whether the database was away, locked or out of connections, so that the same may succeed later."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout | DeskBusy)


def _others_write(error: OperationalError) -> bool:
    """Whether somebody else held what was to be written for longer than could be waited."""
    busy = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return busy or getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def again_after_deadlock(transaction: Callable[[], R]) -> R:
    """Run a transaction, and once more, up to three times, when PostgreSQL chose it to end a deadlock.

    What it wrote was taken back, so that running it again is running it once.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return transaction()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
                raise
    return transaction()


def _with_driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername in {"postgresql", "postgres"} else url


def _engine(url: URL, pool_size: int) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True, hide_parameters=True
        )
    # Writes begin with our own BEGIN IMMEDIATE, so pysqlite never begins a transaction itself. Idle readers keep
    # up to `pool_size` connections, so that there are as many again for those who write.
    engine = create_engine(
        url,
        pool_size=2 * pool_size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS}000",
    ):
        connection.execute(f"PRAGMA {pragma}")
