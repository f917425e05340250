"""How often people ask and are refused, and the pauses of those who were refused too often."""

from store.migrations.statements import run

revision = "0019"
down_revision = "0018"

STATEMENTS = (
    "ALTER TABLE persons ADD COLUMN paused_until {time}",
    """
    CREATE TABLE attempts (
        id {own_id} NOT NULL,
        person_id {id} NOT NULL,
        at {time} NOT NULL,
        kind VARCHAR(8) NOT NULL,
        CONSTRAINT pk_attempts PRIMARY KEY (id),
        CONSTRAINT fk_attempts_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
        CONSTRAINT ck_attempts_kind CHECK (kind IN ('right', 'unknown', 'often'))
    )
    """,
    "CREATE INDEX ix_attempts_person ON attempts (person_id, at)",
    "CREATE INDEX ix_attempts_at ON attempts (at)",
    """
    CREATE TABLE pauses (
        id {own_id} NOT NULL,
        person_id {id} NOT NULL,
        began_at {time} NOT NULL,
        ends_at {time} NOT NULL,
        counts JSON NOT NULL,
        told_at {time},
        CONSTRAINT pk_pauses PRIMARY KEY (id),
        CONSTRAINT fk_pauses_person_id FOREIGN KEY(person_id) REFERENCES persons (id)
    )
    """,
    "CREATE INDEX ix_pauses_ends_at ON pauses (ends_at)",
    "CREATE INDEX ix_pauses_told_at ON pauses (told_at)",
    "CREATE INDEX ix_requests_asked ON requests (requester_id, asked_at)",
)


def upgrade() -> None:
    """Add the column, the tables and the index."""
    run(STATEMENTS)
