"""Renewals: a subscription gets its next term, and every license of it is made anew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from store import awaited_files, infrastructures, reissuing, slot_counts, slots
from store.desk import Act, intention
from store.infrastructures import Infrastructure
from store.rules.registration_errors import CloudNeedsNothing, NoSubscription
from store.rules.renewing import Renewal, renewed
from store.rules.subscription_errors import RenewalTooSmall
from store.rules.terms import Term
from store.rules.versions import parse_version, within
from store.slots import Environment
from store.subscriptions import operated_by
from store.tables import registrations, subscriptions


@dataclass(frozen=True, slots=True)
class Renewed:
    """A renewed infrastructure, and the re-issue that replaces its licenses, if there is any to replace."""

    infrastructure: Infrastructure
    reissue_id: int | None


@intention
def renew(act: Act, infrastructure_id: int, renewal: Renewal) -> Renewed:
    """Give a subscription its next term, and begin to replace its licenses; what it entitles to holds at once.

    The same renewal again changes nothing, and goes on with what was not replaced yet. Of a suspended
    subscription nothing is replaced before it is reinstated.
    Raises `NoRight`, `NoSubscription`, `RenewalEndsTooEarly`, `RenewalTooSmall`, and `CloudNeedsNothing` for
    slots of an infrastructure that has none.
    """
    operated = operated_by(act, infrastructure_id, "renew")
    term = check(act.connection, operated.infrastructure, renewal, act.now)
    slot_counts.adjust(act, infrastructure_id, renewal.slots)
    _write(act, operated.infrastructure, renewal, term)
    infrastructure = infrastructures.get(act.connection, infrastructure_id)
    if infrastructure.term != operated.infrastructure.term:
        awaited_files.tell_of_renewal(act, infrastructure)
    return Renewed(infrastructure, reissuing.begin(act, infrastructure, "renewal"))


def check(connection: Connection, infrastructure: Infrastructure, renewal: Renewal, now: datetime) -> Term:
    """Return the term after a renewal. Raises what `renew` raises but `NoRight`, and changes nothing."""
    if infrastructure.term is None:
        raise NoSubscription(infrastructure.id, infrastructure.name)
    if infrastructure.is_cloud and any(renewal.slots.values()):
        raise CloudNeedsNothing(infrastructure.id, infrastructure.name)
    term = renewed(infrastructure.term, renewal, now)
    highest = str(renewal.values.get("highest_version") or infrastructure.highest_version)
    beyond = _beyond(connection, infrastructure.id, highest)
    there = slots.of_infrastructure(connection, infrastructure.id) if renewal.slots or beyond else []
    too_few, above = slot_counts.too_few(there, renewal.slots), _above(there, beyond)
    if too_few or above:
        raise RenewalTooSmall(infrastructure.id, infrastructure.name, too_few, highest, above)
    return term


def _beyond(connection: Connection, infrastructure_id: int, highest: str) -> frozenset[str]:
    """Declared versions that the renewal does not cover; many environments share a few versions."""
    here = (registrations.c.infrastructure_id == infrastructure_id, registrations.c.state == "open")
    declared = connection.execute(select(registrations.c.platform_version).where(*here).distinct()).scalars()
    return frozenset(each for each in declared if not within(parse_version(each), highest))


def _above(there: list[Environment], beyond: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Environments with such a version, by name and version."""
    declared = [
        (each.slot_name, each.registration.platform_version)
        for each in there
        if each.registration is not None
    ]
    return tuple((name, version) for name, version in declared if version in beyond)


def _write(act: Act, infrastructure: Infrastructure, renewal: Renewal, term: Term) -> None:
    values = {
        **renewal.values,
        "starts_at": term.starts_at,
        "ends_at": term.ends_at,
        "unbroken_since": term.unbroken_since,
        "grace_days": term.grace_days,
    }
    present = {**_present(infrastructure), **_term_values(infrastructure.term)}
    changed = {name: value for name, value in values.items() if present.get(name) != value}
    if not changed:
        return
    own = subscriptions.c.infrastructure_id == infrastructure.id
    act.connection.execute(update(subscriptions).where(own).values(changed))
    facts = {name: _plain(value) for name, value in changed.items()}
    act.record("renew_subscription", "subscription", infrastructure.id, **facts)


def _present(infrastructure: Infrastructure) -> dict[str, object]:
    names = ("edition", "features", "limits", "highest_version")
    return {name: getattr(infrastructure, name) for name in names}


def _term_values(term: Term | None) -> dict[str, object]:
    names = ("starts_at", "ends_at", "unbroken_since", "grace_days")
    return {name: getattr(term, name, None) for name in names}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
