"""Tells other processes on one PostgreSQL that a delivery was queued, so that their couriers need not look for it."""

import threading
from collections.abc import Callable
from typing import Any, Final, cast
from uuid import uuid4

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from store.database import Database

log = structlog.get_logger(__name__)

_CHANNEL: Final = "license_desk_queued"
_LOOK_SECONDS: Final = 0.5
_AGAIN_SECONDS: Final = 1.0


class Announcing:
    """Says after each commit that something is queued, and calls `on_news` when another process says so.

    A service of two threads. Commits that follow each other closely are said once. What is lost here, for example
    while the database is away, is found by the couriers all the same, a second later: nothing depends on it.
    """

    def __init__(self, database: Database, on_news: Callable[[], None] | None) -> None:
        self._database, self._on_news = database, on_news
        self._self = uuid4().hex
        self._something = threading.Event()
        self._stopping = threading.Event()
        self.listening = threading.Event()
        """Set while news of other processes is heard."""
        tasks = (self._announce, self._listen) if on_news else (self._announce,)
        self._threads = [threading.Thread(target=each, name="announcing", daemon=True) for each in tasks]
        database.on_wake(self._something.set)

    def start(self) -> None:
        """Begin; returns at once."""
        for each in self._threads:
            each.start()

    def stop(self, seconds: float) -> bool:
        """Say and hear nothing more."""
        self._stopping.set()
        self._something.set()
        for each in self._threads:
            each.join(seconds)
        return not any(each.is_alive() for each in self._threads)

    def _announce(self) -> None:
        while not self._stopping.is_set():
            self._something.wait()
            self._something.clear()
            try:
                with self._database.read() as connection:
                    connection.exec_driver_sql("SELECT pg_notify(%s, %s)", (_CHANNEL, self._self))
            except SQLAlchemyError as error:
                log.warning("Other processes could not be told of a delivery", error=type(error).__name__)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._hear()
            except (SQLAlchemyError, psycopg.Error) as error:
                log.warning("Other processes cannot be heard; trying again", error=type(error).__name__)
                self._stopping.wait(_AGAIN_SECONDS)
            finally:
                self.listening.clear()

    def _hear(self) -> None:
        with self._database.read() as connection:
            connection.exec_driver_sql(f"LISTEN {_CHANNEL}")
            driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
            try:
                self.listening.set()
                self._news()
                while not self._stopping.is_set():
                    for note in driver.notifies(timeout=_LOOK_SECONDS):
                        self._heard(note)
            finally:
                # It would go on to listen for whoever takes it from the pool next.
                connection.invalidate()

    def _heard(self, note: psycopg.Notify) -> None:
        if note.payload != self._self:
            self._news()

    def _news(self) -> None:
        if self._on_news is not None:
            self._on_news()
