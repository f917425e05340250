"""Requests for access, of people who have no role yet."""

from store.migrations.statements import run

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    CREATE TABLE access_requests (
        id {own_id} NOT NULL,
        person_id {id} NOT NULL,
        typed TEXT NOT NULL,
        company_id {id},
        infrastructure_id {id},
        form_key VARCHAR(64),
        asked_at {time} NOT NULL,
        state VARCHAR(8) DEFAULT 'open' NOT NULL,
        answered_by {id},
        answered_at {time},
        CONSTRAINT pk_access_requests PRIMARY KEY (id),
        CONSTRAINT ck_access_requests_state CHECK (state IN ('open', 'added', 'declined')),
        CONSTRAINT fk_access_requests_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
        CONSTRAINT fk_access_requests_company_id FOREIGN KEY(company_id) REFERENCES companies (id),
        CONSTRAINT fk_access_requests_infrastructure_id
            FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id),
        CONSTRAINT fk_access_requests_answered_by FOREIGN KEY(answered_by) REFERENCES persons (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_access_requests_form_key ON access_requests (form_key)",
    "CREATE INDEX ix_access_requests_person ON access_requests (person_id, asked_at)",
)


def upgrade() -> None:
    """Create the table with its constraints and indexes."""
    run(STATEMENTS)
