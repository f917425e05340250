"""What the app says in an ack or at a response address, and what becomes of it."""

from typing import Any

from bot.sandbox import blocks as kit
from bot.sandbox import modals
from bot.sandbox.block_kit import check_message
from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import ApiError
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.triggers import ResponseUrl
from bot.sandbox.views import View
from bot.sandbox.world import World

Body = dict[str, Any]
Outcome = dict[str, Any]


def from_ack(world: World, body: Body, person: Person, place: Conversation) -> Message | None:
    """The message that the ack of a command makes; None when it says nothing."""
    if not body.get("text") and not body.get("blocks"):
        return None
    content = _content(world, body)
    if body.get("response_type") == "in_channel":
        return world.write(place, world.app.bot_user, by_app=True, from_answer=True, **content)
    return world.whisper(place, person.id, from_answer=True, **content)


def _content(world: World, body: Body) -> dict[str, Any]:
    blocks, text = body.get("blocks") or [], body.get("text") or ""
    problems = check_message(blocks, text) if blocks else []
    if problems:
        raise ApiError.explained("invalid_blocks", problems)
    return {"text": text, "blocks": kit.kept(blocks, world.ids)}


def respond(world: World, view: View, body: Body) -> Outcome:
    """Do what the ack of a submission says: close, show errors, replace, lay on top, or clear."""
    action = body.get("response_action")
    if not action:
        if body:
            raise ApiError("unknown_response")
        world.views.remove(view)
        return {"closed": True}
    handler = ACTIONS.get(action)
    if handler is None:
        raise ApiError("unknown_response_action")
    return handler(world, view, body)


def _errors(_world: World, view: View, body: Body) -> Outcome:
    """Errors stand at input blocks; a key that is none of them is what people see as trouble."""
    errors = body.get("errors")
    known = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise ApiError.explained("invalid_errors", ["errors must name at least one input block"])
    strange = sorted(set(errors) - known)
    if strange or not all(isinstance(each, str) and each for each in errors.values()):
        raise ApiError.explained("invalid_errors", [f"no input block of this view: {', '.join(strange)}"])
    return {"errors": errors}


def _update(world: World, view: View, body: Body) -> Outcome:
    modals.replace(world, view, modals.checked(world, body.get("view"), "modal"))
    return {"view": view.id}


def _push(world: World, view: View, body: Body) -> Outcome:
    content = modals.checked(world, body.get("view"), "modal")
    return {"view": modals.open_next(world, view.user, content).id}


def _clear(world: World, view: View, _body: Body) -> Outcome:
    world.views.stack(view.user).clear()
    return {"closed": True}


ACTIONS = {"errors": _errors, "update": _update, "push": _push, "clear": _clear}


def at_address(world: World, address: ResponseUrl, body: Body) -> None:
    """What the app says at a `response_url`: a new message, or another in place of the one acted upon."""
    place = world.conversations[address.channel]
    present = _acted_upon(place, address)
    if present is not None and body.get("delete_original"):
        _forget(place, present)
    elif present is not None and body.get("replace_original"):
        content = _content(world, body)
        present.text, present.blocks = content["text"], content["blocks"]
    else:
        from_ack(world, body, world.people[address.user], place)


def _acted_upon(place: Conversation, address: ResponseUrl) -> Message | None:
    own = (each for each in place.ephemerals if each.ts == address.message_ts)
    return place.messages.get(address.message_ts) or next(own, None)


def _forget(place: Conversation, message: Message) -> None:
    if message in place.ephemerals:
        place.ephemerals.remove(message)
    place.messages.pop(message.ts, None)
