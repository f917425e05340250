"""Slack gives a channel another id when it changes its kind; everything known of it goes on under the new one."""

from sqlalchemy import select, update

from store.desk import Act, intention
from store.tables import conversations, infrastructures


@intention
def note_new_id(act: Act, workspace_id: str, old: str, new: str) -> None:
    """Note that the channel `old` is called `new` now; the second time nothing is left to change."""
    known = select(conversations.c.id).where(
        conversations.c.workspace_id == workspace_id, conversations.c.slack_id == new
    )
    if act.connection.execute(known).first() is None:
        act.connection.execute(
            update(conversations)
            .where(conversations.c.workspace_id == workspace_id, conversations.c.slack_id == old)
            .values(slack_id=new)
        )
    moved = act.connection.execute(
        update(infrastructures)
        .where(infrastructures.c.approval_channel == old)
        .values(approval_channel=new)
        .returning(infrastructures.c.id)
    )
    for infrastructure_id in moved.scalars().all():
        act.record("move_channel", "approval channel", infrastructure_id, channel=new)
