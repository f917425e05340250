"""What the app is sent when a person does something, in the shapes that Slack sends."""

from typing import Any

from bot.sandbox import inputs
from bot.sandbox.blocks import Block, Element
from bot.sandbox.conversations import Conversation
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.views import View
from bot.sandbox.world import World

Payload = dict[str, Any]


def command(world: World, person: Person, place: Conversation, name: str, text: str) -> Payload:
    """A slash command, typed in a conversation."""
    return {
        "token": world.app.verification_token,
        "team_id": person.team,
        "team_domain": world.workspace.domain if person.team == world.workspace.id else person.team.lower(),
        "channel_id": place.id,
        "channel_name": place.shown_name,
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": world.app.id,
        "is_enterprise_install": False,
        "response_url": _response_url(world, person, place),
        "trigger_id": world.triggers.make(person.id),
    }


def shortcut(world: World, person: Person, callback_id: str) -> Payload:
    """A global shortcut."""
    return {
        "type": "shortcut",
        "token": world.app.verification_token,
        "action_ts": world.ids.stamp(),
        "team": _team(world),
        "user": _user(person),
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": world.triggers.make(person.id),
    }


def message_action(
    world: World, person: Person, place: Conversation, message: Message, action: dict[str, Any]
) -> Payload:
    """A click in a message; a message that only one person sees is not sent along."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": place.id,
        "is_ephemeral": bool(message.seen_by),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _actions(world, person, container, action) | {
        "channel": {"id": place.id, "name": place.shown_name},
        "state": {"values": message.state},
        "response_url": _response_url(world, person, place, message.ts),
    }
    return payload if message.seen_by else payload | {"message": world.message_object(message)}


def view_action(world: World, person: Person, view: View, action: dict[str, Any]) -> Payload:
    """A click or a choice in a modal or in Home."""
    container = {"type": "view", "view_id": view.id}
    return _actions(world, person, container, action) | {"view": world.view_object(view)}


def _actions(world: World, person: Person, container: Payload, action: Payload) -> Payload:
    return {
        "type": "block_actions",
        "user": _user(person),
        "api_app_id": world.app.id,
        "token": world.app.verification_token,
        "container": container,
        "trigger_id": world.triggers.make(person.id),
        "team": _team(world),
        "enterprise": None,
        "is_enterprise_install": False,
        "actions": [action],
    }


def message_suggestion(
    world: World, person: Person, place: Conversation, message: Message, asked: Payload
) -> Payload:
    """Something typed into a menu of a message that the app fills."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": place.id,
        "is_ephemeral": bool(message.seen_by),
    }
    payload = _suggestion(world, person, container, asked) | {
        "channel": {"id": place.id, "name": place.shown_name}
    }
    return payload if message.seen_by else payload | {"message": world.message_object(message)}


def view_suggestion(world: World, person: Person, view: View, asked: Payload) -> Payload:
    """The same in a view."""
    container = {"type": "view", "view_id": view.id}
    return _suggestion(world, person, container, asked) | {"view": world.view_object(view)}


def _suggestion(world: World, person: Person, container: Payload, asked: Payload) -> Payload:
    return {
        "type": "block_suggestion",
        "user": _user(person),
        "container": container,
        "api_app_id": world.app.id,
        "token": world.app.verification_token,
        "team": _team(world),
        "enterprise": None,
        "is_enterprise_install": False,
        **asked,
    }


def submission(world: World, person: Person, view: View) -> Payload:
    """A modal submitted."""
    return _about_view(world, person, view) | {
        "type": "view_submission",
        "trigger_id": world.triggers.make(person.id),
    }


def closing(world: World, person: Person, view: View, *, cleared: bool) -> Payload:
    """A modal closed without submitting; `cleared` when the whole stack was."""
    return _about_view(world, person, view) | {"type": "view_closed", "is_cleared": cleared}


def _about_view(world: World, person: Person, view: View) -> Payload:
    return {
        "team": _team(world),
        "user": _user(person),
        "api_app_id": world.app.id,
        "token": world.app.verification_token,
        "view": world.view_object(view),
        "is_enterprise_install": False,
        "enterprise": None,
    }


def action_of(world: World, block: Block, element: Element, entry: dict[str, Any] | None) -> dict[str, Any]:
    """The member of `actions` for one element: a button as it stands, anything else with what it now holds."""
    action: dict[str, Any] = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "type": element["type"],
        "action_ts": world.ids.stamp(),
    }
    shown = ("text", "value", "style", "url", "confirm") if entry is None else ("placeholder", "confirm")
    action |= {name: element[name] for name in shown if name in element}
    if entry is not None:
        shape = inputs.SHAPES[element["type"]]
        action[shape.member] = entry[shape.member]
        action |= {shape.initial: element[shape.initial]} if element.get(shape.initial) else {}
    return action


def _response_url(world: World, person: Person, place: Conversation, message_ts: str = "") -> str:
    return f"{world.base_url}/answers/{world.response_urls.make(person.id, place.id, message_ts)}"


def _team(world: World) -> dict[str, str]:
    return {"id": world.workspace.id, "domain": world.workspace.domain}


def _user(person: Person) -> dict[str, str]:
    return {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team}
