"""Counts what is running, so that a stop can refuse what is new and wait for the rest."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Work:
    """Pieces of work in any number of threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._closed = False

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Hold one piece of work; yields False, and holds nothing, once `drain` was called."""
        with self._changed:
            taken = not self._closed
            self._running += taken
        try:
            yield taken
        finally:
            with self._changed:
                self._running -= taken
                self._changed.notify_all()

    def idle(self, seconds: float) -> bool:
        """Wait for a moment in which nothing runs; tell whether it came within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._running == 0, timeout=seconds)

    def drain(self, seconds: float) -> bool:
        """Take nothing new and wait for what runs; tell whether all of it ended within `seconds`."""
        with self._changed:
            self._closed = True
        return self.idle(seconds)
