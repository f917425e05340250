"""Signing keys whose private part is kept in a file or in a token instead of the database."""

from store.migrations.statements import run

revision = "0024"
down_revision = "0023"

# The private part stays a column that is never absent: a program of the version before finds it empty, and says
# that its master keys do not open the key.
STATEMENTS = (
    """
    ALTER TABLE signing_keys ADD COLUMN kept_in VARCHAR(8) DEFAULT 'database' NOT NULL
        CONSTRAINT ck_signing_keys_kept_in CHECK (kept_in IN ('database', 'file', 'token'))
    """,
    "ALTER TABLE signing_keys ADD COLUMN kept_at TEXT",
)


def upgrade() -> None:
    """Add the columns; every key that is there is kept in the database."""
    run(STATEMENTS)
