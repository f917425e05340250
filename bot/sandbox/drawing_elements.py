"""Block Kit's elements as lines of text: buttons, menus, fields, with what is chosen or typed in them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from bot.sandbox.drawing_text import Reader

Thing = Mapping[str, Any]
_MOST_OPTIONS: Final = 12


def draw_row(elements: Iterable[Thing], reader: Reader) -> list[str]:
    """Elements beside each other: the buttons in one line, what each asks before it acts under it, then the rest."""
    buttons = [each for each in elements if each.get("type") in _BUTTONS]
    lines = ["  ".join(_button(each, reader) for each in buttons)] if buttons else []
    for each in buttons:
        lines += _confirm(each, reader)
    for each in elements:
        if each.get("type") not in _BUTTONS:
            lines += draw_element(each, {}, reader)
    return lines


def draw_element(element: Thing, state: Thing, reader: Reader) -> list[str]:
    """One element; `state` is its entry in the values of a view, empty while nothing was touched."""
    kind = str(element.get("type"))
    draw = _DRAWINGS.get(kind, _unknown)
    return draw(element, state, reader)


def image(thing: Thing) -> str:
    """An image, by the words that stand for it."""
    return f"(image: {thing.get('alt_text', '')})"


def _unknown(element: Thing, _state: Thing, _reader: Reader) -> list[str]:
    return [f"({element.get('type')})"]


def _image(element: Thing, _state: Thing, _reader: Reader) -> list[str]:
    return [image(element)]


def _pressed(element: Thing, _state: Thing, reader: Reader) -> list[str]:
    return [_button(element, reader), *_confirm(element, reader)]


def _button(element: Thing, reader: Reader) -> str:
    label = f"[ {reader.text(element.get('text'))} ]"
    return f"{label} ({element['url']})" if element.get("url") else label


def _confirm(element: Thing, reader: Reader) -> list[str]:
    confirm = element.get("confirm")
    if not confirm:
        return []
    title, text, yes, no = (reader.text(confirm.get(each)) for each in ("title", "text", "confirm", "deny"))
    name = reader.text(element.get("text"))
    return [
        f"  {name} asks first: {title}",
        *(f"    {line}" for line in text.split("\n")),
        f"    [ {yes} ]  [ {no} ]",
    ]


def _options(element: Thing) -> list[Thing]:
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def _chosen(element: Thing, state: Thing) -> list[str]:
    """The values chosen: what the state says, or else what was chosen at first."""
    if "selected_option" in state or "selected_options" in state:
        options = state.get("selected_options") or [state.get("selected_option")]
    else:
        options = element.get("initial_options") or [element.get("initial_option")]
    return [option["value"] for option in options if option]


def _choice(marked: str, unmarked: str) -> Callable[[Thing, Thing, Reader], list[str]]:
    def draw(element: Thing, state: Thing, reader: Reader) -> list[str]:
        chosen = _chosen(element, state)
        return [
            f"{marked if option['value'] in chosen else unmarked} {_option(option, reader)}"
            for option in _options(element)
        ]

    return draw


def _option(option: Thing, reader: Reader) -> str:
    text, description = reader.text(option.get("text")), reader.text(option.get("description"))
    return f"{text} ({description})" if description else text


def _menu(element: Thing, state: Thing, reader: Reader) -> list[str]:
    options, chosen = _options(element), _chosen(element, state)
    names = [_option(option, reader) for option in options if option["value"] in chosen]
    lines = [f"__{', '.join(names) or reader.text(element.get('placeholder')) or 'Choose'}__ v"]
    lines += [
        f"  {'*' if option['value'] in chosen else '-'} {_option(option, reader)}"
        for option in options[:_MOST_OPTIONS]
    ]
    if len(options) > _MOST_OPTIONS:
        lines.append(f"  and {len(options) - _MOST_OPTIONS} more")
    return lines


def _overflow(element: Thing, _state: Thing, reader: Reader) -> list[str]:
    return ["[ ... ]", *(f"  - {_option(option, reader)}" for option in _options(element))]


def _typed(element: Thing, state: Thing, reader: Reader) -> list[str]:
    value = state["value"] if "value" in state else element.get("initial_value")
    return _filled_in(str(value or ""), reader.text(element.get("placeholder")))


def _picked(*names: str) -> Callable[[Thing, Thing, Reader], list[str]]:
    """A menu or picker whose value is under one of `names`, with `selected_` in the state and `initial_` before."""

    def draw(element: Thing, state: Thing, reader: Reader) -> list[str]:
        found: Any = None
        for name in names:
            found = found or state.get(f"selected_{name}", element.get(f"initial_{name}"))
        values = found if isinstance(found, list) else [found] if found else []
        text = ", ".join(reader.name(str(value)) for value in values)
        return _filled_in(text, reader.text(element.get("placeholder")))

    return draw


def _moment(element: Thing, state: Thing, reader: Reader) -> list[str]:
    seconds = state.get("selected_date_time", element.get("initial_date_time"))
    return _filled_in(f"{reader.moment(seconds):%Y-%m-%d %H:%M}" if seconds else "", "")


def _files(_element: Thing, state: Thing, _reader: Reader) -> list[str]:
    return [
        *(f"(file: {file.get('name') or file.get('id')})" for file in state.get("files", [])),
        "[ Upload ]",
    ]


def _filled_in(value: str, placeholder: str) -> list[str]:
    if not value:
        return [f"__________ {placeholder}".rstrip()]
    return [f"__{line}__" for line in value.split("\n")]


_BUTTONS: Final = ("button", "workflow_button", "icon_button")
_DRAWINGS: Final[dict[str, Callable[[Thing, Thing, Reader], list[str]]]] = {
    **dict.fromkeys(_BUTTONS, _pressed),
    **dict.fromkeys(("static_select", "multi_static_select"), _menu),
    **dict.fromkeys(("plain_text_input", "email_text_input", "url_text_input", "number_input"), _typed),
    "image": _image,
    "radio_buttons": _choice("(*)", "( )"),
    "checkboxes": _choice("[x]", "[ ]"),
    "overflow": _overflow,
    "users_select": _picked("user"),
    "multi_users_select": _picked("users"),
    "channels_select": _picked("channel"),
    "multi_channels_select": _picked("channels"),
    "conversations_select": _picked("conversation"),
    "multi_conversations_select": _picked("conversations"),
    "datepicker": _picked("date"),
    "timepicker": _picked("time"),
    "datetimepicker": _moment,
    "file_input": _files,
}
