"""Revocations: read from licenses, registrations, suspensions and keys; there are no rows of their own."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from store.rules.revocations import LISTED_AFTER_EXPIRY, Reason, Revocation
from store.tables import licenses, registrations, signing_keys, suspensions

_Found = Select[tuple[str, datetime, str]]


def revocations(connection: Connection, now: datetime) -> Iterator[Revocation]:
    """Every revocation at `now`, by `jti`, each with the first thing that ended its license; one read.

    Of environments that were released or moved, every license; of a suspended subscription, too. After a suspension
    those remain that were made anew; of a compromised key all that it signed. A license whose grace ended more than
    a day ago is left out. That a newer license replaced one is no revocation.
    """
    for jti, found in groupby(connection.execute(_query(now)), key=itemgetter(0)):
        _, at, reason = next(iter(found))
        yield Revocation(jti, Reason(reason), at)


def _query(now: datetime) -> Select[Any]:
    lasting = or_(licenses.c.expires_at.is_(None), licenses.c.expires_at > now - LISTED_AFTER_EXPIRY)
    arms = [each.where(lasting) for each in (_ended(), _suspended(), _compromised())]
    every: CompoundSelect[Any] = union_all(*arms)
    found = every.subquery()
    return select(found.c.jti, found.c.at, found.c.reason).order_by(found.c.jti, found.c.at, found.c.reason)


def _ended() -> _Found:
    """Licenses of registrations that ended."""
    successor = registrations.alias("successor")
    # A serial number that was only reserved for a change was registered before, and never took the place.
    took_place = and_(
        successor.c.replaces_id == registrations.c.id,
        successor.c.registered_at >= registrations.c.ended_at,
    )
    return (
        select(
            licenses.c.jti,
            registrations.c.ended_at.label("at"),
            case((successor.c.id.is_not(None), _said(Reason.MOVED)), else_=_said(Reason.RELEASED)).label(
                "reason"
            ),
        )
        .select_from(registrations)
        .join(licenses, licenses.c.registration_id == registrations.c.id)
        .outerjoin(successor, took_place)
        .where(registrations.c.state == literal_column("'ended'"))
    )


def _suspended() -> _Found:
    """Licenses of suspended subscriptions, and those that were made anew after a suspension."""
    newer = licenses.alias("newer")
    made_anew = exists().where(
        newer.c.registration_id == licenses.c.registration_id, newer.c.id > suspensions.c.licenses_to
    )
    left_behind = and_(licenses.c.id <= suspensions.c.licenses_to, made_anew)
    return (
        select(licenses.c.jti, suspensions.c.begun_at.label("at"), _said(Reason.SUSPENDED).label("reason"))
        .select_from(suspensions)
        .join(registrations, registrations.c.infrastructure_id == suspensions.c.infrastructure_id)
        .join(licenses, licenses.c.registration_id == registrations.c.id)
        .where(or_(suspensions.c.ended_at.is_(None), left_behind))
    )


def _compromised() -> _Found:
    """Licenses that a compromised key signed: nobody can tell them from forged ones."""
    since = func.coalesce(signing_keys.c.compromised_at, signing_keys.c.retired_at)
    return (
        select(licenses.c.jti, since.label("at"), _said(Reason.COMPROMISED).label("reason"))
        .select_from(signing_keys)
        .join(licenses, licenses.c.key_id == signing_keys.c.id)
        .where(signing_keys.c.state == literal_column("'compromised'"))
    )


def _said(reason: Reason) -> ColumnElement[str]:
    return literal_column(f"'{reason}'")
