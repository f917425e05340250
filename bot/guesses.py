"""Counts the links that this desk did not make, by the address of who tries them, so that guessing ends soon."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

MOST: Final = 20
"""Unknown links that one address may try within `WITHIN_SECONDS`."""
WITHIN_SECONDS: Final = 60.0
MOST_ADDRESSES: Final = 10_000
"""Addresses remembered at most, about 2 MB; beyond that the oldest are forgotten."""


class Guesses:
    """To be used from one thread (the server's event loop). `monotonic` gives the present, in seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._tried: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, and how many

    def __len__(self) -> int:
        return len(self._tried)

    def wait(self, address: str) -> float:
        """Count one more unknown link; give the seconds to wait before another is looked at, 0 while there are few."""
        now = self._monotonic()
        self._forget(now)
        since, count = self._tried.get(address, (now, 0))
        self._tried[address] = since, count + 1
        if count < MOST:
            return 0.0
        if count == MOST:
            log.warning("Links that this desk did not make are tried again and again", client=address)
        return since + WITHIN_SECONDS - now

    def _forget(self, now: float) -> None:
        """Let go of what is over; the first one is the oldest, since counting on moves nobody."""
        while self._tried and next(iter(self._tried.values()))[0] + WITHIN_SECONDS <= now:
            self._tried.popitem(last=False)
        if len(self._tried) >= MOST_ADDRESSES:
            self._tried.popitem(last=False)
