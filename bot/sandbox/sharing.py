"""How an uploaded file appears in a conversation: some time after the upload was completed."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import events
from bot.sandbox.conversations import Conversation
from bot.sandbox.files import Share, StoredFile
from bot.sandbox.world import World


@dataclass
class Pending:
    """Files that will appear in a conversation at the moment `due`, in one message with this content."""

    due: float
    place: Conversation
    files: list[StoredFile]
    content: dict[str, Any] = field(default_factory=dict)


def schedule(world: World, place: Conversation, files: list[StoredFile], content: dict[str, Any]) -> None:
    """Let the files appear after the delay that the weather has now."""
    if not world.weather.never_shared:
        world.pending.append(Pending(world.clock.now() + world.weather.sharing, place, files, content))
    world.wake(world.weather.sharing)


def settle(world: World) -> None:
    """Let everything appear whose moment has come."""
    now = world.clock.now()
    due = [each for each in world.pending if each.due <= now]
    world.pending = [each for each in world.pending if each.due > now]
    for each in due:
        _appear(world, each)
    if due:
        world.watch.ring()


def _appear(world: World, pending: Pending) -> None:
    alive = [file for file in pending.files if not file.deleted]
    message = world.write(
        pending.place,
        world.app.bot_user,
        files=[file.id for file in alive],
        by_app=True,
        **pending.content,
    )
    for file in alive:
        file.shares.append(Share(pending.place.id, pending.place.kind, message.ts))
        world.emit(events.file_shared(world, file, pending.place))
