"""Contacts who are not in Slack and asked by e-mail, and the deliveries that ask them."""

from store.migrations.statements import replace_check, run

revision = "0017"
down_revision = "0016"

STATEMENTS = ("ALTER TABLE asked ADD COLUMN by_mail BOOLEAN DEFAULT false NOT NULL",)
KINDS = "kind IN ('card', 'file', 'notice', 'reply', 'reissue', 'reminder', 'home', 'step', 'mail')"


def upgrade() -> None:
    """Add the column, and let deliveries be of the new kind."""
    run(STATEMENTS)
    replace_check("deliveries", "ck_deliveries_kind", KINDS)
