"""Slack's codes that tell of a conversation or message that is lost, whatever is tried again."""

MESSAGE_GONE = frozenset(
    {"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"}
)
"""For a message that cannot be redrawn although its conversation can be written to."""

CHANNEL_LOST = {
    "is_archived": "archived",
    "is_inactive": "archived",
    "channel_not_found": "absent",
    "not_in_channel": "absent",
    "channel_is_shared": "shared",
}
"""For calls to a channel that counts as none, and what they say of it.

The last one is ours, for a channel that was looked at; the others are Slack's.
"""
