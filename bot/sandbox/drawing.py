"""Messages and views as text for a terminal of 100 columns, as the person sees them who looks at them.

Takes the objects that Slack's API gives, which are `raw` in what the sandbox's client returns: a message with `user`,
`ts`, `text`, `blocks`, `files` and `is_ephemeral` (`ephemeral` in the sandbox), a view with `blocks` and `state`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Final

from bot.sandbox.drawing_elements import Thing, draw_element, draw_row, image
from bot.sandbox.drawing_text import Reader, wrapped

WIDTH: Final = 100
_INSIDE: Final = WIDTH - 2
_RULE: Final = "-" * _INSIDE
_NOTHING: Final[Mapping[str, str]] = {}


def draw_message(message: Thing, people: Mapping[str, str], zone: tzinfo) -> str:
    """A message under the name of who wrote it; `people` names Slack ids of people and conversations."""
    reader = Reader(people, zone)
    blocks = message.get("blocks") or []
    lines = (
        _blocks(blocks, _NOTHING, _NOTHING, reader) if blocks else [reader.mrkdwn(message.get("text", ""))]
    )
    lines += [_file(file) for file in message.get("files") or []]
    return "\n".join([*_wrapped_all([_byline(message, reader)], ""), *_wrapped_all(lines, "| ")])


def draw_view(
    view: Thing, people: Mapping[str, str], zone: tzinfo, errors: Mapping[str, str] = _NOTHING
) -> str:
    """A modal or Home tab with what is entered in it; `errors` are shown at the fields with these block ids."""
    reader = Reader(people, zone)
    title = reader.text(view.get("title")) or "Home"
    values = (view.get("state") or {}).get("values") or {}
    lines = _blocks(view.get("blocks") or [], values, errors, reader)
    buttons = [reader.text(view[name]) for name in ("close", "submit") if view.get(name)]
    foot = ["+" + "-" * (WIDTH - 1)]
    if buttons:
        foot = ["+" + "-" * (WIDTH - 1), "| " + "  ".join(f"[ {each} ]" for each in buttons), *foot]
    return "\n".join([f"+-- {title} ".ljust(WIDTH, "-"), *_wrapped_all(lines, "| "), *foot])


def _byline(message: Thing, reader: Reader) -> str:
    writer = str(message.get("user") or message.get("username") or "")
    parts = [reader.name(writer)]
    if message.get("ts"):
        parts.append(f"{reader.moment(float(message['ts'])):%H:%M}")
    if message.get("thread_ts") not in (None, message.get("ts")):
        parts.append("in the thread")
    if message.get("edited"):
        parts.append("edited")
    if message.get("is_ephemeral") or message.get("ephemeral"):
        parts.append("Only visible to you")
    return ", ".join(filter(None, parts))


def _file(file: Thing) -> str:
    return f"(file: {file.get('name') or file.get('title') or file.get('id')}, {_size(int(file.get('size') or 0))})"


def _size(size: int) -> str:
    return f"{size} bytes" if size < 1000 else f"{size / 1000:.1f} kB"


def _wrapped_all(lines: Sequence[str], edge: str) -> list[str]:
    return [(edge + part).rstrip() for line in lines for part in _wrapped(line, WIDTH - len(edge))]


def _wrapped(line: str, width: int) -> Iterator[str]:
    """The parts of a line, each set in as far as the line is."""
    for single in line.split("\n"):
        text = single.lstrip(" ")
        margin = " " * (len(single) - len(text))
        yield from (margin + part for part in wrapped(text, width - len(margin)))


def _blocks(blocks: Sequence[Thing], values: Thing, errors: Mapping[str, str], reader: Reader) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        entered = values.get(block.get("block_id", ""), _NOTHING)
        if lines and block.get("type") == "input":
            lines.append("")
        lines += _block(block, entered, reader)
        error = errors.get(str(block.get("block_id")))
        if error:
            lines.append(f"  Error: {error}")
    return lines


def _block(block: Thing, entered: Thing, reader: Reader) -> list[str]:
    draw = _BLOCKS.get(str(block.get("type")))
    return draw(block, entered, reader) if draw else [f"({block.get('type')})"]


def _section(block: Thing, entered: Thing, reader: Reader) -> list[str]:
    texts = [block.get("text"), *block.get("fields", [])]
    lines = [reader.text(text) for text in texts if text]
    accessory = block.get("accessory")
    return lines + (draw_element(accessory, _entry(accessory, entered), reader) if accessory else [])


def _header(block: Thing, _entered: Thing, reader: Reader) -> list[str]:
    text = reader.text(block.get("text"))
    return [text, "=" * min(len(text), _INSIDE)]


def _context(block: Thing, _entered: Thing, reader: Reader) -> list[str]:
    elements = block.get("elements", [])
    return [image(each) if each.get("type") == "image" else reader.text(each) for each in elements]


def _actions(block: Thing, entered: Thing, reader: Reader) -> list[str]:
    if not entered:
        return draw_row(block.get("elements", []), reader)
    elements = block.get("elements", [])
    return [line for each in elements for line in draw_element(each, _entry(each, entered), reader)]


def _input(block: Thing, entered: Thing, reader: Reader) -> list[str]:
    element = block.get("element", {})
    label = reader.text(block.get("label")) + (" (optional)" if block.get("optional") else "")
    lines = [label, *(f"  {line}" for line in draw_element(element, _entry(element, entered), reader))]
    hint = reader.text(block.get("hint"))
    return [*lines, f"  {hint}"] if hint else lines


def _entry(element: Thing, entered: Thing) -> Thing:
    state: Thing = entered.get(str(element.get("action_id"))) or {}
    return state


def _image(block: Thing, _entered: Thing, reader: Reader) -> list[str]:
    title = reader.text(block.get("title"))
    return [title, image(block)] if title else [image(block)]


def _markdown(block: Thing, _entered: Thing, _reader: Reader) -> list[str]:
    return [str(block.get("text", ""))]


def _rich_text(block: Thing, _entered: Thing, reader: Reader) -> list[str]:
    return [_rich(element, reader) for element in block.get("elements", [])]


def _rich(element: Thing, reader: Reader) -> str:
    kind, parts = element.get("type"), element.get("elements")
    if kind == "rich_text_list":
        return "\n".join(f"- {_rich(part, reader)}" for part in parts or [])
    if parts is not None:
        return "".join(_rich(part, reader) for part in parts)
    if kind in ("user", "channel"):
        return ("@" if kind == "user" else "#") + reader.name(str(element.get(f"{kind}_id")))
    return str(element.get("text") or element.get("url") or element.get("fallback") or f"({kind})")


def _table(block: Thing, _entered: Thing, reader: Reader) -> list[str]:
    return [" | ".join(_cell(cell, reader) for cell in row) for row in block.get("rows", [])]


def _cell(cell: Thing, reader: Reader) -> str:
    return _rich(cell, reader) if cell.get("type") == "rich_text" else str(cell.get("text", ""))


_BLOCKS: Final[dict[str, Callable[[Thing, Thing, Reader], list[str]]]] = {
    "section": _section,
    "header": _header,
    "divider": lambda *_: [_RULE],
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "table": _table,
}
