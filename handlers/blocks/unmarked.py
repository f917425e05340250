"""What mrkdwn says to somebody who is not in Slack: plain text, with moments in their own zone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.blocks.kit import Block
from handlers.blocks.text import day

_DATE: Final = re.compile(r"<!date\^(\d{1,12})\^([^|>]*)\|[^>]*>")
_LINK: Final = re.compile(r"<(https?:[^|>]+)\|([^>]*)>")
_ADDRESS: Final = re.compile(r"<((?:https?|mailto):[^|>]+)>")
_MARKS: Final = re.compile(r"[*`]")


def lines_of(blocks: Sequence[Block], zone: str) -> list[str]:
    """The texts of a message's blocks, a line each; buttons are left out."""
    return [line for block in blocks for text in _texts(block) for line in unmarked(text, zone).split("\n")]


def unmarked(mrkdwn: str, zone: str) -> str:
    """One text. What people typed in it has no marks of its own any more, so that all marks are ours."""
    text = _DATE.sub(lambda found: _moment(int(found[1]), found[2], zone), mrkdwn)
    text = _LINK.sub(r"\2 (\1)", text)
    text = _ADDRESS.sub(lambda found: found[1].removeprefix("mailto:"), text)
    text = _MARKS.sub("", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _texts(block: Mapping[str, Any]) -> Iterator[str]:
    if block["type"] == "section":
        yield block["text"]["text"]
    elif block["type"] == "context":
        yield from (each["text"] for each in block["elements"])


def _moment(seconds: int, form: str, zone: str) -> str:
    at = datetime.fromtimestamp(seconds, UTC).astimezone(_zone(zone))
    time = f"{at:%H:%M} {at.tzname()}"
    if form == "{time}":
        return time
    return f"{day(at, _zone(zone))}, {time}" if "{time}" in form else day(at, _zone(zone))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
