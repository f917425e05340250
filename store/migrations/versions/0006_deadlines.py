"""Deadlines of requests: urgent ones, what those asked were reminded of, and the working hours of infrastructures."""

from store.migrations.statements import run

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    "ALTER TABLE infrastructures ADD COLUMN working_hours JSON",
    "ALTER TABLE requests ADD COLUMN urgent BOOLEAN DEFAULT false NOT NULL",
    "ALTER TABLE requests ADD COLUMN reminded INTEGER DEFAULT '0' NOT NULL",
    "ALTER TABLE requests ADD COLUMN escalated_at {time}",
)


def upgrade() -> None:
    """Add the columns."""
    run(STATEMENTS)
