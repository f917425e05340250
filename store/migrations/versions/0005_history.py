"""An index that finds the entries about one environment or request, however long the record is."""

from store.migrations.statements import run

revision = "0005"
down_revision = "0004"

STATEMENTS = ("CREATE INDEX ix_audit_entries_subject ON audit_entries (subject, id)",)


def upgrade() -> None:
    """Create the index."""
    run(STATEMENTS)
