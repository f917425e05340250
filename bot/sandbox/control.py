"""`POST /sandbox/<verb>`: the controls, for tests, the demonstration and scripts; JSON in, JSON out."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox import events, sharing
from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.files import StoredFile
from bot.sandbox.interactions import Interactions
from bot.sandbox.line import Line
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.views import View
from bot.sandbox.world import World

Json = dict[str, Any]
Verb = Callable[["Controls", Json], Awaitable[Any]]
VERBS: dict[str, Verb] = {}


def verb(function: Verb) -> Verb:
    """Make a function answer `POST /sandbox/<its name>`."""
    VERBS[getattr(function, "__name__", "")] = function
    return function


class Controls:
    """The controls of one workspace."""

    def __init__(self, world: World, line: Line) -> None:
        self.world = world
        self.line = line
        self.people = Interactions(world, line)

    async def __call__(self, request: Request) -> Response:
        """Do what a verb says; 400 with the reason when it cannot be done."""
        sharing.settle(self.world)
        body = await request.body()
        try:
            arguments = json.loads(body) if body else {}
            answer = await _named(request.path_params["verb"])(self, arguments)
        except Refused as refused:
            return _json({"refused": str(refused)}, 400)
        except ApiError as refused:
            return _json({"refused": refused.code, **refused.facts}, 400)
        except (KeyError, ValueError, TypeError) as malformed:
            return _json({"refused": f"this control call is malformed: {malformed!r}"}, 400)
        finally:
            self.world.watch.ring()
        return _json(answer, 200)

    def message(self, arguments: Json) -> Message:
        """The message that `channel` and `ts` name."""
        place = self.world.place(arguments["channel"])
        whispered = (each for each in place.ephemerals if each.ts == arguments["ts"])
        found = place.messages.get(arguments["ts"]) or next(whispered, None)
        if found is None:
            raise Refused("that message is no longer there")
        return found

    def view(self, arguments: Json) -> View:
        """The view that `view` names."""
        found = self.world.views.find(arguments["view"])
        if found is None:
            raise Refused("that view is no longer open")
        return found

    def shown_message(self, message: Message) -> Json:
        """A message as the controls give it."""
        shown = self.world.message_object(message, with_metadata=True)
        extra = {"channel": message.channel, "history": message.history, "ephemeral": bool(message.seen_by)}
        return shown | extra

    def shown_messages(self, place: Conversation) -> list[Json]:
        """Everything that stands in a conversation, oldest first."""
        return [self.shown_message(each) for each in place.messages.values()]


def _named(name: str) -> Verb:
    found = VERBS.get(name)
    if found is None:
        raise Refused(f"there is no control {name}; there are {', '.join(sorted(VERBS))}")
    return found


def _json(answer: Any, status: int) -> Response:
    return Response(json.dumps(answer), status, media_type="application/json")


def _target(arguments: Json) -> tuple[str, str | None]:
    return arguments["action_id"], arguments.get("block_id")


@verb
async def command(controls: Controls, given: Json) -> Json:
    """Type a slash command: `user`, `command`, `text`, `channel`."""
    return await controls.people.command(
        given["user"], given["command"], given.get("text", ""), given.get("channel")
    )


@verb
async def shortcut(controls: Controls, given: Json) -> Json:
    """Choose a global shortcut: `user`, `callback_id`."""
    return await controls.people.shortcut(given["user"], given["callback_id"])


@verb
async def click(controls: Controls, given: Json) -> Json:
    """Use an element of a message: `user`, `channel`, `ts`, `action_id`, `block_id`, `value`, `blocks`."""
    message = controls.message(given)
    seen = message.blocks if given.get("blocks") is None else given["blocks"]
    return await controls.people.click(given["user"], message, seen, _target(given), given.get("value"))


@verb
async def act(controls: Controls, given: Json) -> Json:
    """Use an element of a view: `user`, `view`, `action_id`, `block_id`, `value`, `values` of other fields."""
    target, others = _target(given), given.get("values", {})
    return await controls.people.act(given["user"], controls.view(given), target, given.get("value"), others)


@verb
async def suggest(controls: Controls, given: Json) -> Json:
    """Type `value` into a menu that the app fills: `user`, `view` or `channel` and `ts`, `action_id`, `block_id`."""
    shown = controls.view(given) if "view" in given else controls.message(given)
    return await controls.people.suggest(given["user"], shown, _target(given), given.get("value", ""))


@verb
async def submit(controls: Controls, given: Json) -> Json:
    """Fill in and submit a modal: `user`, `view`, `values`."""
    outcome = await controls.people.submit(given["user"], controls.view(given), given.get("values", {}))
    following = controls.world.views.find(outcome.get("view", ""))
    return outcome | {"view": controls.world.view_object(following) if following else None}


@verb
async def close(controls: Controls, given: Json) -> Json:
    """Close a modal: `user`, `view`."""
    return await controls.people.close(given["user"], controls.view(given))


@verb
async def say(controls: Controls, given: Json) -> Json:
    """Write in `channel`, or to the app where none is named: `user`, `text`, `thread_ts`."""
    said = controls.people.say(given["user"], given["text"], given.get("thread_ts"), given.get("channel"))
    return controls.shown_message(said)


@verb
async def open_home(controls: Controls, given: Json) -> Json:
    """Look at the app: `user`, `tab` (`home` or `messages`)."""
    controls.people.open_home(given["user"], given.get("tab", "home"))
    return {}


@verb
async def home(controls: Controls, given: Json) -> Json | None:
    """The Home that `user` sees."""
    view = controls.world.views.homes.get(controls.world.person(given["user"]).id)
    return controls.world.view_object(view) if view else None


@verb
async def views(controls: Controls, given: Json) -> list[Json]:
    """The modals that `user` has open, the lowest first."""
    stack = controls.world.views.stack(controls.world.person(given["user"]).id)
    return [controls.world.view_object(view) for view in stack]


@verb
async def messages(controls: Controls, given: Json) -> list[Json]:
    """What stands in `channel`."""
    return controls.shown_messages(controls.world.place(given["channel"]))


@verb
async def direct(controls: Controls, given: Json) -> list[Json]:
    """What stands in the direct message between `user` and the app."""
    return controls.shown_messages(controls.world.direct(controls.world.person(given["user"]).id))


@verb
async def ephemerals(controls: Controls, given: Json) -> list[Json]:
    """What only `user` sees."""
    person = controls.world.person(given["user"])
    return [controls.shown_message(each) for each in controls.world.ephemerals(person.id)]


@verb
async def files(controls: Controls, given: Json) -> list[Json]:
    """The files that `user` can see in conversations, and their own."""
    person = controls.world.person(given["user"])
    return [
        controls.world.file_object(file)
        for file in controls.world.files.by_id.values()
        if not file.deleted and file.completed and _visible(controls.world, file, person)
    ]


def visible_file(world: World, person: Person, file_id: str) -> StoredFile:
    """A file by id, if that person can see it; raises `Refused` or `ApiError`."""
    file = world.files.visible(file_id)
    if not _visible(world, file, person):
        raise Refused(f"{person.name} does not see that file")
    return file


def _visible(world: World, file: StoredFile, person: Person) -> bool:
    places = [world.conversations[share.channel] for share in file.shares]
    return file.user == person.id or any(person.id in place.members for place in places)


@verb
async def upload(controls: Controls, given: Json) -> Json:
    """A file of `user` for a file input: `name`, `content` (text)."""
    world, person = controls.world, controls.world.person(given["user"])
    content = given["content"].encode("latin-1")
    made = {"id": world.ids.thing("F"), "name": given["name"], "length": len(content), "user": person.id}
    file = StoredFile(**made, created=int(world.clock.now()), ticket=world.ids.secret())
    file.content, file.completed = content, True
    return world.file_object(world.files.add(file))


@verb
async def content(controls: Controls, given: Json) -> Json:
    """The bytes of `file`, each as one character."""
    file = controls.world.files.visible(given["file"])
    return {"content": (file.content or b"").decode("latin-1")}


@verb
async def traffic(controls: Controls, given: Json) -> list[Json]:
    """What crossed the wire, all of it or one `kind` and one `name`."""
    return controls.world.traffic.shown(given.get("kind", ""), given.get("name", ""))


@verb
async def weather(controls: Controls, given: Json) -> Json:
    """Change the weather; its words are those of `Weather` and `Fault`."""
    controls.world.weather.change(given, controls.world.clock)
    return {}


@verb
async def calm(controls: Controls, given: Json) -> Json:
    """End every trouble of the kind `fault`."""
    controls.world.weather.calm(given["fault"])
    return {}


@verb
async def clear_weather(controls: Controls, _given: Json) -> Json:
    """Fair weather again."""
    controls.world.weather.clear()
    return {}


@verb
async def cut_sockets(controls: Controls, _given: Json) -> Json:
    """Cut the wire of every connection of the app, without a warning."""
    return {"cut": controls.line.sockets.cut()}


@verb
async def deafen_sockets(controls: Controls, _given: Json) -> Json:
    """Leave every connection of the app open and dead."""
    return {"deaf": controls.line.sockets.deafen()}


@verb
async def warn_sockets(controls: Controls, _given: Json) -> Json:
    """Tell every connection of the app that it ends soon."""
    return {"warned": await controls.line.sockets.warn()}


@verb
async def advance(controls: Controls, given: Json) -> Json:
    """Put the clock forward by `seconds`."""
    controls.world.clock.advance(given["seconds"])
    sharing.settle(controls.world)
    return {"now": controls.world.clock.now()}


@verb
async def event(controls: Controls, given: Json) -> Json:
    """Send the app an event as it is given, subscribed or not."""
    ack = await controls.line.deliver("events_api", events.callback(controls.world, given["event"]))
    return {"ok": not ack.error, "error": ack.error, "seconds": ack.seconds}


@verb
async def deliver(controls: Controls, given: Json) -> Json:
    """Send the app any payload, well made or not: `kind` as in `bot.sandbox.line.Kind`, `payload`."""
    ack = await controls.line.deliver(given["kind"], given["payload"])
    return {"ok": not ack.error, "error": ack.error, "seconds": ack.seconds, "body": ack.body}


@verb
async def connections(controls: Controls, _given: Json) -> Json:
    """How many connections the app has."""
    return {"connections": len(controls.line.sockets.connections)}


@verb
async def request_url(controls: Controls, given: Json) -> Json:
    """Push to `url` from now on; an empty one goes back to Socket Mode."""
    controls.line.pushes.request_url = given["url"]
    return {}


@verb
async def people(controls: Controls, _given: Json) -> Json:
    """Everybody's real name by id."""
    return controls.world.names()


@verb
async def channels(controls: Controls, _given: Json) -> list[Json]:
    """Every conversation: `id`, `name`, `kind`, `members`, `archived`."""
    return [
        {"id": each.id, "name": each.name, "kind": each.kind}
        | {"members": each.members, "archived": each.archived, "user": each.user}
        for each in controls.world.conversations.values()
    ]
