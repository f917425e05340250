"""Suspensions of subscriptions: from when to when, and which licenses were made before each.

A subscription knows only whether it is suspended now; a revocation list tells also what a suspension that has ended
left behind.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, insert, literal, select, update

from store.tables import subscriptions, suspensions

_OPEN = suspensions.c.ended_at.is_(None)
_SUSPENDED = subscriptions.c.state == "suspended"
_SAME = subscriptions.c.infrastructure_id == suspensions.c.infrastructure_id


def note(connection: Connection, now: datetime, infrastructure_ids: Collection[int] | None = None) -> None:
    """Begin and end suspensions as the subscriptions say, of some infrastructures or of all.

    Whoever changes the state of a subscription calls this in the same transaction; an import may change many.
    """
    own = None if infrastructure_ids is None else list(infrastructure_ids)
    begun = select(subscriptions.c.infrastructure_id, literal(now, suspensions.c.begun_at.type))
    row = begun.where(*_began(own))
    connection.execute(insert(suspensions).from_select(["infrastructure_id", "begun_at"], row))
    # Absent where it was ended without that licenses are made anew, as an import does.
    replaced = select(subscriptions.c.licenses_after).where(_SAME).scalar_subquery()
    ended = update(suspensions).where(*_ended(own))
    connection.execute(ended.values(ended_at=now, licenses_to=replaced))


def unnoted(connection: Connection) -> bool:
    """Whether a subscription was suspended or reinstated and nobody called `note`, as an older program would."""
    begun = select(subscriptions.c.id).where(*_began(None)).limit(1)
    ended = select(suspensions.c.id).where(*_ended(None)).limit(1)
    return bool(connection.execute(begun).first() or connection.execute(ended).first())


def _began(own: Sequence[int] | None) -> list[ColumnElement[bool]]:
    """Subscriptions whose suspension is not noted."""
    noted = exists(select(suspensions.c.id).where(_SAME, _OPEN))
    among = [] if own is None else [subscriptions.c.infrastructure_id.in_(own)]
    return [_SUSPENDED, ~noted, *among]


def _ended(own: Sequence[int] | None) -> list[ColumnElement[bool]]:
    """Suspensions whose subscription is suspended no more."""
    lasts = exists(select(subscriptions.c.id).where(_SAME, _SUSPENDED))
    among = [] if own is None else [suspensions.c.infrastructure_id.in_(own)]
    return [_OPEN, ~lasts, *among]
