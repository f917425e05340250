"""What one process queues, the couriers of others hear of at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store.announcing import Announcing
from store.database import Database, wake_after_commit
from tests.postgres import create_database

SOON = 10.0


@pytest.fixture
def url(postgres_socket: str) -> str:
    return create_database(postgres_socket, f"announcing_{uuid4().hex}")


@contextmanager
def announcing(url: str, news: Event | None) -> Iterator[tuple[Announcing, Database]]:
    database = Database(url)
    service = Announcing(database, news.set if news else None)
    service.start()
    try:
        yield service, database
    finally:
        assert service.stop(SOON)
        database.close()


def queue_something(database: Database, then: str = "SELECT 1") -> None:
    with database.write() as connection:
        wake_after_commit(connection)
        connection.execute(text(then))


def heard(service: Announcing, news: Event) -> None:
    """Wait until it listens, which itself is news: something may have been queued before."""
    assert service.listening.wait(SOON)
    assert news.wait(SOON)
    news.clear()


def test_a_courier_hears_what_another_process_queued(url: str) -> None:
    news = Event()
    with announcing(url, news) as (service, _), announcing(url, None) as (_, elsewhere):
        heard(service, news)

        queue_something(elsewhere)

        assert news.wait(SOON)


def test_it_hears_again_after_the_database_cut_the_connection(url: str) -> None:
    news = Event()
    with announcing(url, news) as (service, _), announcing(url, None) as (_, elsewhere):
        heard(service, news)

        with elsewhere.write() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            )

        heard(service, news)
        queue_something(elsewhere)
        assert news.wait(SOON)


def test_nobody_is_told_of_what_was_taken_back_or_is_ones_own(url: str) -> None:
    news = Event()
    with announcing(url, news) as (service, own), announcing(url, None) as (_, elsewhere):
        heard(service, news)

        queue_something(own)
        with pytest.raises(DBAPIError):
            queue_something(elsewhere, "SELECT 1 / 0")

        assert not news.wait(0.3)
