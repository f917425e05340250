"""What Slack says of channels: who is in them, and whether they can still be used for requests."""

from handlers.context import Context
from handlers.payloads import Body, event, part, text
from handlers.visitors import NOBODY
from store import channel_ids, conversations


def member_joined(context: Context, body: Body) -> None:
    """Somebody, perhaps the bot itself, came into a channel."""
    conversations.member_joined(context.desk, NOBODY, *_place(context, body), text(event(body), "user"))


def member_left(context: Context, body: Body) -> None:
    """Somebody, perhaps the bot itself, left a channel."""
    conversations.member_left(context.desk, NOBODY, *_place(context, body), text(event(body), "user"))


def bot_left(context: Context, body: Body) -> None:
    """The bot was taken out of a channel."""
    conversations.note_state(context.desk, NOBODY, *_place(context, body), absent=True)


def archived(context: Context, body: Body) -> None:
    """A channel was archived."""
    conversations.note_archived(context.desk, NOBODY, *_place(context, body), archived=True)


def unarchived(context: Context, body: Body) -> None:
    """A channel came back."""
    conversations.note_archived(context.desk, NOBODY, *_place(context, body), archived=False)


def deleted(context: Context, body: Body) -> None:
    """A channel is gone for good."""
    conversations.note_state(context.desk, NOBODY, *_place(context, body), archived=True, absent=True)


def renamed(context: Context, body: Body) -> None:
    """A channel has another name."""
    channel = part(event(body), "channel")
    workspace = context.identity().workspace_id
    conversations.note_state(context.desk, NOBODY, workspace, text(channel, "id"), name=text(channel, "name"))


def id_changed(context: Context, body: Body) -> None:
    """A channel has another id."""
    happened = event(body)
    workspace = context.identity().workspace_id
    old, new = text(happened, "old_channel_id"), text(happened, "new_channel_id")
    channel_ids.note_new_id(context.desk, NOBODY, workspace, old, new)


def _place(context: Context, body: Body) -> tuple[str, str]:
    return context.identity().workspace_id, text(event(body), "channel")
