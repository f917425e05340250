"""The workspace that the desk serves: its stored identity, so that starting needs no Slack."""

from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, update

from store.desk import Act, intention
from store.once import insert_once
from store.tables import workspaces


@dataclass(frozen=True, slots=True)
class Workspace:
    """What Slack said about us when it was last asked who we are. `connected` is false once removed."""

    workspace_id: str
    name: str
    bot_id: str
    bot_user_id: str
    app_id: str | None
    connected: bool


def stored(connection: Connection) -> Workspace | None:
    """The workspace that was connected last, or `None` before the first contact with Slack."""
    query = select(*(workspaces.c[name] for name in Workspace.__slots__)).order_by(
        workspaces.c.connected.desc(), workspaces.c.id.desc()
    )
    row = connection.execute(query.limit(1)).first()
    return None if row is None else Workspace(*row)


@intention
def remember(act: Act, workspace: Workspace) -> None:
    """Keep what Slack said; recorded only when it is news. Several processes may be told it at the same time."""
    values = {name: getattr(workspace, name) for name in Workspace.__slots__}
    differs = or_(*(workspaces.c[name].is_distinct_from(value) for name, value in values.items()))
    known = (workspaces.c.workspace_id == workspace.workspace_id, differs)
    if (
        insert_once(act.connection, workspaces, values)
        or act.connection.execute(update(workspaces).where(*known).values(values)).rowcount
    ):
        act.record("connect_workspace", f"workspace {workspace.workspace_id}", app=workspace.app_id)


@intention
def disconnect(act: Act, workspace_id: str) -> None:
    """Note that the app was removed or its tokens revoked."""
    changed = act.connection.execute(
        update(workspaces)
        .where(workspaces.c.workspace_id == workspace_id, workspaces.c.connected)
        .values(connected=False)
    )
    if changed.rowcount:
        act.record("disconnect_workspace", f"workspace {workspace_id}")
