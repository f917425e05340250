"""What Slack sends, read into the few facts that conversations need.

Nothing about the shape of a payload is taken for granted: what is not as documented raises BadPayload.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from handlers.blocks import state
from handlers.blocks.ids import base, key_of
from handlers.blocks.state import BadPayload, Values

Body = Mapping[str, Any]

_MOMENT: Final = re.compile(r"\d{1,11}(\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Who:
    """Who acted, by Slack's ids. `home` is the workspace they belong to, `workspace` the one they acted in."""

    slack_id: str
    workspace: str
    home: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person is and how they can be answered there; what is absent is empty.

    `private` says that the clicked message is one that only they see. `view_hash` is that of the open view.
    """

    slack_id: str
    channel: str = ""
    thread_ts: str = ""
    private: bool = False
    response_url: str = ""
    trigger_id: str = ""
    view_id: str = ""
    view_hash: str = ""

    @property
    def direct(self) -> bool:
        """Whether this is the direct message with the bot."""
        return self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class Command:
    """What was typed after `/license`: its first word in lower case, and the rest."""

    word: str
    rest: str


@dataclass(frozen=True, slots=True)
class Click:
    """A button pressed or a menu changed, in a message or in a view.

    `value` is the button's or the choice's, `key` the same when the click comes again; `entered` and `metadata`
    are those of the view around it, and absent in a message. `channel` and `ts` are those of the message that it
    stands in, and absent in a view and in a message that only one person sees. `message_age` is how long any message
    had been there when it was clicked, by Slack's clock alone; absent in a view.
    """

    action_id: str
    value: str
    entered: Values | None = None
    metadata: str = ""
    key: str = ""
    channel: str = ""
    ts: str = ""
    message_age: timedelta | None = None

    @property
    def kind(self) -> str:
        """What the id that a button carries is the id of, where its action id says so; empty otherwise."""
        return key_of(self.action_id)

    @property
    def number(self) -> int:
        """The id that a button carries. Raises BadPayload when it carries something else."""
        return number(self.value)


@dataclass(frozen=True, slots=True)
class Submission:
    """A modal sent in: what its fields hold, its `private_metadata` and its id, the same when it comes again."""

    callback_id: str
    view_id: str
    metadata: str
    entered: Values

    def field(self, block_id: str) -> str | None:
        """The whole id of the field with this id, or with this base of its id; None where there is none."""
        if block_id in self.entered:
            return block_id
        return next((each for each in self.entered if base(each) == block_id), None)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something typed into a menu that we fill; empty as long as nothing is."""

    action_id: str
    value: str

    @property
    def key(self) -> str:
        """What the menu offers choices of, where its id says so; empty otherwise."""
        return key_of(self.action_id)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A global shortcut chosen."""

    callback_id: str


def number(typed: str | None) -> int:
    """The id in a value of ours. Raises BadPayload when there is none, as in a forged payload."""
    if typed is None or not (typed.isascii() and typed.isdecimal() and len(typed) <= 18):
        raise BadPayload("no id where one belongs")
    return int(typed)


def who_commanded(body: Body) -> Who:
    """Who typed a slash command."""
    workspace = text(body, "team_id")
    return Who(text(body, "user_id"), workspace, workspace)


def who_interacted(body: Body) -> Who:
    """Who clicked, submitted or chose a shortcut."""
    user, team = part(body, "user"), part(body, "team")
    home = text(user, "team_id")
    return Who(text(user, "id"), text(team, "id") or home, home or text(team, "id"))


def place_of_command(body: Body) -> Place:
    """Where a slash command was typed."""
    return Place(
        text(body, "user_id"),
        channel=text(body, "channel_id"),
        private=True,
        response_url=text(body, "response_url"),
        trigger_id=text(body, "trigger_id"),
    )


def place_of_interaction(body: Body) -> Place:
    """Where a click, a submission or a shortcut happened."""
    container, view = part(body, "container"), part(body, "view")
    if view.get("type") == "home":
        # What is answered in Home is shown in a modal; Home itself is drawn by deliveries.
        view = {}
    return Place(
        text(part(body, "user"), "id"),
        channel=text(part(body, "channel"), "id") or text(container, "channel_id"),
        thread_ts=text(container, "thread_ts"),
        private=container.get("is_ephemeral") is True,
        response_url=text(body, "response_url"),
        trigger_id=text(body, "trigger_id"),
        view_id=text(view, "id"),
        view_hash=text(view, "hash"),
    )


def command(body: Body) -> Command:
    """What was typed after the slash command."""
    word, _, rest = text(body, "text").strip().partition(" ")
    return Command(word.lower(), rest.strip())


def click(body: Body) -> Click:
    """The one action of a click. Raises BadPayload for any other number of them."""
    actions = body.get("actions")
    if not isinstance(actions, list) or len(actions) != 1 or not isinstance(actions[0], dict):
        raise BadPayload("other than one action")
    action, view = actions[0], part(body, "view")
    entered = state.values(view) if view else None
    metadata, key = text(view, "private_metadata"), _key(body, action)
    where = (*_message(body), _message_age(body, action))
    return Click(text(action, "action_id"), _chosen(action), entered, metadata, key, *where)


def _message_age(body: Body, action: Body) -> timedelta | None:
    posted = text(part(body, "container"), "message_ts")
    return _moment(text(action, "action_ts")) - _moment(posted) if posted else None


def _moment(typed: str) -> timedelta:
    """A moment of Slack's, such as `1764400000.000100`, as the time since its beginning."""
    if not _MOMENT.fullmatch(typed):
        raise BadPayload("no moment where one belongs")
    return timedelta(seconds=float(typed))


def _message(body: Body) -> tuple[str, str]:
    container = part(body, "container")
    if container.get("is_ephemeral") is True:
        return "", ""
    return text(container, "channel_id"), text(container, "message_ts")


def submission(body: Body) -> Submission:
    """What a modal was sent in with."""
    view = part(body, "view")
    return Submission(
        text(view, "callback_id"), text(view, "id"), text(view, "private_metadata"), state.values(view)
    )


def suggestion(body: Body) -> Suggestion:
    """What was typed into a menu."""
    return Suggestion(text(body, "action_id"), text(body, "value"))


def shortcut(body: Body) -> Shortcut:
    """Which shortcut was chosen."""
    return Shortcut(text(body, "callback_id"))


def event(body: Body) -> Body:
    """The event inside an envelope."""
    return part(body, "event")


def _key(body: Body, action: Body) -> str:
    return f"{text(part(body, 'user'), 'id')}:{text(action, 'action_ts')}"


def _chosen(action: Body) -> str:
    return text(action, "value") or text(part(action, "selected_option"), "value")


def text(body: Body, name: str) -> str:
    """A member that is a text; empty where it is absent. Raises BadPayload for anything else."""
    found = body.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadPayload(f"{name} is not a text")
    return found


def part(body: Body, name: str) -> Body:
    """A member that is an object; empty where it is absent. Raises BadPayload for anything else."""
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadPayload(f"{name} is not an object")
    return found
