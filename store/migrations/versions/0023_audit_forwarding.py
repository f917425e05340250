"""How far the record was forwarded to a file or a syslog server."""

from store.migrations.statements import run

revision = "0023"
down_revision = "0022"

STATEMENTS = (
    """
    CREATE TABLE audit_forwardings (
        id {own_id} NOT NULL,
        destination VARCHAR(8) NOT NULL,
        lease VARCHAR(36),
        leased_until {time},
        sent_at {time},
        failed_since {time},
        error VARCHAR(200),
        CONSTRAINT pk_audit_forwardings PRIMARY KEY (id),
        CONSTRAINT uq_audit_forwardings_destination UNIQUE (destination),
        CONSTRAINT ck_audit_forwardings_destination CHECK (destination IN ('file', 'syslog'))
    )
    """,
    """
    CREATE TABLE audit_forwarded (
        id {own_id} NOT NULL,
        destination VARCHAR(8) NOT NULL,
        chain {id} NOT NULL,
        position {id} NOT NULL,
        CONSTRAINT pk_audit_forwarded PRIMARY KEY (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_audit_forwarded_chain ON audit_forwarded (destination, chain)",
)


def upgrade() -> None:
    """Add the tables."""
    run(STATEMENTS)
