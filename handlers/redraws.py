"""Which click in a modal is the newest, so that an older one that is late does not draw over it.

This is about the order of drawings in one process only. Nothing depends on it: what a modal is sent in with is
checked in any case.
"""

from collections import OrderedDict
from threading import Lock
from typing import Final

_MOST_REMEMBERED: Final = 1_000


class Redraws:
    """The newest click of each of the modals that were clicked in last."""

    def __init__(self) -> None:
        self._newest: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def note(self, view_id: str, key: str) -> None:
        """Note a click; keys of one modal are ordered as its clicks are."""
        with self._lock:
            self._newest[view_id] = max(key, self._newest.pop(view_id, key))
            if len(self._newest) > _MOST_REMEMBERED:
                self._newest.popitem(last=False)

    def is_newest(self, view_id: str, key: str) -> bool:
        """Whether no later click of the modal is known."""
        with self._lock:
            return self._newest.get(view_id, key) <= key
