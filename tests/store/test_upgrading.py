"""Upgrading a database in use: what is in it stays, and the new rules hold from then on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from store.database import Database
from store.migrating import migrate
from store.tables import audit_entries, deliveries, subscriptions, suspensions
from tests.example import load
from tests.postgres import create_database

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the version before re-issues and reminders."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    else:
        database = Database(create_database(request.getfixturevalue("postgres_socket"), f"old_{uuid4().hex}"))
    with database.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "store:migrations")
        command.upgrade(config, "0002")
    yield database
    database.close()


def delivery(kind: str, occasion: str) -> dict[str, Any]:
    return {
        "occasion": occasion,
        "kind": kind,
        "facts": {"version": 3},
        "lane": "person:1",
        "created_at": NOW,
        "due_at": NOW,
        "steps": {},
    }


def add(database: Database, kind: str, occasion: str) -> None:
    with database.write() as connection:
        connection.execute(insert(deliveries).values(delivery(kind, occasion)))


def test_deliveries_that_wait_are_kept_and_new_kinds_can_be_queued(old: Database) -> None:
    add(old, "notice", "one")
    add(old, "file", "two")
    with pytest.raises(IntegrityError):
        add(old, "reissue", "early")

    migrate(old)

    add(old, "reissue", "three")
    add(old, "reminder", "four")
    with old.read() as connection:
        rows = connection.execute(select(deliveries).order_by(deliveries.c.id)).all()
    assert [(row.occasion, row.kind, row.state) for row in rows] == [
        ("one", "notice", "queued"),
        ("two", "file", "queued"),
        ("three", "reissue", "queued"),
        ("four", "reminder", "queued"),
    ]
    assert rows[0].facts == {"version": 3}
    assert rows[0].due_at == NOW


def test_the_rules_of_a_table_that_was_copied_still_hold(old: Database) -> None:
    add(old, "notice", "one")
    migrate(old)
    with pytest.raises(IntegrityError):
        add(old, "notice", "one")
    with pytest.raises(IntegrityError):
        add(old, "pigeon", "two")


def test_a_suspension_that_lasts_is_known_since_when(old: Database) -> None:
    with old.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "store:migrations")
        command.upgrade(config, "0017")
        places = load(connection)
        for place, state, after in ((places.core, "suspended", None), (places.globex, "active", 7)):
            own = update(subscriptions).where(subscriptions.c.infrastructure_id == place)
            connection.execute(own.values(state=state, licenses_after=after))
        for position, (place, hours) in enumerate(
            [(places.core, 1), (places.globex, 2), (places.core, 3)], 1
        ):
            connection.execute(insert(audit_entries), _entry(place, "suspend_subscription", position, hours))
        for position, (place, hours) in enumerate([(places.core, 2), (places.globex, 5)], 4):
            connection.execute(
                insert(audit_entries), _entry(place, "reinstate_subscription", position, hours)
            )

    migrate(old)

    with old.read() as connection:
        rows = connection.execute(select(suspensions).order_by(suspensions.c.infrastructure_id)).all()
    assert [(row.infrastructure_id, row.begun_at, row.ended_at, row.licenses_to) for row in rows] == [
        (places.core, NOW + timedelta(hours=3), None, None),
        (places.globex, NOW + timedelta(hours=2), NOW + timedelta(hours=5), 7),
    ]


def _entry(place: int, action: str, position: int, hours: int) -> dict[str, Any]:
    return {
        "infrastructure_id": place,
        "chain": place,
        "position": position,
        "at": NOW + timedelta(hours=hours),
        "source": "slack",
        "action": action,
        "subject": "subscription",
        "facts": {},
        "previous": "0" * 64,
        "hash": "0" * 64,
    }
