"""Steps that an app offers to workflows: what they declare, and whether inputs and outputs keep to it."""

from collections.abc import Collection, Mapping
from typing import Any

from bot.sandbox.errors import Refused

Json = dict[str, Any]
_PERSON = "slack#/types/user_id"
_PYTHON: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    _PERSON: str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def declared(functions: Mapping[str, Any], callback_id: str) -> Json:
    """What the manifest declares of a step, or `Refused`."""
    found: Json | None = functions.get(callback_id)
    if found is None:
        raise Refused(f"the app offers no step {callback_id}; it offers {sorted(functions)}")
    return found


def require_inputs(step: Json, inputs: Json, people: Collection[str]) -> None:
    """Raise `Refused` for inputs with which Workflow Builder would not run a step."""
    wrong = misfits(step["input_parameters"], inputs, people)
    if wrong:
        raise Refused(f"these inputs do not fit the step: {', '.join(wrong)}")


def misfits(parameters: Json, given: Json, people: Collection[str]) -> list[str]:
    """The names of parameters that are missing, not declared, or of another type."""
    properties, required = parameters["properties"], parameters.get("required", ())
    missing = [name for name in required if given.get(name) in (None, "")]
    wrong = [
        name
        for name, value in given.items()
        if name not in properties or not _fits(properties[name]["type"], value, people)
    ]
    return sorted({*missing, *wrong})


def parameters(declared: Json) -> list[Json]:
    """Parameters as an event lists them."""
    return [
        {
            "type": each["type"],
            "name": name,
            "description": each.get("description", ""),
            "title": each.get("title", name),
            "is_required": name in declared.get("required", ()),
        }
        for name, each in declared["properties"].items()
    ]


def _fits(kind: str, value: Any, people: Collection[str]) -> bool:
    if not isinstance(value, _PYTHON.get(kind, object)):
        return False
    return kind != _PERSON or value in people
