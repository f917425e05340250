"""Files that are deleted from Slack after a time: which deliveries shared some, and the deliveries that delete them."""

from store.migrations.statements import replace_check, run

revision = "0025"
down_revision = "0024"

STATEMENTS = (
    "ALTER TABLE deliveries ADD COLUMN deletion_queued_at {time}",
    """
    CREATE INDEX ix_deliveries_files ON deliveries (sent_at, id) WHERE state = 'sent'
        AND deletion_queued_at IS NULL
        AND (kind IN ('file', 'reissue') OR notice IN ('bulk_result', 'report', 'revocations'))
    """,
)
KINDS = (
    "kind IN ('card', 'file', 'notice', 'reply', 'reissue', 'reminder', 'home', 'step', 'mail', 'deletion')"
)


def upgrade() -> None:
    """Add the column and its index, and let deliveries be of the new kind."""
    run(STATEMENTS)
    replace_check("deliveries", "ck_deliveries_kind", KINDS)
