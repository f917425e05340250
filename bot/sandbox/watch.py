"""Tells those who look at the workspace that something in it may have changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Watch:
    """The bells of everybody who looks; rung and listened to in the thread of the server alone."""

    def __init__(self) -> None:
        self._bells: set[asyncio.Event] = set()

    def ring(self) -> None:
        """Tell everybody that something may have changed; who looks then sees whether it did."""
        for bell in self._bells:
            bell.set()

    @contextmanager
    def bell(self) -> Iterator[asyncio.Event]:
        """A bell of one's own; who hears it clears it before looking, so that nothing is missed."""
        own = asyncio.Event()
        self._bells.add(own)
        try:
            yield own
        finally:
            self._bells.discard(own)
