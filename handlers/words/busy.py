"""Words for a desk that is busy."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.words.pens import Pen
from store.rules.busy_errors import DeskBusy
from store.rules.errors import DeskError
from store.rules.revocation_errors import ListsOvertaken


def _busy(_error: DeskBusy, _pen: Pen) -> str:
    return (
        "License Desk is busy with something long, such as an import, and could not do this at once. "
        "Nothing has changed. Please try again in a minute."
    )


def _overtaken(_error: ListsOvertaken, _pen: Pen) -> str:
    return "Others made one revocation list after the other at this moment. Please try again in a minute."


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    DeskBusy: _busy,
    ListsOvertaken: _overtaken,
}
