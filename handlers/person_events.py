"""What Slack says of people: somebody joined, changed, became a guest, was deactivated."""

from collections.abc import Mapping
from typing import Any

from handlers.context import Context
from handlers.payloads import Body, event, part, text
from handlers.visitors import NOBODY, profile_of
from store import profiles
from store.desk import Desk


def person_changed(context: Context, body: Body) -> None:
    """`user_change` and `team_join`: note what is known of them, and link them if the import named them."""
    note_user(context.desk, context.identity().workspace_id, part(event(body), "user"))


def note_user(desk: Desk, workspace: str, user: Mapping[str, Any]) -> None:
    """Note what a user object of Slack's says of somebody in our workspace, as far as it is news."""
    if user.get("team_id", workspace) != workspace or not text(user, "id"):
        return
    profile = profile_of(user, workspace)
    with desk.database.read() as connection:
        news = profiles.news(connection, profile)
    if news is profiles.News.APPEARED:
        profiles.link(desk, NOBODY, profile)
    elif news is profiles.News.CHANGED:
        profiles.note(desk, NOBODY, profile)
