"""How a renewal continues a term: without a gap where the subscription is licensed today."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time

from store.rules.claims import unbroken_start
from store.rules.environments import EnvironmentType
from store.rules.subscription_errors import RenewalEndsTooEarly
from store.rules.terms import Term


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a subscription is renewed with; what is absent stays as it is.

    `ends_at` is the first moment after the term, `None` for a perpetual one; without `starts_at` the renewal
    follows the present term, or begins today when that and its grace are over. `values` may hold `edition`,
    `features`, `limits`, `highest_version` and `grace_days`; `slots` are numbers by type.
    """

    ends_at: datetime | None
    starts_at: datetime | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    slots: Mapping[EnvironmentType, int] = field(default_factory=dict)


def renewed(present: Term, renewal: Renewal, now: datetime) -> Term:
    """Return the term after a renewal at `now`. Raises `RenewalEndsTooEarly`.

    A term under way is prolonged: it goes on having its own start, so that nothing waits for that of the renewal.
    """
    starts_at = renewal.starts_at or _start(present, renewal, now)
    _check_end(present, renewal.ends_at, max(starts_at, now))
    since = unbroken_start(present, starts_at, now)
    prolonged = since <= now < starts_at
    grace_days = renewal.values.get("grace_days", present.grace_days)
    return replace(
        present,
        starts_at=present.starts_at if prolonged else starts_at,
        ends_at=renewal.ends_at,
        unbroken_since=since,
        grace_days=grace_days if isinstance(grace_days, int) else present.grace_days,
    )


def _start(present: Term, renewal: Renewal, now: datetime) -> datetime:
    """The start of a renewal that names none; the same end again is the same term."""
    if present.unbroken_since > now or present.ends_at in {None, renewal.ends_at}:
        return present.starts_at
    over = present.expires_at is not None and present.expires_at <= now
    return datetime.combine(now.astimezone(UTC).date(), time(), UTC) if over else present.ends_at


def _check_end(present: Term, ends_at: datetime | None, after: datetime) -> None:
    if ends_at is None:
        return
    if present.ends_at is None:
        raise RenewalEndsTooEarly(ends_at, None)
    if ends_at < present.ends_at or ends_at <= after:
        raise RenewalEndsTooEarly(ends_at, max(present.ends_at, after))
