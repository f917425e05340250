"""Rows that are written once: a second time is silently the same."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def short_key(*parts: object) -> str:
    """A key of 64 characters for parts of any length, such as an id that came with a payload."""
    return sha256(":".join(map(str, parts)).encode()).hexdigest()


def insert_once(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row unless a unique constraint of the table holds one already; tell whether it is new."""
    insert = _INSERT[connection.dialect.name](table)
    written = insert.values(values).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(written).first() is not None
