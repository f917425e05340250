"""One call of a Web API method: its arguments read, its scopes asked for, its place found."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import ApiError
from bot.sandbox.world import World

Json = dict[str, Any]
PAGE_LIMIT = 1000
TRUE_WORDS = ("1", "true", "True")


@dataclass(frozen=True)
class Call:
    """A call on its way: the workspace and the arguments as they came (strings from a form, JSON otherwise)."""

    world: World
    arguments: Json

    def text(self, name: str, default: str = "") -> str:
        """An argument that is a word or a sentence."""
        value = self.arguments.get(name, default)
        if isinstance(value, (dict, list)):
            raise ApiError("invalid_array_arg")
        return str(value)

    def flag(self, name: str) -> bool:
        """An argument that is a yes or a no."""
        value = self.arguments.get(name)
        return value is True or value == 1 or (isinstance(value, str) and value in TRUE_WORDS)

    def number(self, name: str, default: int) -> int:
        """An argument that is a whole number."""
        try:
            return int(self.arguments.get(name) or default)
        except (TypeError, ValueError):
            raise ApiError.explained("invalid_arguments", [f"{name} must be a number"]) from None

    def structure(self, name: str, refused_as: str) -> Any:
        """An argument that is a list or an object, perhaps written as JSON; None when it is absent."""
        value = self.arguments.get(name)
        if value in (None, ""):
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(refused_as) from None

    def need(self, *scopes: str) -> None:
        """Refuse the call unless the app has one of these scopes."""
        provided = self.world.scopes()
        if not any(scope in provided for scope in scopes):
            raise ApiError("missing_scope", needed=",".join(scopes), provided=",".join(provided))

    def conversation(self, name: str = "channel") -> Conversation:
        """The conversation that an argument names, as far as the app can see it."""
        found = self.world.conversations.get(self.text(name))
        if found is None or not self.sees(found):
            raise ApiError("channel_not_found")
        return found

    def sees(self, conversation: Conversation) -> bool:
        """Whether the app can know of a conversation: public ones, and those it is in."""
        return conversation.kind == "channel" or self.world.app.bot_user in conversation.members


@dataclass(frozen=True)
class Method:
    """One method: what it does, which arguments it takes, which scope and which token it needs.

    An empty `scope` means none, or one that depends on the arguments and that `answer` asks for.
    """

    name: str
    answer: Callable[[Call], Json]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    scope: str = ""
    token: Literal["bot", "app", "none"] = "bot"  # noqa: S105  # the kind of a token, not a token


def page(
    items: list[Any], call: Call, default: int, wrong_limit: str = "invalid_arguments"
) -> tuple[list[Any], str]:
    """The part of a list that `cursor` and `limit` ask for, and the next cursor (empty at the end).

    `wrong_limit` is the code that the method documents for a limit that is not from 1 to 1000.
    """
    limit = call.number("limit", default)
    if not 0 < limit <= PAGE_LIMIT:
        raise ApiError.explained(wrong_limit, [f"limit must be from 1 to {PAGE_LIMIT}"])
    start = _start(call.text("cursor"))
    following = start + limit
    return items[start:following], f"next:{following}" if following < len(items) else ""


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    word, _, number = cursor.partition(":")
    if word != "next" or not number.isdigit():
        raise ApiError("invalid_cursor")
    return int(number)
