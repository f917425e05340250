"""What is unusual about a request, for those who decide it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from store.rules.environments import EnvironmentType

RECENT = timedelta(days=30)


class UnusualKind(StrEnum):
    """The things that a card points out."""

    FIRST_REQUEST = "first_request"
    PRODUCTION = "production"
    SERIAL_CHANGED = "serial_changed"


@dataclass(frozen=True, slots=True)
class Unusual:
    """One unusual thing. `names` are the environments it is about, `at` when the latest of them changed."""

    kind: UnusualKind
    names: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at in one environment; `serial_changed_at` is absent where the serial never changed."""

    name: str
    environment_type: EnvironmentType
    serial_changed_at: datetime | None


def unusual(
    environments: Collection[Looked], *, first_request: bool, asked_at: datetime
) -> tuple[Unusual, ...]:
    """Point out a person's first request, production, and serials changed within 30 days of asking."""
    found = [Unusual(UnusualKind.FIRST_REQUEST)] if first_request else []
    production = [each for each in environments if each.environment_type is EnvironmentType.PRODUCTION]
    if production:
        found.append(Unusual(UnusualKind.PRODUCTION, _names(production)))
    return (*found, *_changed(environments, asked_at))


def _changed(environments: Collection[Looked], asked_at: datetime) -> tuple[Unusual, ...]:
    moments = {
        each: each.serial_changed_at
        for each in environments
        if each.serial_changed_at and each.serial_changed_at > asked_at - RECENT
    }
    if not moments:
        return ()
    return (Unusual(UnusualKind.SERIAL_CHANGED, _names(moments), max(moments.values())),)


def _names(environments: Collection[Looked]) -> tuple[str, ...]:
    return tuple(each.name for each in environments)
