"""Blocks as Slack keeps them: each with an id, and the elements a person can use found at any depth."""

import json
from collections.abc import Iterator
from typing import Any

from bot.sandbox.ids import Ids

Block = dict[str, Any]
Element = dict[str, Any]


def kept(blocks: list[Block], ids: Ids) -> list[Block]:
    """A copy of the blocks in which every block and every usable element has its id."""
    copies: list[Block] = json.loads(json.dumps(blocks))
    for block in copies:
        block.setdefault("block_id", ids.secret()[:5])
        for element in elements_of(block):
            element.setdefault("action_id", ids.secret()[:5])
    return copies


def elements_of(block: Block) -> Iterator[Element]:
    """The elements of one block that somebody can press, choose from or type into."""
    kind = block.get("type")
    if kind == "input":
        yield block["element"]
    elif kind == "actions":
        yield from block.get("elements", [])
    elif kind == "section" and block.get("accessory", {}).get("type", "image") != "image":
        yield block["accessory"]


def everything(blocks: list[Block]) -> Iterator[tuple[Block, Element]]:
    """Every usable element with the block it stands in."""
    for block in blocks:
        for element in elements_of(block):
            yield block, element


def find(blocks: list[Block], action_id: str, block_id: str | None = None) -> tuple[Block, Element] | None:
    """The first element with that action id, in that block when one is named."""
    for block, element in everything(blocks):
        if element.get("action_id") == action_id and block_id in (None, block.get("block_id")):
            return block, element
    return None


def options_of(element: Element) -> list[dict[str, Any]]:
    """All options of an element, those in groups too."""
    grouped = [option for group in element.get("option_groups", []) for option in group.get("options", [])]
    return list(element.get("options", [])) + grouped
