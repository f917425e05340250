"""Connections for reading that stay open: what they see, and that nobody waits for those that are idle."""

from pathlib import Path

import pytest
from sqlalchemy import insert, select

from store.database import Database
from store.tables import companies


def add(database: Database, name: str) -> None:
    with database.write() as connection:
        connection.execute(
            insert(companies).values(
                name=name, account_manager_name="Jo Park", account_manager_email="jo@x.example"
            )
        )


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(companies.c.name).order_by(companies.c.name)).scalars())


def test_a_read_sees_what_was_committed_since_the_last_one(database: Database) -> None:
    assert names(database) == []
    add(database, "Acme")
    assert names(database) == ["Acme"]


def test_a_read_that_is_going_on_sees_what_is_committed_meanwhile(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute(select(companies.c.name)).all() == []
        add(database, "Acme")
        assert connection.execute(select(companies.c.name)).scalar_one() == "Acme"


def test_the_next_read_on_sqlite_takes_the_connection_that_the_last_one_left(
    sqlite_database: Database,
) -> None:
    with sqlite_database.read() as first:
        pass
    with sqlite_database.read() as second:
        assert second is first


def test_a_server_s_connection_goes_back_to_the_pool_which_tries_it_first(
    postgresql_database: Database,
) -> None:
    with postgresql_database.read() as first:
        pass
    assert first.closed


def test_a_connection_on_which_a_read_failed_is_not_used_again(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.read() as failed:
        raise ZeroDivisionError
    assert failed.closed
    assert names(database) == []


def test_reads_inside_each_other_have_connections_of_their_own(database: Database) -> None:
    with database.read() as outer, database.read() as inner:
        assert outer is not inner


def test_idle_readers_leave_room_for_writers(sqlite_database: Database) -> None:
    url = sqlite_database.url.render_as_string(hide_password=False)
    small = Database(url, pool_size=1)
    with small.read(), small.read():
        pass
    add(small, "Acme")
    assert names(small) == ["Acme"]
    small.close()


def test_closing_lets_go_of_the_file(sqlite_database: Database) -> None:
    add(sqlite_database, "Acme")
    names(sqlite_database)
    sqlite_database.close()
    # SQLite removes its log when the last connection of all is closed.
    assert not Path(f"{sqlite_database.url.database}-wal").exists()
