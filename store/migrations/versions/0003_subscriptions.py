"""Renewals and suspensions of subscriptions, the re-issues that follow them, and reminders of their ends."""

from store.migrations.statements import replace_check, run

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "ALTER TABLE subscriptions ADD COLUMN suspension_reason TEXT",
    "ALTER TABLE subscriptions ADD COLUMN licenses_after {id}",
    "ALTER TABLE subscriptions ADD COLUMN told_end {time}",
    "ALTER TABLE subscriptions ADD COLUMN told_days INTEGER",
    "ALTER TABLE subscriptions ADD COLUMN told_at {time}",
    """
    CREATE TABLE reissues (
        id {own_id} NOT NULL,
        infrastructure_id {id} NOT NULL,
        cause VARCHAR(13) NOT NULL,
        begun_at {time} NOT NULL,
        begun_by {id},
        licenses_after {id} NOT NULL,
        position {id} NOT NULL,
        finished_at {time},
        CONSTRAINT pk_reissues PRIMARY KEY (id),
        CONSTRAINT ck_reissues_cause CHECK (cause IN ('renewal', 'reinstatement')),
        CONSTRAINT fk_reissues_infrastructure_id
            FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id),
        CONSTRAINT fk_reissues_begun_by FOREIGN KEY(begun_by) REFERENCES persons (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_reissues_unfinished ON reissues (infrastructure_id)
        WHERE finished_at IS NULL
    """,
)
KINDS = "kind IN ('card', 'file', 'notice', 'reply', 'reissue', 'reminder')"


def upgrade() -> None:
    """Add the columns and the table, and let deliveries be of the new kinds."""
    run(STATEMENTS)
    replace_check("deliveries", "ck_deliveries_kind", KINDS)
