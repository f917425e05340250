"""What people fill in, in the shape of `view.state.values`."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox import blocks
from bot.sandbox.blocks import Block, Element
from bot.sandbox.errors import Refused

Value = str | list[str] | None
State = dict[str, dict[str, Any]]


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
SHAPES: dict[str, Shape] = {
    "plain_text_input": TEXT,
    "email_text_input": TEXT,
    "url_text_input": TEXT,
    "number_input": TEXT,
    "static_select": ONE_OPTION,
    "radio_buttons": ONE_OPTION,
    "overflow": ONE_OPTION,
    "multi_static_select": OPTIONS,
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


def entry_for(element: Element, value: Value) -> dict[str, Any]:
    """What the state holds for an element once a person chose or typed `value`; None clears it."""
    shape = SHAPES.get(element["type"])
    if shape is None:
        raise Refused(f"nothing can be filled in at a {element['type']}")
    values = [] if value in (None, "") else [value] if isinstance(value, str) else value
    if len(values) > 1 and not shape.many:
        raise Refused(f"{element['action_id']} takes one value, not {len(values)}")
    held = [_held(element, shape, each) for each in values]
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


def _held(element: Element, shape: Shape, value: str) -> Any:
    if shape.holds == "file":
        return {"id": value}
    if shape.holds == "moment":
        return int(value)
    return _option(element, value) if shape.holds == "option" else value


def _option(element: Element, value: str) -> dict[str, Any]:
    offered = blocks.options_of(element)
    for option in offered:
        if option.get("value") == value:
            return option
    known = ", ".join(str(option.get("value")) for option in offered)
    raise Refused(f"{element['action_id']} offers no option {value!r}; it offers {known}")


def _still_offered(entry: dict[str, Any], element: Element) -> bool:
    shape = SHAPES[element["type"]]
    if shape.holds != "option":
        return True
    held = entry[shape.member]
    chosen = held if isinstance(held, list) else [held] if held else []
    return all(option in blocks.options_of(element) for option in chosen)
