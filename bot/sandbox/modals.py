"""Opening, replacing and closing views, whether by the Web API or by the answer to a submission."""

from typing import Any

from bot.sandbox import blocks, inputs
from bot.sandbox.block_kit import check_view
from bot.sandbox.errors import ApiError
from bot.sandbox.views import View
from bot.sandbox.world import World

VIEW_LIMIT = 250_000
Content = dict[str, Any]


def checked(world: World, given: Any, kind: str) -> Content:
    """What the app sent as a view, as it will be kept; `invalid_arguments` tells every broken limit."""
    if not isinstance(given, dict):
        raise ApiError.explained("invalid_arguments", ["view must be an object"])
    if len(str(given)) > VIEW_LIMIT:
        raise ApiError("view_too_large")
    problems = check_view(given)
    if given.get("type") != kind:
        problems = [f"/type must be {kind} here", *problems]
    if problems:
        raise ApiError.explained("invalid_arguments", problems)
    return given | {"blocks": blocks.kept(given["blocks"], world.ids)}


def open_first(world: World, user: str, content: Content) -> View:
    """Open a modal on an empty screen; whatever modals were open give way to it."""
    world.views.stack(user).clear()
    return _opened(world, user, content, below=None)


def open_next(world: World, user: str, content: Content) -> View:
    """Lay a modal on those that are open."""
    stack = world.views.stack(user)
    if not stack:
        raise ApiError("not_found")
    return _opened(world, user, content, below=stack[-1])


def _opened(world: World, user: str, content: Content, below: View | None) -> View:
    if world.views.find_external(str(content.get("external_id") or "")):
        raise ApiError("duplicate_external_id")
    view = _new(world, user, content)
    if below is not None:
        view.root_id, view.previous_id = below.root_id, below.id
    world.views.push(view)
    return view


def _new(world: World, user: str, content: Content) -> View:
    view_id = world.ids.thing("V")
    state = inputs.initial_state(content["blocks"])
    return View(view_id, user, content, state, _hash(world), root_id=view_id)


def replace(world: World, view: View, content: Content) -> None:
    """Give an open view new content; what was filled in under the same ids stays."""
    other = world.views.find_external(str(content.get("external_id") or ""))
    if other is not None and other is not view:
        raise ApiError("duplicate_external_id")
    view.state = inputs.carried_state(view.state, content["blocks"])
    view.content = content
    view.hash = _hash(world)


def publish(world: World, user: str, content: Content) -> View:
    """Show a new Home to a person."""
    present = world.views.homes.get(user)
    if present is None:
        present = world.views.homes[user] = _new(world, user, content)
    else:
        replace(world, present, content)
    return present


def _hash(world: World) -> str:
    return f"{int(world.clock.now())}.{world.ids.secret()[:8]}"
