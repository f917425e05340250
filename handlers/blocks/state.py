"""Reads what people entered in a view.

A payload is somebody else's, so nothing about its shape is taken for granted.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.blocks.ids import base

Value = str | list[str] | None
Values = dict[str, Value]


class BadPayload(ValueError):
    """Slack sent, or somebody forged, a payload that is not shaped as documented."""


def values(view: object) -> Values:
    """What each block of `view` holds, by block id: a text, the values or ids chosen, or None for nothing.

    Raises BadPayload where the shape is not the documented one, and for a block with several fields, which
    we never make.
    """
    blocks = _mapping(_mapping(_mapping(view).get("state")).get("values"))
    return {str(block_id): _block(fields) for block_id, fields in blocks.items()}


def pick(entered: Mapping[str, Value], block_id: str) -> Value:
    """The value of the block with this id, or with this base of its id; None where there is none."""
    if block_id in entered:
        return entered[block_id]
    return next((value for each, value in entered.items() if base(each) == block_id), None)


def text(entered: Mapping[str, Value], block_id: str) -> str | None:
    """Like `pick`, for a field that holds one text or choice; raises BadPayload when it holds several."""
    value = pick(entered, block_id)
    if isinstance(value, list):
        raise BadPayload("several values where one was asked for")
    return value


def texts(entered: Mapping[str, Value], block_id: str) -> list[str]:
    """Like `pick`, for a field that holds several choices; raises BadPayload when it holds one text."""
    value = pick(entered, block_id)
    if isinstance(value, str):
        raise BadPayload("one value where several were asked for")
    return value or []


def _block(fields: object) -> Value:
    elements = list(_mapping(fields).values())
    if len(elements) != 1:
        raise BadPayload("a block with other than one field")
    element = _mapping(elements[0])
    read = _READERS.get(str(element.get("type")))
    if read is None:
        raise BadPayload("a field of an unknown kind")
    return read(element)


def _mapping(thing: object) -> Mapping[str, Any]:
    if not isinstance(thing, dict):
        raise BadPayload("not an object where one belongs")
    return thing


def _text(thing: object) -> str | None:
    if thing is None or thing == "":
        return None
    if not isinstance(thing, str):
        raise BadPayload("not a text where one belongs")
    return thing


def _list(thing: object) -> list[Any]:
    if thing is None:
        return []
    if not isinstance(thing, list):
        raise BadPayload("not a list where one belongs")
    return thing


def _sure(thing: object) -> str:
    value = _text(thing)
    if value is None:
        raise BadPayload("nothing where a value belongs")
    return value


def _one(name: str) -> Callable[[Mapping[str, Any]], Value]:
    return lambda element: _text(element.get(name))


def _many(name: str) -> Callable[[Mapping[str, Any]], Value]:
    return lambda element: [_sure(each) for each in _list(element.get(name))]


def _option(element: Mapping[str, Any]) -> Value:
    chosen = element.get("selected_option")
    return None if chosen is None else _sure(_mapping(chosen).get("value"))


def _options(element: Mapping[str, Any]) -> Value:
    return [_sure(_mapping(each).get("value")) for each in _list(element.get("selected_options"))]


def _moment(element: Mapping[str, Any]) -> Value:
    seconds = element.get("selected_date_time")
    if seconds is not None and type(seconds) is not int:
        raise BadPayload("not a time where one belongs")
    return None if seconds is None else str(seconds)


def _files(element: Mapping[str, Any]) -> Value:
    return [_sure(_mapping(each).get("id")) for each in _list(element.get("files"))]


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Value]]] = {
    "plain_text_input": _one("value"),
    "email_text_input": _one("value"),
    "url_text_input": _one("value"),
    "number_input": _one("value"),
    "static_select": _option,
    "external_select": _option,
    "radio_buttons": _option,
    "multi_static_select": _options,
    "multi_external_select": _options,
    "checkboxes": _options,
    "users_select": _one("selected_user"),
    "multi_users_select": _many("selected_users"),
    "conversations_select": _one("selected_conversation"),
    "multi_conversations_select": _many("selected_conversations"),
    "channels_select": _one("selected_channel"),
    "multi_channels_select": _many("selected_channels"),
    "datepicker": _one("selected_date"),
    "timepicker": _one("selected_time"),
    "datetimepicker": _moment,
    "file_input": _files,
}
