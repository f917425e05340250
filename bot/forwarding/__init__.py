"""Forwarding the record to where a SIEM reads it: a file, or a syslog server; done by the schedule."""

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol
from uuid import uuid4

import structlog

from bot.forwarding.file import File
from bot.forwarding.syslog import Syslog
from bot.schedule import DueJob
from bot.settings import Settings
from store import forwarding
from store.desk import Desk
from store.forwarding import Batch, Destination

log = structlog.get_logger(__name__)

_EVERY: Final = 10.0
_LONGEST_PAUSE: Final = 300.0
"""Seconds between two tries at a destination that is away, at most."""


class Way(Protocol):
    """How entries get to a destination."""

    def send(self, entries: Sequence[dict[str, object]]) -> None:
        """Send entries, all of them or with `OSError` perhaps a part."""


class Forwarder:
    """Sends to one destination what it does not have yet. `monotonic`, in seconds, says when to try again."""

    def __init__(
        self, destination: Destination, way: Way, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._destination, self._way, self._monotonic = destination, way, monotonic
        self._failures, self._again_at = 0, float("-inf")

    def run(self, desk: Desk) -> int:
        """Send one batch, and give how many entries it had."""
        if self._monotonic() < self._again_at:
            return 0
        lease = str(uuid4())
        batch = forwarding.claim(desk, self._destination, lease)
        if batch is None:
            return 0
        try:
            self._way.send(batch.entries)
        except OSError as error:
            self._fail(desk, lease, error)
            return 0
        return self._arrive(desk, lease, batch)

    def _arrive(self, desk: Desk, lease: str, batch: Batch) -> int:
        if self._failures:
            log.info("The record is forwarded again", destination=self._destination)
        self._failures, self._again_at = 0, float("-inf")
        return len(batch.entries) if forwarding.arrive(desk, self._destination, lease, batch) else 0

    def _fail(self, desk: Desk, lease: str, error: OSError) -> None:
        why = error.strerror or str(error) or type(error).__name__
        log.warning("The record could not be forwarded", destination=self._destination, why=why)
        forwarding.fail(desk, self._destination, lease, why)
        self._failures += 1
        self._again_at = self._monotonic() + min(_LONGEST_PAUSE, _EVERY * 2.0 ** min(self._failures - 1, 10))


def forwarding_jobs(settings: Settings) -> list[DueJob]:
    """What the schedule runs to forward the record to where the settings say."""
    made: list[Forwarder] = []
    if settings.audit_file is not None:
        made.append(Forwarder("file", File(settings.audit_file)))
    if settings.audit_syslog:
        made.append(Forwarder("syslog", Syslog(settings.audit_syslog)))
    return [DueJob("forward the record", _EVERY, each.run) for each in made]
