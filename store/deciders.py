"""Who may decide a request, as one condition for queries over many of them.

The rule itself is `store.rules.rights.may_decide`; a single decision asks that one.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_

from store import people
from store.rules.request_states import RequestKind
from store.rules.rights import ADMINS, CONTACTS, RoleName, Step
from store.tables import asked, infrastructures, persons, requests, roles, stand_ins

PersonId = int | ColumnElement[int]


def decides(person: PersonId, now: datetime) -> ColumnElement[bool]:
    """Whether somebody may decide the query's row of `requests`, joined with its row of `infrastructures`."""
    by_right = and_(
        requests.c.kind != RequestKind.RELEASE,
        or_(holds(person, CONTACTS | ADMINS), _stands_in(person, now)),
    )
    return and_(requests.c.requester_id != person, _is_welcome(person), or_(by_right, _as_operator(person)))


def holds(person: PersonId, names: Collection[RoleName]) -> ColumnElement[bool]:
    """Whether somebody has one of these roles, active, over the query's row of `infrastructures`."""
    scope = or_(
        roles.c.infrastructure_id == infrastructures.c.id,
        and_(roles.c.infrastructure_id.is_(None), roles.c.company_id == infrastructures.c.company_id),
        and_(roles.c.infrastructure_id.is_(None), roles.c.company_id.is_(None)),
    )
    return exists().where(
        roles.c.person_id == person,
        roles.c.role.in_([str(name) for name in names]),
        roles.c.state == "active",
        roles.c.held_until.is_(None),
        scope,
    )


def _is_welcome(person: PersonId) -> ColumnElement[bool]:
    return exists().where(persons.c.id == person, people.is_welcome())


def _stands_in(person: PersonId, now: datetime) -> ColumnElement[bool]:
    contact = exists().where(
        roles.c.person_id == stand_ins.c.contact_id,
        roles.c.infrastructure_id == stand_ins.c.infrastructure_id,
        roles.c.role.in_([str(name) for name in CONTACTS]),
        roles.c.state == "active",
        roles.c.held_until.is_(None),
    )
    return exists().where(
        stand_ins.c.person_id == person,
        stand_ins.c.infrastructure_id == infrastructures.c.id,
        stand_ins.c.starts_at <= now,
        stand_ins.c.ends_at > now,
        contact,
    )


def _as_operator(person: PersonId) -> ColumnElement[bool]:
    # A second name for the table, since the query around this may be about those asked as well.
    put = asked.alias("put")
    reached = exists().where(put.c.request_id == requests.c.id, put.c.step == Step.OPERATORS, put.c.reached)
    return and_(reached, holds(person, {RoleName.OPERATOR}))
