"""The revocation list for those who read it over HTTP: made when something changed, and otherwise kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from store import revocation_lists
from store.desk import Desk
from store.escalation import ITSELF
from store.revocation_lists import Moment, RevocationList

LEAST_SECONDS: Final = 60.0
"""How long a list is kept at least, whatever changes meanwhile."""
MOST_SECONDS: Final = 3600.0
"""How long it is kept at most: the time of some of its licenses may be over, although nothing changed."""
_SHARE: Final = 20
"""Making lists takes at most this part of the time, however many licenses they name."""


@dataclass(frozen=True, slots=True)
class _Kept:
    made: RevocationList
    moment: Moment  # what could have changed it, before it was read
    at: float
    took: float


class RevocationFeed:
    """Gives the newest list. `monotonic`, in seconds, says how long one was kept."""

    def __init__(self, desk: Desk, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._desk, self._monotonic = desk, monotonic
        self._kept: _Kept | None = None

    def text(self) -> bytes:
        """The list. Raises `NoActiveKey` and `ListsOvertaken`."""
        kept = self._kept
        if kept is None or not self._will_do(kept):
            kept = self._kept = self._make(kept)
        return kept.made.text

    def _will_do(self, kept: _Kept) -> bool:
        if not revocation_lists.is_fresh(self._desk, kept.made):
            return False
        age = self._monotonic() - kept.at
        if age < max(LEAST_SECONDS, _SHARE * kept.took):
            return True
        return age < MOST_SECONDS and self._moment() == kept.moment

    def _make(self, before: _Kept | None) -> _Kept:
        begun, moment = self._monotonic(), self._moment()
        made = revocation_lists.make(self._desk, ITSELF, before.made if before else None)
        now = self._monotonic()
        return _Kept(made, moment, now, now - begun)

    def _moment(self) -> Moment:
        with self._desk.database.read() as connection:
            return revocation_lists.moment(connection)
