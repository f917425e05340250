"""A modal filled in by a person, with the objections that Slack's own client makes before anything is sent."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox import inputs
from bot.sandbox.blocks import Element, everything, find
from bot.sandbox.errors import Refused
from bot.sandbox.inputs import SHAPES, Value
from bot.sandbox.views import View
from bot.sandbox.world import World

Values = Mapping[str, Value]
REQUIRED = "Please complete this required field."
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
URL = re.compile(r"https?://\S+")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def fill(world: World, view: View, values: Values) -> None:
    """Fill in a view; each value stands under the id of its block or of its action."""
    for name, value in values.items():
        block_id, element = _named(view, name)
        entry = inputs.entry_for(element, value, view.suggested)
        if element["type"] == "file_input":
            entry["files"] = [_file(world, each["id"]) for each in entry["files"]]
        view.state.setdefault(block_id, {})[element["action_id"]] = entry


def _named(view: View, name: str) -> tuple[str, Element]:
    for block, element in everything(view.blocks):
        if block["block_id"] == name and element["type"] != "button":
            return name, element
    found = find(view.blocks, name)
    if found is None:
        there = ", ".join(block["block_id"] for block, _ in everything(view.blocks)) or "none"
        raise Refused(f"nothing called {name} can be filled in; there is: {there}")
    return found[0]["block_id"], found[1]


def _file(world: World, file_id: str) -> dict[str, Any]:
    file = world.files.by_id.get(file_id)
    if file is None:
        raise Refused(f"there is no file {file_id}")
    return world.file_object(file)


def slips(view: View) -> dict[str, str]:
    """What Slack's client objects to, by block id: missing answers, lengths, forms of numbers and addresses."""
    found: dict[str, str] = {}
    for block, element in everything(view.blocks):
        if block["type"] != "input":
            continue
        entry = view.state[block["block_id"]][element["action_id"]]
        objection = _objection(element, entry, optional=bool(block.get("optional")))
        if objection:
            found[block["block_id"]] = objection
    return found


def _objection(element: Element, entry: dict[str, Any], *, optional: bool) -> str:
    if inputs.is_empty(entry):
        return "" if optional else REQUIRED
    value = entry[SHAPES[element["type"]].member]
    if isinstance(value, str):
        return _length(element, value) or _form(element, value)
    return _amount(element, value) if isinstance(value, list) else ""


def _length(element: Element, value: str) -> str:
    if len(value) < element.get("min_length", 0):
        return f"This entry needs to be at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3000):
        return f"This entry can be at most {element.get('max_length', 3000)} characters."
    return ""


def _amount(element: Element, value: list[Any]) -> str:
    most = element.get("max_selected_items") or element.get("max_files")
    return f"At most {most} can be chosen." if most and len(value) > most else ""


def _form(element: Element, value: str) -> str:
    rule = FORMS.get(element["type"])
    return rule(element, value) if rule else ""


def _email(_element: Element, value: str) -> str:
    return "" if EMAIL.fullmatch(value) else "Please enter a valid email address."


def _url(_element: Element, value: str) -> str:
    return "" if URL.fullmatch(value) else "Please enter a valid URL."


def _number(element: Element, value: str) -> str:
    if not NUMBER.fullmatch(value) or ("." in value and not element.get("is_decimal_allowed")):
        return "Please enter a valid number."
    if float(value) < float(element.get("min_value") or value):
        return f"Please enter a number of at least {element['min_value']}."
    if float(value) > float(element.get("max_value") or value):
        return f"Please enter a number of at most {element['max_value']}."
    return ""


FORMS: dict[str, Callable[[Element, str], str]] = {
    "email_text_input": _email,
    "url_text_input": _url,
    "number_input": _number,
}
