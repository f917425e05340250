"""What a signing key is for, and when it was found compromised."""

from store.migrations.statements import run

revision = "0018"
down_revision = "0017"

STATEMENTS = (
    """
    ALTER TABLE signing_keys ADD COLUMN purpose VARCHAR(10) DEFAULT 'production' NOT NULL
        CONSTRAINT ck_signing_keys_purpose CHECK (purpose IN ('production', 'test'))
    """,
    "ALTER TABLE signing_keys ADD COLUMN compromised_at {time}",
)


def upgrade() -> None:
    """Add the columns; the keys that are there are for production."""
    run(STATEMENTS)
