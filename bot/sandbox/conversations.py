"""Channels, private channels and direct messages, with what was said in them."""

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.messages import Message

Kind = Literal["channel", "group", "im"]

# The word in the middle of scopes and the `channel_type` of events, by kind of conversation.
FAMILY: dict[Kind, str] = {"channel": "channels", "group": "groups", "im": "im"}
TYPE_NAMES: dict[Kind, str] = {"channel": "public_channel", "group": "private_channel", "im": "im"}


@dataclass
class Conversation:
    """A place where people and the app write; `user` is the person of a direct message with the app."""

    id: str
    name: str
    kind: Kind
    members: list[str] = field(default_factory=list)
    archived: bool = False
    shared: bool = False
    created: int = 0
    user: str = ""
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: list[Message] = field(default_factory=list)

    @property
    def family(self) -> str:
        """The word that scopes use for this kind: `channels`, `groups` or `im`."""
        return FAMILY[self.kind]

    @property
    def shown_name(self) -> str:
        """The name that payloads carry: private places are not named."""
        return {"channel": self.name, "group": "privategroup", "im": "directmessage"}[self.kind]


def channel_object(conversation: Conversation, team: str, viewer: str) -> dict[str, Any]:
    """The conversation as `conversations.info` gives it to the member `viewer`."""
    if conversation.kind == "im":
        return _direct_object(conversation)
    return {
        "id": conversation.id,
        "name": conversation.name,
        "name_normalized": conversation.name,
        "is_channel": conversation.kind == "channel",
        "is_group": conversation.kind == "group",
        "is_im": False,
        "is_mpim": False,
        "is_private": conversation.kind == "group",
        "is_archived": conversation.archived,
        "is_general": False,
        "is_member": viewer in conversation.members,
        "created": conversation.created,
        "creator": conversation.members[0] if conversation.members else "",
        "unlinked": 0,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
        "context_team_id": team,
    } | _sharing(conversation, team)


def _sharing(conversation: Conversation, team: str) -> dict[str, Any]:
    return {
        "is_shared": conversation.shared,
        "is_ext_shared": conversation.shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "shared_team_ids": [team],
    }


def _direct_object(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "created": conversation.created,
        "is_archived": conversation.archived,
        "is_im": True,
        "is_org_shared": False,
        "user": conversation.user,
    }
