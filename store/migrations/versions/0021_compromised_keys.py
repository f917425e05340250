"""Re-issues because a signing key was found compromised."""

from store.migrations.statements import replace_check

revision = "0021"
down_revision = "0020"

STATEMENTS = ()
CAUSES = "cause IN ('renewal', 'reinstatement', 'compromise')"


def upgrade() -> None:
    """Let re-issues have the new cause."""
    replace_check("reissues", "ck_reissues_cause", CAUSES)
