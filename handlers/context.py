"""What conversations need around them: the desk, calls to Slack for a person who waits, and counting."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from handlers.answers import FileRead, Message
from handlers.blocks.kit import View
from store.desk import Desk


class SlackCalls(Protocol):
    """Calls to Slack that answer a person who waits: one attempt each, raising what went wrong.

    `handlers.slack.WebCalls` is made of a web client.
    """

    def views_open(self, trigger_id: str, view: View) -> None:
        """Show a modal."""

    def views_push(self, trigger_id: str, view: View) -> None:
        """Show a modal on top of the open one."""

    def views_update(self, view_id: str, view: View, view_hash: str | None = None) -> None:
        """Draw an open view anew; with a hash only if it is still the one that the hash was taken of."""

    def views_update_named(self, external_id: str, view: View) -> None:
        """Draw the view anew that was given this name."""

    def views_publish(self, user: str, view: View) -> None:
        """Draw the Home tab of a person."""

    def post_ephemeral(self, channel: str, user: str, message: Message, thread_ts: str = "") -> None:
        """Say something in a channel that one person sees."""

    def post_direct(self, user: str, message: Message) -> None:
        """Say something in the direct message with a person."""

    def users_info(self, user: str) -> Mapping[str, Any]:
        """Who somebody is: Slack's user object."""

    def channel_info(self, channel: str) -> Mapping[str, Any]:
        """What a channel is like: Slack's channel object."""

    def channel_members(self, channel: str) -> list[str]:
        """The Slack ids of those who are in a channel."""

    def read_file(self, file_id: str, user: str, most: int) -> FileRead:
        """A file that a person uploaded; raises `UploadTooLarge`, `UploadUnreadable`."""

    def respond(self, response_url: str, message: Message, *, replace: bool = False) -> None:
        """Answer at a response address, so that only the person who acted sees it."""


class Later(Protocol):
    """Runs calls after the ack, on threads of their own; an error goes to `on_error`."""

    def submit(self, call: Callable[[], object], on_error: Callable[[Exception], None]) -> None:
        """Make `call` soon, once."""


class Counting(Protocol):
    """Counts what was refused; what was answered is counted where requests come in."""

    def refused(self, refusal: type[Exception]) -> None:
        """Count one refusal by its class."""


class Identity(Protocol):
    """Which workspace this is, and who the bot is in it, by Slack's ids."""

    @property
    def workspace_id(self) -> str:
        """The workspace."""

    @property
    def bot_user_id(self) -> str:
        """The bot as a member of channels."""


@dataclass(frozen=True)
class Context:
    """Made once by the composition root. `identity` is asked each time, since it may be known only later.

    `wait` waits for some seconds, between attempts to draw a view that is not there yet.
    """

    desk: Desk
    slack: SlackCalls
    later: Later
    counting: Counting
    identity: Callable[[], Identity]
    wait: Callable[[float], None] = time.sleep
