"""Who looked at their Home, and which page of it they see; deliveries that draw it anew."""

from store.migrations.statements import replace_check, run

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    """
    CREATE TABLE homes (
        id {own_id} NOT NULL,
        person_id {id} NOT NULL,
        opened_at {time} NOT NULL,
        page INTEGER DEFAULT '0' NOT NULL,
        CONSTRAINT pk_homes PRIMARY KEY (id),
        CONSTRAINT fk_homes_person_id FOREIGN KEY(person_id) REFERENCES persons (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_homes_person_id ON homes (person_id)",
    "CREATE INDEX ix_homes_opened_at ON homes (opened_at)",
)
KINDS = "kind IN ('card', 'file', 'notice', 'reply', 'reissue', 'reminder', 'home')"


def upgrade() -> None:
    """Add the table, and let deliveries be of the new kind."""
    run(STATEMENTS)
    replace_check("deliveries", "ck_deliveries_kind", KINDS)
