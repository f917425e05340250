"""Slack's texts as a person reads them: mentions by name, dates in the reader's zone, marks and escapes gone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from rich.cells import cell_len, chop_cells

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TOKEN: Final = re.compile(r"<([^<>]+)>")
_CODE: Final = re.compile(r"```\n?(.+?)\n?```|`([^`\n]+)`", re.DOTALL)
_MARKS: Final = tuple(
    re.compile(rf"(?<![\w{mark}]){mark}(?=[^\s{mark}])([^{mark}\n]*?[^\s{mark}]){mark}(?![\w{mark}])")
    for mark in (r"\*", "_", "~")
)
_PLACE: Final = re.compile(r"\{(\w+)\}")
_BROADCASTS: Final = ("channel", "here", "everyone")


@dataclass(frozen=True)
class Reader:
    """Somebody who reads: the names that they know Slack ids by, and their time zone."""

    people: Mapping[str, str]
    zone: tzinfo

    def text(self, thing: Any) -> str:
        """A text object as it is read; an absent one reads as nothing."""
        if not isinstance(thing, dict):
            return ""
        text = str(thing.get("text", ""))
        return self.mrkdwn(text) if thing.get("type") == "mrkdwn" else text

    def mrkdwn(self, text: str) -> str:
        """Slack's mrkdwn as it is read."""
        parts: list[str] = []
        end = 0
        for code in _CODE.finditer(text):
            parts += [self._marked(text[end : code.start()]), code.group(1) or code.group(2)]
            end = code.end()
        return _unescaped("".join([*parts, self._marked(text[end:])]))

    def name(self, slack_id: str) -> str:
        """The name of a person or conversation; the id itself for a stranger."""
        return self.people.get(slack_id, slack_id)

    def moment(self, seconds: float) -> datetime:
        """A Unix time in the reader's zone."""
        return datetime.fromtimestamp(seconds, UTC).astimezone(self.zone)

    def _marked(self, text: str) -> str:
        for mark in _MARKS:
            text = mark.sub(r"\1", text)
        return _TOKEN.sub(lambda token: self._token(token.group(1)), text)

    def _token(self, token: str) -> str:
        target, _, label = token.partition("|")
        if target.startswith("@"):
            return "@" + self.people.get(target[1:], label or target[1:])
        if target.startswith("#"):
            return "#" + self.people.get(target[1:], label or target[1:])
        if target.startswith("!"):
            return self._command(target[1:], label)
        return _link(target, label)

    def _command(self, target: str, label: str) -> str:
        kind, *arguments = target.split("^")
        if kind == "date" and len(arguments) >= 2 and arguments[0].isdigit():
            return self._date(int(arguments[0]), arguments[1])
        return label or ("@" + kind if kind in _BROADCASTS else f"<!{target}>")

    def _date(self, seconds: int, form: str) -> str:
        known = _date_parts(self.moment(seconds))
        return _PLACE.sub(lambda place: known.get(place.group(1), place.group()), form)


def _date_parts(at: datetime) -> dict[str, str]:
    """Slack's date tokens as an English client with a 24-hour clock fills them; today is not told apart."""
    month, day = _MONTHS[at.month - 1], _DAYS[at.weekday()]
    parts = {
        "date_num": f"{at:%Y-%m-%d}",
        "date": f"{at.day} {month} {at.year}",
        "date_short": f"{at.day} {month[:3]} {at.year}",
        "date_long": f"{day}, {at.day} {month} {at.year}",
        "time": f"{at:%H:%M}",
        "time_secs": f"{at:%H:%M:%S}",
    }
    return parts | {f"{name}_pretty": parts[name] for name in ("date", "date_short", "date_long")}


def _link(target: str, label: str) -> str:
    address = target.removeprefix("mailto:")
    return address if label in ("", address, target) else f"{label} ({address})"


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns of a terminal; its own line ends are kept."""
    return [line for paragraph in text.split("\n") for line in _lines(paragraph, width)]


def _lines(paragraph: str, width: int) -> Iterator[str]:
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        *whole, line = chop_cells(word, width) if cell_len(word) > width else [word]
        yield from whole
    yield line
