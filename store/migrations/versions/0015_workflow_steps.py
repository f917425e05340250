"""Runs of the workflow step that requests a license, what came of them, and deliveries that tell Slack so."""

from store.migrations.statements import replace_check, run

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    """
    CREATE TABLE workflow_steps (
        id {own_id} NOT NULL,
        execution_id VARCHAR(64) NOT NULL,
        item_id {id},
        run_at {time} NOT NULL,
        outcome VARCHAR(11),
        refusal TEXT,
        CONSTRAINT pk_workflow_steps PRIMARY KEY (id),
        CONSTRAINT uq_workflow_steps_execution_id UNIQUE (execution_id),
        CONSTRAINT fk_workflow_steps_item_id FOREIGN KEY(item_id) REFERENCES request_items (id)
    )
    """,
    "CREATE INDEX ix_workflow_steps_item_id ON workflow_steps (item_id)",
    "ALTER TABLE requests ADD COLUMN through_workflow BOOLEAN DEFAULT false NOT NULL",
)
KINDS = "kind IN ('card', 'file', 'notice', 'reply', 'reissue', 'reminder', 'home', 'step')"


def upgrade() -> None:
    """Add the table and the column, and let deliveries be of the new kind."""
    run(STATEMENTS)
    replace_check("deliveries", "ck_deliveries_kind", KINDS)
