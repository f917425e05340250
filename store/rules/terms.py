"""The term of a subscription at a moment: what works before, during and after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TermState(StrEnum):
    """Where a moment lies in a subscription's life."""

    NOT_STARTED = "not_started"
    CURRENT = "current"
    IN_GRACE = "in_grace"
    ENDED = "ended"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Term:
    """The term of a subscription.

    `ends_at` is the first moment after the term, `None` for a perpetual one; `grace_days` count from there.
    """

    starts_at: datetime
    ends_at: datetime | None
    unbroken_since: datetime
    grace_days: int
    suspended: bool

    @property
    def expires_at(self) -> datetime | None:
        """The first moment after grace, from which a license file is no longer valid."""
        return None if self.ends_at is None else self.ends_at + timedelta(days=self.grace_days)

    def state(self, now: datetime) -> TermState:
        """Say where `now` lies."""
        if self.suspended:
            return TermState.SUSPENDED
        if now < self.starts_at:
            return TermState.NOT_STARTED
        if self.ends_at is None or now < self.ends_at:
            return TermState.CURRENT
        return TermState.IN_GRACE if self.expires_at and now < self.expires_at else TermState.ENDED

    def registers(self, now: datetime) -> bool:
        """Whether registering and requesting work."""
        return self.state(now) not in {TermState.ENDED, TermState.SUSPENDED}

    def delivers(self, now: datetime) -> bool:
        """Whether files are delivered; before the start they wait, unless the run of terms is unbroken."""
        return self.registers(now) and self.unbroken_since <= now
