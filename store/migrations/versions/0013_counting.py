"""Indexes that hold all that counting free and taken slots takes, so that no row has to be fetched for it."""

from store.migrations.statements import run

revision = "0013"
down_revision = "0007"

STATEMENTS = (
    "DROP INDEX ix_slots_type",
    "CREATE INDEX ix_slots_type ON slots (infrastructure_id, environment_type, removed_at)",
    "DROP INDEX uq_registrations_open_slot",
    "CREATE UNIQUE INDEX uq_registrations_open_slot ON registrations (slot_id, state) WHERE state = 'open'",
)


def upgrade() -> None:
    """Create both indexes anew."""
    run(STATEMENTS)
