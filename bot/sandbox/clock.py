"""The sandbox's time: real by default, and it can be put forward."""

import time
from collections.abc import Callable


class Clock:
    """Seconds since 1970, from `source`, plus what the clock was put forward."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._ahead = 0.0

    def now(self) -> float:
        """The present moment, in seconds since 1970."""
        return self._source() + self._ahead

    @property
    def ahead(self) -> float:
        """By how many seconds it was put forward in all."""
        return self._ahead

    def advance(self, seconds: float) -> None:
        """Put the clock forward by so many seconds."""
        self._ahead += seconds
