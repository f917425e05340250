"""Refuses what Slack's Block Kit refuses, at any depth, and says where.

Each problem is a sentence behind its place, a JSON pointer: "/blocks/3/element/options/0/text/text: must be
at most 75 characters, has 80". What each block may hold is in `block_kit_shapes`; here is what holds for a
message or a view as a whole. Shares no code with the app that is checked.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.sandbox import block_kit_shapes as shapes
from bot.sandbox.block_kit_checks import Problems, Shape, array, string, typed, units
from bot.sandbox.block_kit_elements import OPTION

_LONGEST_TEXT: Final = 40_000
_ALL_TEXT_OF_A_MESSAGE: Final = 13_200
_ALL_MARKDOWN: Final = 12_000
_VIEW_BYTES: Final = 250_000
_OPTIONS: Final = Shape({"options": array(OPTION, 100, least=0)})
_VIEW: Final = typed({"modal": shapes.MODAL, "home": shapes.HOME}, "kind of view")


def check_message(blocks: object, text: object) -> list[str]:
    """The problems of a message with these `blocks` and this `text`, either of them None; empty when good."""
    problems = [] if text is None else list(string(_LONGEST_TEXT, least=0)(text, "/text"))
    if blocks is None:
        return problems if text else [*problems, "/text: a message needs text or blocks"]
    found = list(shapes.MESSAGE_BLOCKS(blocks, "/blocks"))
    if isinstance(blocks, list):
        found += [*_check_blocks(blocks), *_check_lengths(blocks)]
        if not blocks and not text:
            found.append("/text: a message needs text or blocks")
    return [*problems, *found]


def check_view(view: object) -> list[str]:
    """The problems of a modal or Home tab as given to `views.open` and its like; empty when it is good."""
    problems = list(_VIEW(view, ""))
    if not isinstance(view, dict):
        return problems
    blocks = view.get("blocks")
    if isinstance(blocks, list):
        problems += [*_check_blocks(blocks), *_check_submit(view, blocks), *_check_focus(blocks)]
    size = len(json.dumps(view, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass"))
    if size > _VIEW_BYTES:
        problems.append(f": a view must be at most {_VIEW_BYTES} bytes, has {size}")
    return problems


def check_options(answer: object) -> list[str]:
    """The problems of what an app answers when it is asked for the options of a menu."""
    return list(_OPTIONS(answer, ""))


def _check_blocks(blocks: list[Any]) -> Problems:
    ids = [_of(block, "block_id") for block in blocks]
    for index, block in enumerate(blocks):
        if isinstance(ids[index], str) and ids.count(ids[index]) > 1:
            yield f"/blocks/{index}/block_id: is used by several blocks"
        yield from _check_actions(block, f"/blocks/{index}")


def _check_actions(block: object, place: str) -> Problems:
    ids = Counter(action_id for each in _walk(block) if isinstance(action_id := each.get("action_id"), str))
    for action_id, count in ids.items():
        if count > 1:
            yield f"{place}: the action_id {action_id!r} is used by several elements of the block"


def _check_lengths(blocks: list[Any]) -> Problems:
    length = sum(units(text) for each in _walk(blocks) if isinstance(text := each.get("text"), str))
    if length > _ALL_TEXT_OF_A_MESSAGE:
        yield f"/blocks: all texts of a message hold about {_ALL_TEXT_OF_A_MESSAGE} characters, not {length}"
    if sum(_of(block, "type") == "table" for block in blocks) > 1:
        yield "/blocks: a message has at most one table"
    markdown = [_of(block, "text") for block in blocks if _of(block, "type") == "markdown"]
    if sum(units(text) for text in markdown if isinstance(text, str)) > _ALL_MARKDOWN:
        yield f"/blocks: the markdown of a message holds at most {_ALL_MARKDOWN} characters"


def _check_submit(view: Mapping[str, Any], blocks: list[Any]) -> Problems:
    asks = any(_of(block, "type") == "input" for block in blocks)
    if view.get("type") == "modal" and asks and "submit" not in view:
        yield "/submit: is required where there is an input block"


def _check_focus(blocks: list[Any]) -> Problems:
    focused = sum(each.get("focus_on_load") is True for each in _walk(blocks))
    if focused > 1:
        yield f"/blocks: focus_on_load can be true once, not {focused} times"


def _of(thing: object, name: str) -> object:
    return thing.get(name) if isinstance(thing, dict) else None


def _walk(thing: object) -> Iterator[Mapping[str, Any]]:
    """Every object inside `thing`, itself included, however deep."""
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
