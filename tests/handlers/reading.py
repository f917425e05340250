"""What a person reads in blocks: every text in them, and the buttons."""

from collections.abc import Iterator
from typing import Any

Blocks = list[dict[str, Any]]


def shown(blocks: Blocks) -> str:
    """Every text of the blocks, one a line."""
    return "\n".join(_texts(blocks))


def buttons(blocks: Blocks) -> list[str]:
    """The words on every button."""
    return [element["text"]["text"] for element in _elements(blocks) if element["type"] == "button"]


def options(blocks: Blocks, block_id: str) -> list[str]:
    """What can be chosen in the field with this id, or with this base of its id."""
    for block in blocks:
        if block.get("block_id", "").partition(":")[0] == block_id:
            return [each["text"]["text"] for each in block["element"]["options"]]
    return []


def field(blocks: Blocks, block_id: str) -> str:
    """The whole id of the field with this base of its id."""
    return next(
        str(each["block_id"]) for each in blocks if each.get("block_id", "").partition(":")[0] == block_id
    )


def _elements(blocks: Blocks) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield from block.get("elements", [])
        yield from [each for each in (block.get("accessory"), block.get("element")) if each]


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _texts(each)
    elif isinstance(part, dict):
        for name, each in part.items():
            if name == "text" and isinstance(each, str):
                yield each
            else:
                yield from _texts(each)
