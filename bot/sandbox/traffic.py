"""The record of everything that crossed the wire, without the secrets in it."""

import re
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

LIMIT = 100_000
TOKEN = re.compile(r"\bx(?:ox[a-z]|app)-[\w-]+")
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
    """The last hundred thousand crossings."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque(maxlen=LIMIT)

    def add(self, record: Record) -> None:
        """Keep one crossing."""
        self._records.append(record)

    def shown(self, kind: str = "", name: str = "") -> list[dict[str, Any]]:
        """The crossings, oldest first, of one kind and one name when those are given."""
        chosen = (each for each in self._records if kind in ("", each.kind) and name in ("", each.name))
        return [without_tokens(asdict(each)) for each in chosen]


def without_tokens(value: Any) -> Any:
    """The same value with every token, and every member that is named as one, made unreadable."""
    if isinstance(value, dict):
        return {
            key: REDACTED if key in ("token", "bot_access_token") else without_tokens(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [without_tokens(each) for each in value]
    return TOKEN.sub(REDACTED, value) if isinstance(value, str) else value
