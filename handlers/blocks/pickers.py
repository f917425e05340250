"""Menus that Slack itself fills, with people and with conversations."""

from typing import Any

from handlers.blocks.kit import Element
from handlers.blocks.limits import PLACEHOLDER, room
from handlers.blocks.text import clip


def person_select(action_id: str, placeholder: str) -> Element:
    """A menu of everybody in the workspace, with one choice; it comes back as a Slack id."""
    return {"type": "users_select", "action_id": action_id, "placeholder": _plain(placeholder)}


def people_select(action_id: str, placeholder: str, most: int) -> Element:
    """The same with several choices, at most `most`."""
    return {
        "type": "multi_users_select",
        "action_id": action_id,
        "placeholder": _plain(placeholder),
        "max_selected_items": most,
    }


def channel_select(action_id: str, placeholder: str, initial: str | None = None) -> Element:
    """A menu of channels within the organization, with one choice; it comes back as a Slack id."""
    element = {
        "type": "conversations_select",
        "action_id": action_id,
        "placeholder": _plain(placeholder),
        "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
    }
    return element | ({"initial_conversation": initial} if initial else {})


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": clip(text, room(PLACEHOLDER))}
