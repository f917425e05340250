"""Results of bulk registrations, kept until they are sent and for a month after."""

from store.migrations.statements import run

revision = "0016"
down_revision = "0015"

STATEMENTS = (
    """
    CREATE TABLE bulk_results (
        id {own_id} NOT NULL,
        person_id {id} NOT NULL,
        form_key VARCHAR(64) NOT NULL,
        content {bytes} NOT NULL,
        made_at {time} NOT NULL,
        CONSTRAINT pk_bulk_results PRIMARY KEY (id),
        CONSTRAINT fk_bulk_results_person_id FOREIGN KEY(person_id) REFERENCES persons (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_bulk_results_form_key ON bulk_results (form_key)",
    "CREATE INDEX ix_bulk_results_made_at ON bulk_results (made_at)",
)


def upgrade() -> None:
    """Add the table."""
    run(STATEMENTS)
