"""When subscriptions were suspended, and the running numbers of revocation lists."""

from store.migrations.statements import run

revision = "0020"
down_revision = "0019"

STATEMENTS = (
    """
    CREATE TABLE suspensions (
        id {own_id} NOT NULL,
        infrastructure_id {id} NOT NULL,
        begun_at {time} NOT NULL,
        ended_at {time},
        licenses_to {id},
        CONSTRAINT pk_suspensions PRIMARY KEY (id),
        CONSTRAINT fk_suspensions_infrastructure_id FOREIGN KEY(infrastructure_id) REFERENCES infrastructures (id)
    )
    """,
    "CREATE INDEX ix_suspensions_infrastructure_id ON suspensions (infrastructure_id)",
    "CREATE UNIQUE INDEX uq_suspensions_open ON suspensions (infrastructure_id) WHERE ended_at IS NULL",
    """
    CREATE TABLE revocation_lists (
        id {own_id} NOT NULL,
        seq INTEGER NOT NULL,
        digest VARCHAR(64) NOT NULL,
        entries INTEGER NOT NULL,
        made_at {time} NOT NULL,
        CONSTRAINT pk_revocation_lists PRIMARY KEY (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_revocation_lists_seq ON revocation_lists (seq)",
)

# The last suspension of each subscription, as the record has it; only the new table is filled.
KNOWN = (
    """
    INSERT INTO suspensions (infrastructure_id, begun_at, ended_at, licenses_to)
    SELECT subscriptions.infrastructure_id, begun.at,
        CASE WHEN subscriptions.state = 'active' THEN ended.at END,
        CASE WHEN subscriptions.state = 'active' THEN subscriptions.licenses_after END
    FROM subscriptions
    JOIN (
        SELECT chain, MAX(at) AS at FROM audit_entries WHERE action = 'suspend_subscription' GROUP BY chain
    ) AS begun ON begun.chain = subscriptions.infrastructure_id
    LEFT JOIN (
        SELECT chain, MAX(at) AS at FROM audit_entries WHERE action = 'reinstate_subscription' GROUP BY chain
    ) AS ended ON ended.chain = subscriptions.infrastructure_id
    WHERE subscriptions.state = 'suspended' OR (subscriptions.licenses_after IS NOT NULL AND ended.at IS NOT NULL)
    """,
)


def upgrade() -> None:
    """Add the tables, and what is known of suspensions."""
    run(STATEMENTS)
    run(KNOWN)
