"""Modals in their stacks of three, and Home tabs."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import ApiError

STACK_LIMIT = 3


@dataclass
class View:
    """A view that somebody has open: what the app sent (`content`) and what the person filled in (`state`).

    `state` is shaped as Slack's `view.state.values`: by block id, then by action id. `suggested` are the options
    that the app gave for what was typed into a menu, by the menu's action id.
    """

    id: str
    user: str
    content: dict[str, Any]
    state: dict[str, dict[str, Any]]
    hash: str
    root_id: str
    previous_id: str | None = None
    suggested: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks of the view, each with its id."""
        blocks: list[dict[str, Any]] = self.content.get("blocks", [])
        return blocks

    @property
    def external_id(self) -> str:
        """The id that the app gave the view; empty when it gave none."""
        return str(self.content.get("external_id") or "")


@dataclass
class Views:
    """Every open view: a stack of modals and one Home for each person."""

    stacks: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)

    def stack(self, user: str) -> list[View]:
        """The modals that a person has open, the lowest first."""
        return self.stacks.setdefault(user, [])

    def find(self, view_id: str) -> View | None:
        """An open view by Slack's id."""
        return next((view for view in self.everything() if view.id == view_id), None)

    def find_external(self, external_id: str) -> View | None:
        """An open view by the id that the app gave it."""
        if not external_id:
            return None
        return next((view for view in self.everything() if view.external_id == external_id), None)

    def everything(self) -> list[View]:
        """All open modals and all Homes."""
        return [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())

    def push(self, view: View) -> None:
        """Lay a modal on the person's stack."""
        stack = self.stack(view.user)
        if len(stack) >= STACK_LIMIT:
            raise ApiError("push_limit_reached")
        stack.append(view)

    def remove(self, view: View) -> None:
        """Take one modal off its stack."""
        stack = self.stack(view.user)
        if view in stack:
            stack.remove(view)


def view_object(view: View, app: dict[str, str], team: str) -> dict[str, Any]:
    """The view as answers and payloads carry it; `app` has `id` and `bot_id`."""
    content = view.content
    return {
        "id": view.id,
        "team_id": team,
        "type": content["type"],
        "blocks": view.blocks,
        "private_metadata": content.get("private_metadata") or "",
        "callback_id": content.get("callback_id") or "",
        "external_id": view.external_id,
        "state": {"values": view.state},
        "hash": view.hash,
        "title": content.get("title"),
        "submit": content.get("submit"),
        "close": content.get("close"),
        "clear_on_close": bool(content.get("clear_on_close")),
        "notify_on_close": bool(content.get("notify_on_close")),
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "app_id": app["id"],
        "app_installed_team_id": team,
        "bot_id": app["bot_id"],
    }
