"""The two ways to use the database: reads beside writes, and writes that wake the couriers."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from store.database import Database, violated, wake_after_commit
from store.tables import companies

ACME = {"name": "Acme", "account_manager_name": "Jo Park", "account_manager_email": "jo@meridian.example"}


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(companies.c.name)).scalars())


def test_a_read_beside_an_open_write_sees_what_was_committed_before(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(companies).values(ACME))
        assert names(database) == []
    assert names(database) == ["Acme"]


def test_an_error_takes_back_everything_that_was_written(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(insert(companies).values(ACME))
        _ = 1 / 0
    assert names(database) == []


def test_a_commit_that_queued_something_wakes_and_others_do_not(database: Database) -> None:
    woken: list[str] = []
    database.on_wake(lambda: woken.append("now"))
    with database.write():
        pass
    assert woken == []
    with database.write() as connection:
        wake_after_commit(connection)
        assert woken == []
    assert woken == ["now"]
    with database.write():
        pass
    assert woken == ["now"]


def test_a_rollback_wakes_nobody(database: Database) -> None:
    woken: list[str] = []
    database.on_wake(lambda: woken.append("now"))
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        wake_after_commit(connection)
        _ = 1 / 0
    assert woken == []


def test_a_violated_constraint_is_known_by_name_and_its_error_shows_no_values(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(companies).values(ACME))
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        connection.execute(insert(companies).values(ACME))
    assert violated(caught.value, "uq_companies_name", "companies.name")
    assert not violated(caught.value, "uq_companies_account_manager_name", "companies.account_manager_name")
    assert "jo@meridian.example" not in str(caught.value)


def test_the_password_of_the_database_is_not_shown() -> None:
    database = Database("postgresql+psycopg://desk:secret@127.0.0.1/desk")
    assert "secret" not in repr(database)
    database.close()
