"""Statements written once for both databases."""

from collections.abc import Iterable

from alembic import op

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
