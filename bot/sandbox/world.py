"""The workspace: who is there, where they write, what was written, and the rules of seeing it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from bot.sandbox import config, files, messages
from bot.sandbox.clock import Clock
from bot.sandbox.config import App, Config
from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import Refused
from bot.sandbox.files import Files, StoredFile
from bot.sandbox.ids import Ids
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.reading import Reading
from bot.sandbox.traffic import Traffic
from bot.sandbox.triggers import ResponseUrls, Triggers
from bot.sandbox.views import View, Views, view_object
from bot.sandbox.watch import Watch
from bot.sandbox.weather import Weather

if TYPE_CHECKING:
    from bot.sandbox.sharing import Pending

Event = dict[str, Any]


class World:
    """One workspace with one app.

    It is changed only in the thread of the server that shows it, so nothing here locks. `base_url` is where
    the server answers; `emit` hands an event to whoever sends it to the app; `wake` asks the server to look
    again after so many seconds, when something `pending` is due; `watch` tells who looks at it that something
    may have changed. `tickets` open one connection each;
    `executions` are workflow steps.
    """

    def __init__(self, start: Config, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.ids = Ids(self.clock)
        self.workspace = start.workspace
        self.app: App = start.app
        self.people: dict[str, Person] = {each.id: each for each in start.people}
        self.conversations: dict[str, Conversation] = {each.id: each for each in start.channels}
        self.files = Files()
        self.views = Views()
        self.triggers = Triggers(self.ids, self.clock)
        self.response_urls = ResponseUrls(self.ids, self.clock)
        self.weather = Weather()
        self.reading = Reading()
        self.watch = Watch()
        self.traffic = Traffic(self.watch.ring)
        self.installed = True
        self.tickets: dict[str, float] = {}
        self.base_url = ""
        self.emit: Callable[[Event], None] = _unheard
        self.wake: Callable[[float], None] = _unheard
        self.pending: list[Pending] = []
        self.executions: dict[str, dict[str, Any]] = {}
        self._directs: dict[str, str] = {}

    @classmethod
    def from_config(cls, description: dict[str, Any], clock: Clock | None = None) -> "World":
        """The workspace that a mapping describes; `ConfigRefused` names what is wrong with it."""
        return cls(config.read(description), clock)

    def person(self, who: str) -> Person:
        """A person by id, by name or by e-mail address, for somebody at the controls."""
        found = self.people.get(who)
        found = found or next((each for each in self.people.values() if who in (each.name, each.email)), None)
        if found is None:
            raise Refused(
                f"nobody here is called {who}; there are {', '.join(sorted(self.names().values()))}"
            )
        return found

    def names(self) -> dict[str, str]:
        """Everybody's real name by id."""
        return {each.id: each.real_name for each in self.people.values()}

    def place(self, where: str) -> Conversation:
        """A conversation by id or by name, for somebody at the controls."""
        found = self.conversations.get(where)
        wanted = where.removeprefix("#")
        found = found or next((each for each in self.conversations.values() if each.name == wanted), None)
        if found is None:
            raise Refused(f"there is no conversation {where}")
        return found

    def direct(self, user: str) -> Conversation:
        """The direct message between a person and the app, begun if there was none."""
        if user not in self._directs:
            conversation = Conversation(
                self.ids.thing("D"),
                "",
                "im",
                members=[user, self.app.bot_user],
                user=user,
                created=int(self.clock.now()),
            )
            self._directs[user] = conversation.id
            self.conversations[conversation.id] = conversation
        return self.conversations[self._directs[user]]

    def direct_of(self, user: str) -> Conversation | None:
        """The direct message between a person and the app, if there is one."""
        return self.conversations.get(self._directs.get(user, ""))

    def scopes(self) -> list[str]:
        """The scopes the app has at this moment."""
        return [scope for scope in self.app.scopes if scope not in self.weather.missing_scopes]

    def bot_profile(self) -> dict[str, Any]:
        """The app as messages show it."""
        return {
            "id": self.app.bot_id,
            "app_id": self.app.id,
            "name": self.app.name,
            "deleted": False,
            "updated": 0,
            "team_id": self.workspace.id,
        }

    def message_object(self, message: Message, *, with_metadata: bool = False) -> dict[str, Any]:
        """A message as answers, histories and payloads carry it."""
        shown: dict[str, Any] = {
            "type": "message",
            "user": message.user,
            "ts": message.ts,
            "text": message.text,
            "team": self.workspace.id,
        }
        if message.by_app:
            shown |= {"bot_id": self.app.bot_id, "app_id": self.app.id, "bot_profile": self.bot_profile()}
        if message.blocks:
            shown["blocks"] = message.blocks
        if message.thread_ts:
            shown["thread_ts"] = message.thread_ts
        if message.edited:
            shown["edited"] = {"user": message.user, "ts": message.edited}
        if message.files:
            shown["files"] = [self.file_object(self.files.by_id[each]) for each in message.files]
        if with_metadata and message.metadata:
            shown["metadata"] = message.metadata
        return shown

    def file_object(self, file: StoredFile) -> dict[str, Any]:
        """A file as answers and payloads carry it."""
        return files.file_object(file, self.workspace.id, self.base_url)

    def view_object(self, view: View) -> dict[str, Any]:
        """A view as answers and payloads carry it."""
        return view_object(view, {"id": self.app.id, "bot_id": self.app.bot_id}, self.workspace.id)

    def write(self, conversation: Conversation, user: str, **content: Any) -> Message:
        """Put a message into a conversation."""
        message = messages.Message(conversation.id, self.ids.stamp(), user, **content)
        conversation.messages[message.ts] = message
        return message

    def whisper(self, conversation: Conversation, reader: str, **content: Any) -> Message:
        """Show a message of the app to one person in a conversation."""
        stamp = self.ids.stamp()
        message = messages.Message(
            conversation.id, stamp, self.app.bot_user, by_app=True, seen_by=reader, **content
        )
        conversation.ephemerals.append(message)
        return message

    def ephemerals(self, user: str) -> Iterator[Message]:
        """What only that person sees, in every conversation, oldest first."""
        found = [each for place in self.conversations.values() for each in place.ephemerals]
        return iter(sorted((each for each in found if each.seen_by == user), key=lambda each: each.ts))


def _unheard(_said: object) -> None:
    """What happens before a server shows the workspace reaches nobody."""
