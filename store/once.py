"""Rows that are written once: a second time is silently the same."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from store.database import AnySelect

_INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def short_key(*parts: object) -> str:
    """A key of 64 characters for parts of any length, such as an id that came with a payload."""
    return sha256(":".join(map(str, parts)).encode()).hexdigest()


def insert_once(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row unless a unique constraint of the table holds one already; tell whether it is new."""
    inserting = _told(connection.dialect.name, table)
    return connection.execute(inserting, dict(values)).first() is not None


def insert_all_once(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert those rows, in their order, that no unique constraint of the table holds already."""
    if rows:
        connection.execute(_untold(connection.dialect.name, table), [dict(each) for each in rows])


def insert_selected_once(
    connection: Connection, table: Table, names: Sequence[str], query: AnySelect
) -> None:
    """Insert the rows of a query, whose columns are `names`, but for those that a unique constraint holds already.

    The query has a WHERE, without which SQLite would read ON CONFLICT as a part of it.
    """
    inserting = _INSERT[connection.dialect.name](table).from_select(names, query)
    connection.execute(inserting.on_conflict_do_nothing())


def upsert_all(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]], key: Sequence[str]
) -> None:
    """Insert rows, at least one; where a row with the same `key` is there, it gets the other values."""
    inserting = _INSERT[connection.dialect.name](table)
    others = {name: inserting.excluded[name] for name in rows[0] if name not in key}
    connection.execute(
        inserting.on_conflict_do_update(index_elements=key, set_=others), [dict(each) for each in rows]
    )


# Built once: building an insert of a wide table takes several times as long as running it.
@cache
def _untold(dialect: str, table: Table) -> Any:
    return _INSERT[dialect](table).on_conflict_do_nothing()


@cache
def _told(dialect: str, table: Table) -> Any:
    return _untold(dialect, table).returning(*table.primary_key)
