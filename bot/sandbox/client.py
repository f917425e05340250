"""The people of a sandbox at work: a client of its controls, for tests, the demonstration and scripts."""

import http.client
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bot.sandbox.errors import Refused
from bot.sandbox.seen import Answer, Crossing, File, Message, Submitted, View

T = TypeVar("T")
Json = dict[str, Any]
Value = str | Sequence[str] | None
OK = 200
POLL_SECONDS = 0.01


class SlackClient:
    """Does at `url` what people do in Slack; people and channels go by id or by name.

    What a person could not do raises `Refused` with the reason. What the app did wrong does not raise: it is
    in the answer (`Answer.error`, `Submitted.trouble`), as a person would see it.
    """

    def __init__(self, url: str, seconds: float = 30.0) -> None:
        self.url = url
        self._address = urlsplit(url).netloc
        self._seconds = seconds

    def command(
        self, user: str, text: str = "", command: str = "/license", channel: str | None = None
    ) -> Answer:
        """Type a slash command and wait for the ack; by default in the direct message with the app."""
        return Answer.of(self._do("command", user=user, text=text, command=command, channel=channel))

    def shortcut(self, user: str, callback_id: str) -> Answer:
        """Choose a global shortcut."""
        return Answer.of(self._do("shortcut", user=user, callback_id=callback_id))

    def click(
        self,
        user: str,
        message: Message,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Value = None,
        option: Value = None,
    ) -> Answer:
        """Use an element of the message as it was seen, which may be older than it now is.

        A button is pressed, and the one with `value` when several share an action id; from anything else
        `option` is chosen. A confirm dialog is confirmed.
        """
        seen = [block for block in message.blocks if value is None or _offers(block, action_id, value)]
        target = {"channel": message.channel, "ts": message.ts, "action_id": action_id, "block_id": block_id}
        return Answer.of(self._do("click", user=user, blocks=seen, value=option, **target))

    def act(
        self, user: str, view: View, action_id: str, value: Value = None, *, block_id: str | None = None
    ) -> Answer:
        """Press, choose or type at an element of a modal or of Home that tells the app at once."""
        return Answer.of(
            self._do("act", user=user, view=view.id, action_id=action_id, value=value, block_id=block_id)
        )

    def suggest(
        self,
        user: str,
        shown: View | Message,
        action_id: str,
        typed: str = "",
        *,
        block_id: str | None = None,
    ) -> list[Json]:
        """Type into a menu that the app fills; give the options that it offers then. Raises `Refused` without."""
        where = {"view": shown.id} if isinstance(shown, View) else {"channel": shown.channel, "ts": shown.ts}
        given = {"user": user, "action_id": action_id, "block_id": block_id, "value": typed}
        answer = self._do("suggest", **given, **where)
        if not answer["ok"]:
            raise Refused(f"the menu stays empty: {answer['error']} {answer.get('problems', '')}")
        options: list[Json] = answer["options"]
        return options

    def submit(self, user: str, view: View, values: Mapping[str, Value] | None = None) -> Submitted:
        """Fill in and submit a modal; `values` go by block id or action id, the rest stays as it is."""
        return Submitted.of(self._do("submit", user=user, view=view.id, values=dict(values or {})))

    def close(self, user: str, view: View) -> Answer:
        """Close a modal without submitting it."""
        return Answer.of(self._do("close", user=user, view=view.id))

    def view(self, user: str) -> View | None:
        """The modal in front of a person."""
        open_views = self.views(user)
        return open_views[-1] if open_views else None

    def views(self, user: str) -> list[View]:
        """All modals a person has open, the lowest first."""
        return [View.of(each) for each in self._do("views", user=user)]

    def home(self, user: str) -> View | None:
        """The Home tab as a person last got it."""
        shown = self._do("home", user=user)
        return View.of(shown) if shown else None

    def open_home(self, user: str, tab: str = "home") -> None:
        """Look at the app's Home, or at its `messages`."""
        self._do("open_home", user=user, tab=tab)

    def say(self, user: str, text: str, thread_ts: str | None = None, channel: str | None = None) -> Message:
        """Write in a channel, or to the app where none is named."""
        return Message.of(self._do("say", user=user, text=text, thread_ts=thread_ts, channel=channel))

    def messages(self, channel: str) -> list[Message]:
        """What stands in a conversation, replies too, oldest first."""
        return [Message.of(each) for each in self._do("messages", channel=channel)]

    def direct(self, user: str) -> list[Message]:
        """What stands in a person's direct message with the app."""
        return [Message.of(each) for each in self._do("direct", user=user)]

    def ephemerals(self, user: str) -> list[Message]:
        """What only that person sees, wherever it stands, oldest first."""
        return [Message.of(each) for each in self._do("ephemerals", user=user)]

    def files(self, user: str) -> list[File]:
        """The files that a person can see."""
        return [File.of(each) for each in self._do("files", user=user)]

    def download(self, file: File) -> bytes:
        """The bytes of a file, as a person saves them."""
        content: str = self._do("content", file=file.id)["content"]
        return content.encode("latin-1")

    def upload(self, user: str, name: str, content: bytes) -> File:
        """A person's own file, to be put into a file input by its id."""
        return File.of(self._do("upload", user=user, name=name, content=content.decode("latin-1")))

    def traffic(self, kind: str = "", name: str = "") -> list[Crossing]:
        """What crossed the wire, oldest first; `kind` as in `bot.sandbox.traffic.Record`."""
        return [Crossing.of(each) for each in self._do("traffic", kind=kind, name=name)]

    def calls(self, method: str | None = None) -> list[Crossing]:
        """The calls of the Web API, all of them or those of one method."""
        return self.traffic("call", method or "")

    def weather(self, **wishes: Any) -> None:
        """Change what goes wrong; the words are those of `bot.sandbox.weather`.

        Either members of `Weather`, for example `latency=0.1, redeliver=2`, or one `fault` with members of
        `Fault` and, for a limited time, `seconds`: `fault="ratelimited", method="chat.update", calls=3`.
        """
        self._do("weather", **wishes)

    def calm(self, fault: str) -> None:
        """End every trouble of this kind."""
        self._do("calm", fault=fault)

    def clear_weather(self) -> None:
        """Nothing goes wrong any longer."""
        self._do("clear_weather")

    def cut_sockets(self) -> int:
        """Cut the app's connections without a warning; gives how many there were."""
        return int(self._do("cut_sockets")["cut"])

    def deafen_sockets(self) -> int:
        """Leave the app's connections open but dead: its pings get no answer; gives how many there are."""
        return int(self._do("deafen_sockets")["deaf"])

    def warn_sockets(self) -> int:
        """Tell the app's connections that they end soon; gives how many there are."""
        return int(self._do("warn_sockets")["warned"])

    def advance(self, seconds: float) -> float:
        """Put the sandbox's clock forward; gives the new time in seconds since 1970."""
        return float(self._do("advance", seconds=seconds)["now"])

    def deactivate(self, user: str) -> None:
        """Deactivate a person."""
        self._do("deactivate", user=user)

    def reactivate(self, user: str) -> None:
        """Make a deactivated person active."""
        self._do("reactivate", user=user)

    def change_person(self, user: str, **changes: Any) -> None:
        """Change a person, for example `email="new@example.com"` or `is_restricted=True`."""
        self._do("change_person", user=user, changes=changes)

    def add_person(self, **person: Any) -> None:
        """Let somebody join the workspace; `id` and `name` at least."""
        self._do("add_person", **person)

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        self._do("archive", channel=channel)

    def unarchive(self, channel: str) -> None:
        """Bring an archived channel back."""
        self._do("unarchive", channel=channel)

    def delete_channel(self, channel: str) -> None:
        """Delete a channel."""
        self._do("delete_channel", channel=channel)

    def rename_channel(self, channel: str, name: str) -> None:
        """Give a channel another name."""
        self._do("rename_channel", channel=channel, name=name)

    def share_channel(self, channel: str, *, shared: bool = True) -> None:
        """Share a channel with another organization, or no longer."""
        self._do("share_channel", channel=channel, shared=shared)

    def remove_bot(self, channel: str) -> None:
        """Take the app out of a channel."""
        self._do("remove_bot", channel=channel)

    def join(self, user: str, channel: str) -> None:
        """Let somebody, or the app itself, come into a channel."""
        self._do("join", user=user, channel=channel)

    def leave(self, user: str, channel: str) -> None:
        """Let somebody leave a channel."""
        self._do("leave", user=user, channel=channel)

    def uninstall(self) -> None:
        """Remove the app from the workspace."""
        self._do("uninstall")

    def reinstall(self) -> None:
        """Install the app again."""
        self._do("reinstall")

    def event(self, event: Json) -> Answer:
        """Send the app an event as it is given, and wait for the ack."""
        return Answer.of(self._do("event", event=event))

    def deliver(self, kind: str, payload: Json) -> Json:
        """Send the app any payload, well made or not; gives `ok`, `error`, `seconds` and the ack's `body`.

        `kind` is `slash_commands`, `interactive` or `events_api`; well made ones are found in `traffic()`.
        """
        answer: Json = self._do("deliver", kind=kind, payload=payload)
        return answer

    def connections(self) -> int:
        """How many Socket Mode connections the app has."""
        return int(self._do("connections")["connections"])

    def set_request_url(self, url: str) -> None:
        """Push everything to this address from now on; an empty one goes back to Socket Mode."""
        self._do("request_url", url=url)

    def people(self) -> dict[str, str]:
        """Everybody's real name by id."""
        names: dict[str, str] = self._do("people")
        return names

    def channels(self) -> list[Json]:
        """Every conversation: `id`, `name`, `kind`, `members`, `archived`, `user`."""
        found: list[Json] = self._do("channels")
        return found

    def start_function(self, execution: str) -> None:
        """Begin a workflow step."""
        self._do("start_function", execution=execution)

    def run_step(self, callback_id: str, **inputs: Any) -> str:
        """Run a step of the app in a workflow with these inputs; gives the id of the run."""
        return str(self._do("run_step", callback_id=callback_id, inputs=inputs)["execution"])

    def function(self, execution: str) -> Json:
        """How a workflow step stands: `outcome` and `result`."""
        found: Json = self._do("function", execution=execution)
        return found

    def wait_for(self, predicate: Callable[[], T], seconds: float = 5.0) -> T:
        """The first thing `predicate` gives that is not empty; `TimeoutError` with the last it gave."""
        end = time.monotonic() + seconds
        while True:
            seen = predicate()
            if seen:
                return seen
            if time.monotonic() > end:
                raise TimeoutError(f"not within {seconds} seconds; last seen: {seen!r}")
            time.sleep(POLL_SECONDS)

    def _do(self, verb: str, **given: Any) -> Any:
        """One control call; `Refused` with the sandbox's reason."""
        connection = http.client.HTTPConnection(self._address, timeout=self._seconds)
        try:
            connection.request("POST", f"/sandbox/{verb}", json.dumps(given))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != OK:
            raise Refused(answer.get("refused", str(answer)))
        return answer


def _offers(block: Json, action_id: str, value: Value) -> bool:
    """Whether the block has the button with that value."""
    elements = [*block.get("elements", []), block.get("accessory", {})]
    return any(each.get("action_id") == action_id and each.get("value") == value for each in elements)
