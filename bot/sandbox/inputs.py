"""What people fill in, in the shape of `view.state.values`."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox import blocks
from bot.sandbox.blocks import Block, Element
from bot.sandbox.errors import Refused

Value = str | list[str] | None
State = dict[str, dict[str, Any]]
Suggested = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Shape:
    """How one kind of element appears in the state: its member, its initial member, what it holds."""

    member: str
    initial: str
    holds: str
    many: bool = False


TEXT = Shape("value", "initial_value", "text")
ONE_OPTION = Shape("selected_option", "initial_option", "option")
OPTIONS = Shape("selected_options", "initial_options", "option", many=True)
EXTERNAL = frozenset({"external_select", "multi_external_select"})
"""Menus whose options the app is asked for while somebody types."""
SHAPES: dict[str, Shape] = {
    "plain_text_input": TEXT,
    "email_text_input": TEXT,
    "url_text_input": TEXT,
    "number_input": TEXT,
    "static_select": ONE_OPTION,
    "radio_buttons": ONE_OPTION,
    "overflow": ONE_OPTION,
    "multi_static_select": OPTIONS,
    "external_select": ONE_OPTION,
    "multi_external_select": OPTIONS,
    "checkboxes": OPTIONS,
    "users_select": Shape("selected_user", "initial_user", "text"),
    "multi_users_select": Shape("selected_users", "initial_users", "text", many=True),
    "conversations_select": Shape("selected_conversation", "initial_conversation", "text"),
    "multi_conversations_select": Shape("selected_conversations", "initial_conversations", "text", many=True),
    "channels_select": Shape("selected_channel", "initial_channel", "text"),
    "multi_channels_select": Shape("selected_channels", "initial_channels", "text", many=True),
    "datepicker": Shape("selected_date", "initial_date", "text"),
    "timepicker": Shape("selected_time", "initial_time", "text"),
    "datetimepicker": Shape("selected_date_time", "initial_date_time", "moment"),
    "file_input": Shape("files", "", "file", many=True),
}


def initial_state(content: list[Block]) -> State:
    """The state of blocks that nobody has touched yet."""
    state: State = {}
    for block, element in blocks.everything(content):
        shape = SHAPES.get(element["type"])
        if shape and element["type"] != "overflow":
            values = state.setdefault(block["block_id"], {})
            values[element["action_id"]] = _entry(element, shape, _initial(element, shape))
    return state


def carried_state(before: State, content: list[Block]) -> State:
    """The state after a view was replaced: what stands under the same two ids keeps what was filled in.

    An option that the new view no longer offers is forgotten.
    """
    state = initial_state(content)
    for block, element in blocks.everything(content):
        block_id, action_id = block["block_id"], element["action_id"]
        entry = before.get(block_id, {}).get(action_id)
        if entry and entry["type"] == element["type"] and _still_offered(entry, element):
            state[block_id][action_id] = entry
    return state


def entry_for(element: Element, value: Value, suggested: Suggested) -> dict[str, Any]:
    """What the state holds for an element once a person chose or typed `value`; None clears it.

    Of a menu that the app fills, only what it `suggested` before can be chosen, by the action id of the menu.
    """
    shape = SHAPES.get(element["type"])
    if shape is None:
        raise Refused(f"nothing can be filled in at a {element['type']}")
    values = [] if value in (None, "") else [value] if isinstance(value, str) else value
    if len(values) > 1 and not shape.many:
        raise Refused(f"{element['action_id']} takes one value, not {len(values)}")
    offered = _offered(element, suggested)
    held = [_held(element, shape, each, offered) for each in values]
    return _entry(element, shape, held if shape.many else (held[0] if held else None))


def is_empty(entry: dict[str, Any]) -> bool:
    """Whether nothing is filled in; spaces alone count as nothing, as in Slack's client."""
    value = entry.get(SHAPES[entry["type"]].member)
    return not (value.strip() if isinstance(value, str) else value)


def _initial(element: Element, shape: Shape) -> Any:
    initial = element.get(shape.initial)
    return (initial or []) if shape.many else initial


def _entry(element: Element, shape: Shape, value: Any) -> dict[str, Any]:
    return {"type": element["type"], shape.member: value}


def _offered(element: Element, suggested: Suggested) -> list[dict[str, Any]]:
    if element["type"] not in EXTERNAL:
        return blocks.options_of(element)
    first = element.get("initial_options") or [element.get("initial_option")]
    return [*suggested.get(element["action_id"], []), *(each for each in first if each)]


def _held(element: Element, shape: Shape, value: str, offered: list[dict[str, Any]]) -> Any:
    if shape.holds == "file":
        return {"id": value}
    if shape.holds == "moment":
        return int(value)
    return _option(element, value, offered) if shape.holds == "option" else value


def _option(element: Element, value: str, offered: list[dict[str, Any]]) -> dict[str, Any]:
    for option in offered:
        if option.get("value") == value:
            return option
    known = ", ".join(str(option.get("value")) for option in offered)
    raise Refused(f"{element['action_id']} offers no option {value!r}; it offers {known}")


def _still_offered(entry: dict[str, Any], element: Element) -> bool:
    shape = SHAPES[element["type"]]
    if shape.holds != "option" or element["type"] in EXTERNAL:
        return True
    held = entry[shape.member]
    chosen = held if isinstance(held, list) else [held] if held else []
    return all(option in blocks.options_of(element) for option in chosen)
