"""Statements written once for both databases."""

import re
from collections.abc import Iterable

from alembic import op
from sqlalchemy import text

# What the two databases call the same type: {own_id}, {id}, {time} and {bytes} in a statement.
TYPES = {
    "sqlite": {"own_id": "INTEGER", "id": "INTEGER", "time": "DATETIME", "bytes": "BLOB"},
    "postgresql": {
        "own_id": "BIGSERIAL",
        "id": "BIGINT",
        "time": "TIMESTAMP WITH TIME ZONE",
        "bytes": "BYTEA",
    },
}


def run(statements: Iterable[str]) -> None:
    """Run each statement with the types of the database at hand."""
    types = TYPES[op.get_context().dialect.name]
    for statement in statements:
        op.execute(statement.format(**types))


def replace_check(table: str, constraint: str, condition: str) -> None:
    """Give a table's named CHECK constraint another condition."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({condition})")
    else:
        _rebuild(table, constraint, condition)


def _rebuild(table: str, constraint: str, condition: str) -> None:
    """Copy a table, since SQLite cannot change a constraint; its indexes are made again."""
    definitions = text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL")
    found = op.get_bind().execute(definitions, {"table": table}).all()
    [definition] = [sql for kind, sql in found if kind == "table"]
    indexes = [sql for kind, sql in found if kind == "index"]
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    op.execute(text(_with_check(definition, constraint, condition)))
    op.execute(f"INSERT INTO {table} SELECT * FROM {table}_before")  # noqa: S608 - both names are ours.
    op.execute(f"DROP TABLE {table}_before")
    for index in indexes:
        op.execute(text(index))


def _with_check(definition: str, constraint: str, condition: str) -> str:
    pattern = rf"(CONSTRAINT {constraint}\s+CHECK )\([^()]*\([^()]*\)\)"
    changed, times = re.subn(pattern, lambda found: f"{found[1]}({condition})", definition)
    if times != 1:
        raise LookupError(constraint)
    return changed
