"""The two ways to use the database: reads beside writes, and writes that wake the couriers."""

from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError, StatementError

from store.database import Database, again_after_deadlock, violated, wake_after_commit
from store.tables import companies, persons

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
    def write() -> None:
        with database.write() as connection:
            connection.execute(insert(companies).values(ACME))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
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

    def write() -> None:
        with database.write() as connection:
            wake_after_commit(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
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


def test_a_transaction_that_ended_a_deadlock_is_run_again(postgresql_database: Database) -> None:
    with postgresql_database.write() as connection:
        connection.execute(insert(companies).values(ACME))
        connection.execute(insert(companies).values({**ACME, "name": "Globex"}))
    both_hold_one, runs, done = Barrier(2), [], []

    def lock(first: str, second: str) -> None:
        def transaction() -> None:
            runs.append(first)
            with postgresql_database.write() as connection:
                connection.execute(
                    update(companies).where(companies.c.name == first).values(account_manager_name="x")
                )
                if len(runs) <= 2:
                    both_hold_one.wait()
                connection.execute(
                    update(companies).where(companies.c.name == second).values(account_manager_name="x")
                )

        again_after_deadlock(transaction)
        done.append(first)

    threads = [Thread(target=lock, args=order) for order in (("Acme", "Globex"), ("Globex", "Acme"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["Acme", "Globex"]
    # Whoever runs again may take its first row before the other, who waited for it, has woken up; then one of
    # them is run once more.
    assert len(runs) in {3, 4, 5}


def test_moments_come_back_in_utc_whatever_zone_they_or_the_server_have(database: Database) -> None:
    moment = datetime(2026, 11, 25, 12, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    person = {"workspace_id": "T0ACME", "slack_id": "U0ANA", "name": "Ana", "checked_at": moment}
    with database.write() as connection:
        connection.execute(insert(persons).values(person))
    with database.read() as connection:
        found = connection.execute(select(persons.c.checked_at)).scalar_one()
    assert (found, found.tzinfo) == (moment, UTC)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 25, 12, 30)  # noqa: DTZ001 - the test is about it.
    with database.write() as connection, pytest.raises(StatementError):
        connection.execute(insert(persons).values(workspace_id="T0ACME", name="Ana", checked_at=naive))
