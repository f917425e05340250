"""Stand-ins: somebody decides for a contact from one day to another; deciding is all that they may do."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, select

from store import infrastructures, people, stand_in_rows
from store.addressing import ask_newcomers
from store.database import AnySelect
from store.desk import Act, Desk, intention
from store.entitlement import names_of, seen_by_actor
from store.escalation import ITSELF
from store.infrastructures import Infrastructure
from store.people import Person
from store.request_views import PENDING
from store.role_changes import admins_of, require_holdable
from store.role_rows import Scope
from store.rules.people_errors import (
    MOST_STAND_IN_DAYS,
    ContactNotChosen,
    OwnStandIn,
    StandInBackwards,
    StandInOver,
    StandInTooLong,
)
from store.rules.request_states import RequestKind
from store.rules.rights import ADMINS
from store.rules.seeing_errors import NoRight
from store.stand_in_rows import StandIn
from store.tables import asked, persons, request_items, requests, stand_ins
from store.telling import tell


@intention
def name_stand_in(
    act: Act, infrastructure_id: int, contact_id: int, person_id: int, first: date, last: date
) -> StandIn:
    """Let somebody decide for a contact from the first day to the end of the last, in the contact's time zone.

    The contact names one, or an admin does; naming the same person again sets the days anew. Raises
    `NotAssociated`, `NoRight`, `ContactNotChosen`, `OwnStandIn`, `CannotHoldRole`, `StandInBackwards`,
    `StandInOver` and `StandInTooLong`.
    """
    infrastructure = _where_allowed(act, infrastructure_id, contact_id)
    if not stand_in_rows.is_contact(act.connection, contact_id, infrastructure_id):
        raise ContactNotChosen
    if contact_id == person_id:
        raise OwnStandIn
    require_holdable(people.get(act.connection, person_id))
    starts_at, ends_at = _moments(act, people.get(act.connection, contact_id), first, last)
    stand_in_rows.end(
        act,
        stand_ins.c.infrastructure_id == infrastructure_id,
        stand_ins.c.contact_id == contact_id,
        stand_ins.c.person_id == person_id,
    )
    made = stand_in_rows.add(act, infrastructure_id, contact_id, person_id, starts_at, ends_at)
    ask_newcomers(act, [Scope(infrastructure.company_id, infrastructure_id)])
    facts = _facts(act, made)
    days = {"starts_at": facts["starts_at"], "ends_at": facts["ends_at"]}
    act.record("name_stand_in", f"person {contact_id}", infrastructure_id, stand_in=person_id, **days)
    tell(act, "stand_in_named", _told(act, infrastructure, made), f"stand-in:{made.id}", **facts)
    return made


@intention
def end_stand_in(act: Act, stand_in_id: int) -> StandIn | None:
    """End a stand-in before the time: the contact does, an admin, or who stands in; None when it was over.

    Raises `NotAssociated` and `NoRight`.
    """
    found = stand_in_rows.find(act.connection, stand_in_id, act.now)
    if found is None:
        return None
    if act.actor.person_id == found.person.id:
        infrastructure = infrastructures.get(act.connection, found.infrastructure_id)
    else:
        infrastructure = _where_allowed(act, found.infrastructure_id, found.contact.id)
    if not stand_in_rows.end(act, stand_ins.c.id == stand_in_id):
        return None
    act.record(
        "end_stand_in", f"person {found.contact.id}", found.infrastructure_id, stand_in=found.person.id
    )
    told = _told(act, infrastructure, found)
    tell(act, "stand_in_ended", told, f"stand-in-ended:{stand_in_id}", **_facts(act, found))
    return found


def begin_due(desk: Desk, limit: int = 100) -> int:
    """Put what waits to stand-ins whose time has begun since it was asked; count the infrastructures.

    Called by the schedule. Nothing is remembered: whoever was asked, or skipped, is not asked again.
    """
    with desk.database.read() as connection:
        due = connection.execute(_begun(desk.clock()).limit(limit)).scalars().all()
    return sum(_begin(desk, ITSELF, infrastructure_id) for infrastructure_id in due)


def _begun(now: datetime) -> AnySelect:
    known = exists().where(asked.c.request_id == requests.c.id, asked.c.person_id == stand_ins.c.person_id)
    waits = exists().where(request_items.c.request_id == requests.c.id, PENDING)
    wanted = and_(
        requests.c.infrastructure_id == stand_ins.c.infrastructure_id,
        requests.c.kind != RequestKind.RELEASE,
        requests.c.requester_id != stand_ins.c.person_id,
        requests.c.step.is_not(None),
    )
    return (
        select(stand_ins.c.infrastructure_id)
        .join(
            persons,
            and_(persons.c.id == stand_ins.c.person_id, persons.c.active, persons.c.slack_id.is_not(None)),
        )
        .join(requests, wanted)
        .where(stand_ins.c.starts_at <= now, stand_ins.c.ends_at > now, waits, ~known)
        .distinct()
    )


@intention
def _begin(act: Act, infrastructure_id: int) -> int:
    company_id = infrastructures.get(act.connection, infrastructure_id).company_id
    return ask_newcomers(act, [Scope(company_id, infrastructure_id)])


def _where_allowed(act: Act, infrastructure_id: int, contact_id: int) -> Infrastructure:
    seen = seen_by_actor(act, infrastructure_id)
    if act.actor.person_id != contact_id and not seen.rights.roles & ADMINS:
        who_may = names_of(act, infrastructure_id, ADMINS)
        raise NoRight(infrastructure_id, f"person {contact_id}", "stand_in", who_may)
    return seen.infrastructure


def _moments(act: Act, contact: Person, first: date, last: date) -> tuple[datetime, datetime]:
    """The first moment of the first day and the first one after the last, where the contact is."""
    zone = ZoneInfo(contact.zone)
    days = (last - first).days + 1
    if days < 1:
        raise StandInBackwards
    if days > MOST_STAND_IN_DAYS:
        raise StandInTooLong(days)
    if last < act.now.astimezone(zone).date():
        raise StandInOver
    starts_at = datetime.combine(first, time(), zone)
    ends_at = datetime.combine(last + timedelta(days=1), time(), zone)
    return starts_at.astimezone(UTC), ends_at.astimezone(UTC)


def _told(act: Act, infrastructure: Infrastructure, stand_in: StandIn) -> set[int]:
    """The two whom it concerns and the admins; never the actor."""
    admins = admins_of(act.connection, Scope(infrastructure.company_id, infrastructure.id))
    everybody = {each.id for each in [*admins, stand_in.contact, stand_in.person]}
    return everybody - {act.actor.person_id or 0}


def _facts(act: Act, stand_in: StandIn) -> dict[str, Any]:
    return {
        "actor_id": act.actor.person_id,
        "infrastructure_id": stand_in.infrastructure_id,
        "contact_id": stand_in.contact.id,
        "stand_in_id": stand_in.person.id,
        "starts_at": stand_in.starts_at.isoformat(),
        "ends_at": stand_in.ends_at.isoformat(),
    }
