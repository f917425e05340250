"""What becomes of the items of a request, why some are closed, and how a request is numbered."""

import re
from dataclasses import dataclass
from enum import StrEnum

from store.rules.errors import FieldError

_FIRST_NUMBER = 1000
_NUMBER = re.compile(r"\s*(?:[rR]-?)?([0-9]{4,18})\s*", re.ASCII)


class RequestKind(StrEnum):
    """What is asked for."""

    LICENSE = "license"
    SERIAL_CHANGE = "serial_change"
    RELEASE = "release"


class ItemState(StrEnum):
    """Where one item of a request stands."""

    PENDING = "pending"
    FORWARDED = "forwarded"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"
    DIRECT = "direct"


HAS_FILE = frozenset({ItemState.FORWARDED, ItemState.DIRECT})


class Cause(StrEnum):
    """Why an item was closed by something other than a decision on it."""

    RELEASED = "released"
    SERIAL_CHANGED = "serial_changed"
    UNDONE = "undone"
    SUSPENDED = "suspended"
    TERM_ENDED = "term_ended"
    FILES_HELD = "files_held"  # the vendor makes the files, so none is made here
    REQUESTER_INACTIVE = "requester_inactive"
    REQUESTER_WITHOUT_ROLE = "requester_without_role"
    NOBODY_REACHABLE = "nobody_reachable"
    TAKEN_DIRECTLY = "taken_directly"  # the requester got the right to have it and took it


@dataclass(eq=False)
class NumberMalformed(FieldError):
    """A request number looks like R-1042; this does not."""

    typed: str
    field = "number"


def request_number(request_id: int) -> str:
    """The number that people know a request by, such as `R-1042`."""
    return f"R-{_FIRST_NUMBER + request_id}"


def request_id(number: str) -> int:
    """The id of a request by its number, typed with or without its `R-`. Raises `NumberMalformed`."""
    found = _NUMBER.fullmatch(number)
    if found is None or int(found[1]) <= _FIRST_NUMBER:
        raise NumberMalformed(number)
    return int(found[1]) - _FIRST_NUMBER
