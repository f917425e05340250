"""What a license says: its facts, and the claims by which a license file says them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from store.rules.environments import EnvironmentType
from store.rules.terms import Term

FORMAT_VERSION = 1
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Verdict(StrEnum):
    """What a license is worth at a moment."""

    NOT_YET_VALID = "not yet valid"
    VALID = "valid"
    IN_GRACE = "in grace"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseFacts:
    """Everything that one license says.

    Moments are aware and, in the file, whole seconds. `license_end` is the first moment after the term,
    `expires_at` the first moment after grace; both are `None` for a perpetual license. A limit that is
    absent from `limits` is unlimited. `replaces` is the `jti` before this one in the slot.
    """

    issuer: str
    audience: str
    slot_id: int
    jti: str
    issued_at: datetime
    not_before: datetime
    expires_at: datetime | None
    license_end: datetime | None
    serial: str
    environment_type: EnvironmentType
    environment_name: str
    activation_code: str
    company: str
    infrastructure: str
    edition: str
    features: tuple[str, ...]
    limits: Mapping[str, int]
    declared: str
    highest: str
    seq: int
    replaces: str | None = None

    def verdict(self, now: datetime) -> Verdict:
        """Say what the license is worth at `now`; each end is the first moment that is outside."""
        return verdict(self.not_before, self.license_end, self.expires_at, now)


def verdict(
    not_before: datetime, license_end: datetime | None, expires_at: datetime | None, now: datetime
) -> Verdict:
    """Say what a license with these moments is worth at `now`."""
    if now < not_before:
        return Verdict.NOT_YET_VALID
    if license_end is None or now < license_end:
        return Verdict.VALID
    return Verdict.IN_GRACE if expires_at and now < expires_at else Verdict.EXPIRED


def claims(facts: LicenseFacts) -> dict[str, object]:
    """Return the claims of a license file, format version 1; what does not apply is absent."""
    said = {
        "iss": facts.issuer,
        "aud": facts.audience,
        "sub": str(facts.slot_id),
        "jti": facts.jti,
        "iat": numeric_date(facts.issued_at),
        "nbf": numeric_date(facts.not_before),
        "exp": facts.expires_at and numeric_date(facts.expires_at),
        "license_end": facts.license_end and numeric_date(facts.license_end),
        "ver": FORMAT_VERSION,
        "serial": facts.serial,
        "environment_type": str(facts.environment_type),
        "environment_name": facts.environment_name,
        "activation_code": facts.activation_code,
        "company": facts.company,
        "infrastructure": facts.infrastructure,
        "edition": facts.edition,
        "features": list(facts.features),
        "limits": dict(facts.limits),
        "platform": {"declared": facts.declared, "highest": facts.highest},
        "seq": facts.seq,
        "replaces": facts.replaces,
    }
    return {claim: value for claim, value in said.items() if value is not None}


@lru_cache(maxsize=64)
def numeric_date(moment: datetime) -> int:
    """Return `moment` in whole seconds since 1970 (RFC 7519, NumericDate), rounded down.

    Raises `ValueError` for a moment without a time zone.
    """
    if moment.tzinfo is None:
        message = "a moment without a time zone cannot be put into a license"
        raise ValueError(message)
    return int(moment.timestamp() // 1)


def sameness(facts: LicenseFacts) -> str:
    """Return a SHA-256, in hex, of what decides whether a license is unchanged.

    That is serial number, type, declared version, term, grace, entitlements and activation code. Names,
    the key and the running number are left out: a rename or a new key alone makes no new file.
    """
    decisive = [
        facts.serial,
        facts.environment_type,
        facts.declared,
        numeric_date(facts.not_before),
        facts.license_end and numeric_date(facts.license_end),
        facts.expires_at and numeric_date(facts.expires_at),
        facts.edition,
        sorted(set(facts.features)),
        dict(facts.limits),
        facts.highest,
        facts.activation_code,
    ]
    return hashlib.sha256(_CANONICAL.encode(decisive).encode()).hexdigest()


def unchanged(said: str, previous: str, *, key_compromised: bool) -> bool:
    """Whether a license whose sameness is `previous` still says what has the sameness `said`, with a trusted key."""
    return not key_compromised and said == previous


def unbroken_start(previous: Term | None, starts_at: datetime, now: datetime) -> datetime:
    """Return the start of the unbroken run of terms that a new term, from `starts_at` on, belongs to.

    A term that has not begun by `now` was never licensed and is simply replaced. A term that the new one
    touches or overlaps is continued. After a gap a new run begins, but not in the future for an environment
    that is licensed today: that would take its license away until then.
    """
    if previous is None or previous.unbroken_since > now:
        return starts_at
    continues = previous.ends_at is None or starts_at <= previous.ends_at
    if continues or (starts_at > now and previous.delivers(now)):
        return min(previous.unbroken_since, starts_at)
    return starts_at
