"""Ids in Slack's form: never the same twice in one sandbox."""

import uuid
from itertools import count

from bot.sandbox.clock import Clock

MICROSECONDS = 1_000_000


class Ids:
    """Makes ids of things (`F0000000001`), timestamps of messages, and secrets of one use."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._last_stamp = 0

    def thing(self, prefix: str) -> str:
        """A new id with the letter that tells its kind, for example `D` for a direct message."""
        return f"{prefix}{next(self._numbers):010d}"

    def stamp(self) -> str:
        """A new timestamp, later than every earlier one, for example `1764400000.000100`."""
        now = int(self._clock.now() * MICROSECONDS)
        self._last_stamp = max(now, self._last_stamp + 100)
        return f"{self._last_stamp // MICROSECONDS}.{self._last_stamp % MICROSECONDS:06d}"

    def secret(self) -> str:
        """Thirty-two hexadecimal digits that nobody guesses."""
        return uuid.uuid4().hex

    def number(self) -> int:
        """A running number."""
        return next(self._numbers)
