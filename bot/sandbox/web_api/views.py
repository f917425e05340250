"""Methods about modals and Home: `views.*`."""

from typing import Any

from bot.sandbox import modals
from bot.sandbox.errors import ApiError
from bot.sandbox.views import View
from bot.sandbox.web_api.call import Call, Json, Method


def _answer(call: Call, view: View) -> Json:
    return {"view": call.world.view_object(view)}


def _content(call: Call, kind: str) -> dict[str, Any]:
    given = call.structure("view", "invalid_arguments")
    return modals.checked(call.world, given, kind)


def _user(call: Call) -> str:
    if not call.text("trigger_id"):
        raise ApiError.explained("invalid_arguments", ["missing required field: trigger_id"])
    return call.world.triggers.use(call.text("trigger_id"), call.world.weather.trigger_error)


def _open(call: Call) -> Json:
    content = _content(call, "modal")
    return _answer(call, modals.open_first(call.world, _user(call), content))


def _push(call: Call) -> Json:
    content = _content(call, "modal")
    return _answer(call, modals.open_next(call.world, _user(call), content))


def _update(call: Call) -> Json:
    views = call.world.views
    view = views.find(call.text("view_id")) or views.find_external(call.text("external_id"))
    if view is None:
        raise ApiError("not_found")
    content = _content(call, view.content["type"])
    _same_hash(call, view)
    modals.replace(call.world, view, content)
    return _answer(call, view)


def _same_hash(call: Call, view: View | None) -> None:
    given = call.text("hash")
    if given and view is not None and given != view.hash:
        raise ApiError("hash_conflict")


def _publish(call: Call) -> Json:
    if not call.world.app.home_tab:
        raise ApiError("not_enabled")
    person = call.world.people.get(call.text("user_id"))
    if person is None or person.deleted:
        raise ApiError.explained("invalid_arguments", ["user_id is nobody in this workspace"])
    content = _content(call, "home")
    _same_hash(call, call.world.views.homes.get(person.id))
    return _answer(call, modals.publish(call.world, person.id, content))


TRIGGERED = ("interactivity_pointer", "trigger_id")
METHODS = [
    Method("views.open", _open, ("view",), TRIGGERED),
    Method("views.push", _push, ("view",), TRIGGERED),
    Method("views.update", _update, ("view",), ("external_id", "hash", "view_id")),
    Method("views.publish", _publish, ("user_id", "view"), ("hash",)),
]
