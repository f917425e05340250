"""What Slack says of people: somebody joined, changed, became a guest, was deactivated."""

from handlers.context import Context
from handlers.payloads import Body, event, part
from handlers.visitors import NOBODY, profile_of
from store import people, profiles
from store.profiles import Profile


def person_changed(context: Context, body: Body) -> None:
    """`user_change` and `team_join`: note what is known of them, and link them if the import named them."""
    user = part(event(body), "user")
    workspace = context.identity().workspace_id
    if user.get("team_id", workspace) != workspace or not user.get("id"):
        return
    profile = profile_of(user, workspace)
    if profile.bot:
        return
    if _waits_for(context, profile):
        profiles.link(context.desk, NOBODY, profile)
    else:
        profiles.note(context.desk, NOBODY, profile)


def _waits_for(context: Context, profile: Profile) -> bool:
    """Whether the import named this person by their address, and they were not seen in Slack before."""
    if profile.email is None or not profile.active:
        return False
    with context.desk.database.read() as connection:
        if people.find(connection, profile.workspace_id, profile.slack_id):
            return False
        named = people.find_by_email(connection, profile.email)
    return named is not None and named.slack_id is None
