"""Services: what runs beside the way in (executor, courier, schedule), from their start to their stop."""

import time
from collections.abc import Sequence
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)

_HASTE = 0.5
"""Seconds that a service has for its stop when no time is left."""


class Service(Protocol):
    """Something that runs in threads of its own."""

    def start(self) -> None:
        """Begin; returns at once."""

    def stop(self, seconds: float) -> bool | None:
        """Finish or give back what is held within `seconds`; False tells that something was left running."""


class Services:
    """Several services as one. `finished` tells, after the stop, whether all of them finished."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._services = tuple(services)
        self._started: list[Service] = []
        self.finished = True

    def start(self) -> None:
        """Start each in its order; when one raises, those before it are stopped and the error goes on."""
        try:
            for service in self._services:
                service.start()
                self._started.append(service)
        except BaseException:
            self.stop(_HASTE)
            raise

    def stop(self, seconds: float) -> bool:
        """Stop each in reverse order, all within `seconds`; tell whether everything finished.

        Each may use what is left but for a second for each that comes after it.
        """
        end = time.monotonic() + seconds
        while self._started:
            service = self._started.pop()
            left = end - time.monotonic() - len(self._started)
            self.finished &= _stop(service, max(_HASTE, left))
        return self.finished


def _stop(service: Service, seconds: float) -> bool:
    name = type(service).__name__
    try:
        finished = service.stop(seconds) is not False
    except Exception:
        # The outermost edge of a stop: whatever one service raises, the others must be stopped too.
        log.exception("A part of the program could not be stopped", part=name)
        return False
    if not finished:
        log.warning("A part of the program did not finish in time", part=name)
    return finished
