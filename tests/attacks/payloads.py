"""Payloads as Slack would send them, about anything, by anybody."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.memory import remember
from tests.attacks.staging import Ids
from tests.example import WORKSPACE

Json = dict[str, Any]


def press(
    action: str,
    value: Callable[[Ids], object],
    kind: str = "",
    values: Json | None = None,
    memory: Any = None,
) -> Callable[[Ids], Json]:
    """A click at a button that carries a value; with `values` it stands in a form."""

    def made(ids: Ids) -> Json:
        action_id = f"{action}:{kind}" if kind else action
        pressed = {"type": "button", "action_id": action_id, "block_id": "b", "action_ts": "1.1"}
        place: Json = {"container": {"type": "message", "channel_id": "D0X"}, "channel": {"id": "D0X"}}
        if values is not None:
            metadata = remember(**memory(ids)) if memory else ""
            view = {"id": "V1", "type": "modal", "hash": "1", "private_metadata": metadata}
            place = {"view": {**view, "state": {"values": values}}, "trigger_id": "1.2.forged"}
        return {
            "type": "block_actions",
            **place,
            "actions": [{**pressed, "value": str(value(ids))}],
            "trigger_id": "1.2.forged",
        }

    return made


def form(
    callback: str,
    values: Callable[[Ids], Json],
    memory: Callable[[Ids], Mapping[str, Any] | str] = lambda _: "",
) -> Callable[[Ids], Json]:
    """A form sent in, with what it remembers."""

    def made(ids: Ids) -> Json:
        kept = memory(ids)
        metadata = kept if isinstance(kept, str) else remember(**kept)
        view = {"id": "V1", "type": "modal", "hash": "1", "callback_id": callback}
        return {
            "type": "view_submission",
            "view": {**view, "private_metadata": metadata, "state": {"values": values(ids)}},
        }

    return made


def by(payload: Json, user: str, home: str = WORKSPACE, **person: str) -> Json:
    """The payload, sent by somebody."""
    return {**payload, "team": {"id": WORKSPACE}, "user": {"id": user, "team_id": home, **person}}


def text(block_id: str, typed: str) -> Json:
    """A field with something typed in."""
    return {block_id: {"field": {"type": "plain_text_input", "value": typed}}}


def choice(block_id: str, value: object) -> Json:
    """A menu with one choice."""
    return {block_id: {"field": {"type": "static_select", "selected_option": {"value": str(value)}}}}


def choices(block_id: str, *values: object) -> Json:
    """A menu with several choices."""
    chosen = [{"value": str(each)} for each in values]
    return {block_id: {"field": {"type": "multi_static_select", "selected_options": chosen}}}


def person(block_id: str, slack_id: str) -> Json:
    """A menu of people."""
    return {block_id: {"field": {"type": "users_select", "selected_user": slack_id}}}


def people(block_id: str, *slack_ids: str) -> Json:
    """A menu of people with several choices."""
    return {block_id: {"field": {"type": "multi_users_select", "selected_users": list(slack_ids)}}}


def day(block_id: str, typed: str) -> Json:
    """A field with a day."""
    return {block_id: {"field": {"type": "datepicker", "selected_date": typed}}}


def file(block_id: str, file_id: str) -> Json:
    """A field with a file."""
    return {block_id: {"field": {"type": "file_input", "files": [{"id": file_id}]}}}


def command(user: str, typed: str) -> Json:
    """A slash command."""
    return {"command": "/license", "team_id": WORKSPACE, "user_id": user, "text": typed, "channel_id": "D1"}
