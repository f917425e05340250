"""What stands in the sandbox, read from its own record: cards that can be pressed, files, messages by delivery."""

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox import World
from bot.sandbox.conversations import Conversation
from bot.sandbox.messages import Message
from bot.sending.posting import EVENT

_DECIDING = ("request.forward", "request.forward_some", "request.decline")


@dataclass(frozen=True)
class LiveCard:
    """A message with buttons that decide a request."""

    request_id: int
    place: Conversation


@dataclass(frozen=True)
class ShownFile:
    """A license file as somebody got it, alone or in an archive; `slack_id` is empty for a channel."""

    name: str
    content: bytes
    slack_id: str
    at: datetime


def live_cards(world: World) -> Iterator[LiveCard]:
    """Every card that can be pressed."""
    for place in world.conversations.values():
        for message in place.messages.values():
            for request_id in {int(each["value"]) for each in _buttons(message)}:
                yield LiveCard(request_id, place)


def posts_by_delivery(world: World) -> Counter[int]:
    """How many messages there are of each delivery."""
    found: Counter[int] = Counter()
    for place in world.conversations.values():
        for message in place.messages.values():
            if message.metadata and message.metadata.get("event_type") == EVENT:
                found[message.metadata["event_payload"]["delivery"]] += 1
    return found


def files_in(world: World, place: Conversation, after: int) -> Iterator[ShownFile]:
    """The license files of the messages of a conversation, but the first `after` ones."""
    for message in list(place.messages.values())[after:]:
        at = datetime.fromtimestamp(float(message.ts), UTC)
        for file_id in message.files:
            file = world.files.by_id[file_id]
            for name, content in _unpacked(file.name, file.content or b""):
                yield ShownFile(name, content, place.user, at)


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for each in archive.namelist():
                if each.endswith(".lic"):
                    yield each, archive.read(each)
    elif name.endswith(".lic"):
        yield name, content


def _buttons(message: Message) -> Iterator[dict[str, Any]]:
    for block in message.blocks:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            if element["action_id"].partition(":")[0] in _DECIDING:
                yield element
