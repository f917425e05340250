"""Everything that one person has before them, as one JSON object that the page draws."""

from dataclasses import asdict
from typing import Any, Final

from bot.sandbox.control import Controls, Json, verb
from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import Refused
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.world import World

MOST_MESSAGES: Final = 300
WITH_THE_APP: Final = "app"


def screen(controls: Controls, user: str, where: str) -> Json:
    """What `user` sees with the conversation `where` open: an id, or `app` for the direct message with the app.

    An empty `user` stands for the first person who can sign in.

    Members: `viewer`, `looked` (`where` again), `workspace`, `app`, `people`, `places` (what stands in the
    sidebar, with unread marks), `place` (the open one with its messages, None when it is not theirs), `channels`
    (all of them), `views` (open modals, the lowest first), `home`, `weather`, `ahead` (by how many seconds the
    sandbox's clock is ahead).
    """
    world = controls.world
    person = world.person(user) if user else _somebody(world)
    places = _places(world, person)
    home = world.views.homes.get(person.id)
    return {
        "viewer": person.id,
        "looked": where,
        "workspace": asdict(world.workspace),
        "app": _app(controls),
        "people": [_person(world, each) for each in world.people.values()],
        "places": [_place(world, person, each) for each in places],
        "channels": [_channel(world, each) for each in world.conversations.values() if not each.user],
        "place": _opened(controls, person, places, where),
        "views": [world.view_object(view) for view in world.views.stack(person.id)],
        "home": world.view_object(home) if home else None,
        "weather": _weather(world),
        "ahead": world.clock.ahead,
    }


def _somebody(world: World) -> Person:
    there = (each for each in world.people.values() if not each.is_bot and not each.deleted)
    found = next(there, None)
    if found is None:
        raise Refused("nobody works in this workspace; its description needs people")
    return found


def _app(controls: Controls) -> Json:
    app = controls.world.app
    return {
        "id": app.id,
        "name": app.name,
        "bot_user": app.bot_user,
        "commands": [asdict(each) for each in app.commands],
        "shortcuts": [asdict(each) for each in app.shortcuts],
        "home_tab": app.home_tab,
        "messages_tab": app.messages_tab,
        "read_only": app.messages_read_only,
        "installed": controls.world.installed,
        "connections": len(controls.line.sockets.connections),
        "request_url": controls.line.pushes.request_url,
    }


def _person(world: World, person: Person) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "title": person.title,
        "tz": person.tz,
        "guest": person.is_guest,
        "deleted": person.deleted,
        "bot": person.is_bot,
        "elsewhere": person.team != world.workspace.id,
    }


def _places(world: World, person: Person) -> list[Conversation]:
    return [
        each
        for each in world.conversations.values()
        if person.id in each.members and each.user in ("", person.id)
    ]


def _place(world: World, person: Person, place: Conversation) -> Json:
    unread = world.reading.unread(person.id, place)
    return _channel(world, place) | {
        "unread": len(unread),
        "mentions": len(unread) if place.user else sum(_mentions(each, person) for each in unread),
    }


def _channel(world: World, place: Conversation) -> Json:
    return {
        "id": place.id,
        "name": place.name,
        "kind": place.kind,
        "archived": place.archived,
        "shared": place.shared,
        "with_app": world.app.bot_user in place.members,
    }


def _mentions(message: Message, person: Person) -> bool:
    return f"<@{person.id}>" in message.text or f"<@{person.id}>" in str(message.blocks)


def _opened(controls: Controls, person: Person, places: list[Conversation], where: str) -> Json | None:
    world = controls.world
    direct = world.direct_of(person.id)
    wanted = direct.id if where == WITH_THE_APP and direct else where
    place = next((each for each in places if each.id == wanted), None)
    if place is None:
        return None
    messages = [
        *place.messages.values(),
        *(each for each in place.ephemerals if each.seen_by == person.id),
    ]
    shown = sorted(messages, key=lambda each: each.ts)[-MOST_MESSAGES:]
    return {
        "id": place.id,
        "members": place.members,
        "mark": world.reading.mark_of(person.id, place),
        "messages": [controls.shown_message(each) | {"reply": each.is_reply} for each in shown],
    }


def _weather(world: World) -> Json:
    weather = asdict(world.weather)
    del weather["holding"]
    return weather


@verb
async def see(controls: Controls, given: Json) -> Any:
    """What `user` has before them with the conversation `place` open; see `bot.sandbox.page.screen`."""
    return screen(controls, given["user"], given.get("place", WITH_THE_APP))


@verb
async def mark(controls: Controls, given: Json) -> Json:
    """`user` has seen everything in `channel` up to `ts`."""
    person, place = controls.world.person(given["user"]), controls.world.place(given["channel"])
    controls.world.reading.mark(person.id, place, given["ts"])
    return {}
