"""The record of everything that crossed the wire, without the secrets in it."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

LIMIT = 100_000
TOKEN = re.compile(r"\bx(?:ox[a-z]|app|wfp)-[\w-]+")
REDACTED = "[redacted]"


@dataclass(frozen=True)
class Record:
    """One crossing: a Web API `call`, an `envelope`, an `ack`, an HTTP `push`, a `response_url`, an `upload`,
    a `download`.

    `name` is the method or the kind of payload, `at` the moment (seconds since 1970), `seconds` how long the
    answer took, `outcome` `ok` or what went wrong. Tokens are left out of `sent` and `answer`.
    """

    kind: str
    name: str
    at: float
    sent: Any = None
    answer: Any = None
    seconds: float = 0.0
    outcome: str = "ok"
    connection: str = ""


class Traffic:
    """The last hundred thousand crossings; `heard` is called after each. `count` is how many there were in all."""

    def __init__(self, heard: Callable[[], None] = lambda: None) -> None:
        self._records: deque[Record] = deque(maxlen=LIMIT)
        self._heard = heard
        self.count = 0

    def add(self, record: Record) -> None:
        """Keep one crossing."""
        self._records.append(record)
        self.count += 1
        self._heard()

    def since(self, number: int, most: int) -> list[dict[str, Any]]:
        """The crossings after the first `number`, oldest first; of many only the last `most`."""
        wanted = min(self.count - number, most, len(self._records))
        chosen = list(islice(reversed(self._records), max(wanted, 0)))
        return [without_tokens(vars(each)) for each in reversed(chosen)]

    def shown(self, kind: str = "", name: str = "") -> list[dict[str, Any]]:
        """The crossings, oldest first, of one kind and one name when those are given."""
        chosen = (each for each in self._records if kind in ("", each.kind) and name in ("", each.name))
        return [without_tokens(vars(each)) for each in chosen]


def without_tokens(value: Any) -> Any:
    """A copy of a value with every token, and every member that is named as one, made unreadable."""
    if isinstance(value, dict):
        return {
            key: REDACTED if key in ("token", "bot_access_token") else without_tokens(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [without_tokens(each) for each in value]
    return TOKEN.sub(REDACTED, value) if isinstance(value, str) else value
