"""What Home is found by: the few roles that cover everything, since every change concerns their holders, and the
subscriptions that end soon.
"""

from store.migrations.statements import run

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    """
    CREATE INDEX ix_roles_everywhere ON roles (company_id, infrastructure_id, person_id)
    WHERE company_id IS NULL AND infrastructure_id IS NULL
    """,
    "CREATE INDEX ix_subscriptions_ends_at ON subscriptions (ends_at)",
)


def upgrade() -> None:
    """Add both indexes."""
    run(STATEMENTS)
