"""Conversations: the channels and direct messages that the bot knows, as last seen.

What is known comes from Slack's events and from looking before a card is posted; a channel without a row counts
as usable, with nobody known to be in it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, select, update

from store.database import AnyRow
from store.desk import Act, intention
from store.lost_places import CHANNEL_LOST
from store.once import insert_once
from store.readdressing import address_directly, address_who_left, redraw_behind
from store.tables import conversation_members, conversations, persons, workspaces


@dataclass(frozen=True, slots=True)
class Conversation:
    """A channel, or the direct message of `person_id`.

    `checked_at` is when its members were last read, or when writing to it last worked or did not; absent when
    they have to be read anew.
    """

    id: int
    workspace_id: str
    slack_id: str
    kind: str
    person_id: int | None
    name: str | None
    archived: bool
    absent: bool
    shared: bool
    checked_at: datetime | None

    @property
    def usable(self) -> bool:
        """Whether a card can be posted: not archived, with the bot in it, and within the organization."""
        return not (self.archived or self.absent or self.shared)


def find(connection: Connection, workspace_id: str, slack_id: str) -> Conversation | None:
    """Give a conversation by Slack's id, or `None` when nothing is known of it."""
    row = connection.execute(select(*_COLUMNS).where(_is(workspace_id, slack_id))).one_or_none()
    return None if row is None else _conversation(row)


def direct_of(connection: Connection, person_id: int) -> str | None:
    """Give Slack's id of a person's direct message with the bot, or `None` when it was never opened."""
    query = select(conversations.c.slack_id).where(conversations.c.person_id == person_id)
    return connection.execute(query).scalar_one_or_none()


def members(connection: Connection, workspace_id: str, slack_id: str) -> frozenset[str]:
    """Give the Slack ids of those last known to be in a channel."""
    query = select(conversation_members.c.slack_id).join(conversations).where(_is(workspace_id, slack_id))
    return frozenset(connection.execute(query).scalars())


@intention
def remember_direct(act: Act, person_id: int, slack_id: str) -> int:
    """Remember Slack's id of a person's direct message, which works; give the conversation's id."""
    person = act.connection.execute(select(persons.c.workspace_id).where(persons.c.id == person_id)).one()
    stale = (conversations.c.person_id == person_id, conversations.c.slack_id != slack_id)
    act.connection.execute(update(conversations).where(*stale).values(person_id=None, absent=True))
    known = {"person_id": person_id, "absent": False, "checked_at": act.now}
    return _keep(act, person.workspace_id, slack_id, "direct", known)


@intention
def forget_direct(act: Act, person_id: int) -> None:
    """Forget a person's direct message, because Slack no longer knows it; it is opened anew when needed."""
    held = conversations.c.person_id == person_id
    act.connection.execute(update(conversations).where(held).values(person_id=None, absent=True))


@intention
def note_state(
    act: Act,
    workspace_id: str,
    slack_id: str,
    *,
    name: str | None = None,
    archived: bool | None = None,
    absent: bool | None = None,
    shared: bool | None = None,
) -> Conversation:
    """Note what Slack said of a channel; what is `None` stays. Pending requests there follow the change."""
    said = {"name": name, "archived": archived, "absent": absent, "shared": shared}
    return _note(act, workspace_id, slack_id, {key: each for key, each in said.items() if each is not None})


@intention
def note_archived(act: Act, workspace_id: str, slack_id: str, archived: bool) -> Conversation:
    """Note that a channel was archived, or came back."""
    return _note(act, workspace_id, slack_id, {"archived": archived})


@intention
def note_members(act: Act, workspace_id: str, slack_id: str, slack_ids: Collection[str]) -> None:
    """Note who is in a channel, all of them."""
    channel = _keep(act, workspace_id, slack_id, "channel", {"checked_at": act.now})
    query = select(conversation_members.c.slack_id).where(conversation_members.c.conversation_id == channel)
    known = set(act.connection.execute(query).scalars())
    for slack_id_ in sorted(set(slack_ids) - known):
        _add_member(act, channel, slack_id_)
    gone = conversation_members.c.slack_id.in_(known - set(slack_ids))
    here = conversation_members.c.conversation_id == channel
    act.connection.execute(delete(conversation_members).where(here, gone))


@intention
def member_joined(act: Act, workspace_id: str, slack_id: str, member: str) -> None:
    """Note that somebody joined a channel; when it is the bot itself, cards can be posted there."""
    if _is_bot(act, workspace_id, member):
        _note(act, workspace_id, slack_id, {"absent": False})
    elif _is_read(act, workspace_id, slack_id):
        _add_member(act, _keep(act, workspace_id, slack_id, "channel", {}), member)


@intention
def member_left(act: Act, workspace_id: str, slack_id: str, member: str) -> None:
    """Note that somebody left a channel; when it is the bot itself, the channel counts as none."""
    if _is_bot(act, workspace_id, member):
        _note(act, workspace_id, slack_id, {"absent": True})
        return
    if not _is_read(act, workspace_id, slack_id):
        return
    channel = _keep(act, workspace_id, slack_id, "channel", {})
    here = conversation_members.c.conversation_id == channel
    act.connection.execute(
        delete(conversation_members).where(here, conversation_members.c.slack_id == member)
    )
    address_who_left(act, workspace_id, slack_id, member)


def note_lost(act: Act, workspace_id: str, slack_id: str, code: str) -> None:
    """Note, within an act, what a code of `CHANNEL_LOST` says of a channel."""
    _note(act, workspace_id, slack_id, {CHANNEL_LOST[code]: True})


def _note(act: Act, workspace_id: str, slack_id: str, said: dict[str, Any]) -> Conversation:
    before = find(act.connection, workspace_id, slack_id)
    # Who is in it is looked at anew after each change: nothing is heard of a channel without the bot.
    _keep(act, workspace_id, slack_id, "channel", {**said, "checked_at": None})
    after = find(act.connection, workspace_id, slack_id)
    if after is None:
        raise LookupError(slack_id)
    if not after.usable:
        address_directly(act, workspace_id, slack_id)
    elif before is not None and not before.usable:
        redraw_behind(act, after.id)
    return after


def _is_read(act: Act, workspace_id: str, slack_id: str) -> bool:
    """Whether all members are known; somebody who comes or goes says nothing of those who are there."""
    return bool(members(act.connection, workspace_id, slack_id))


def _keep(act: Act, workspace_id: str, slack_id: str, kind: str, values: dict[str, Any]) -> int:
    place = {"workspace_id": workspace_id, "slack_id": slack_id}
    insert_once(act.connection, conversations, {**place, "kind": kind})
    if values:
        act.connection.execute(update(conversations).where(_is(workspace_id, slack_id)).values(values))
    query = select(conversations.c.id).where(_is(workspace_id, slack_id))
    return int(act.connection.execute(query).scalar_one())


def _add_member(act: Act, conversation_id: int, slack_id: str) -> None:
    values = {"conversation_id": conversation_id, "slack_id": slack_id}
    insert_once(act.connection, conversation_members, values)


def _is(workspace_id: str, slack_id: str) -> ColumnElement[bool]:
    return (conversations.c.workspace_id == workspace_id) & (conversations.c.slack_id == slack_id)


def _is_bot(act: Act, workspace_id: str, slack_id: str) -> bool:
    own = (workspaces.c.workspace_id == workspace_id) & (workspaces.c.bot_user_id == slack_id)
    return bool(act.connection.execute(select(exists().where(own))).scalar())


_COLUMNS = [conversations.c[name] for name in Conversation.__slots__]


def _conversation(row: AnyRow) -> Conversation:
    return Conversation(*row)
