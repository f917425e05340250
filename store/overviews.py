"""Infrastructures with their slots counted, as the list of slots shows them: one read, with nothing else in it."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from store.database import AnySelect
from store.gathered import gathered
from store.held_files import HELD
from store.infrastructures import BY_NAME, AccountManager, is_called
from store.prepared import Prepared
from store.rules.environments import EnvironmentType
from store.rules.rights import HeldRole
from store.slots import OPEN, Capacity
from store.tables import companies, infrastructures, registrations, roles, slots

Facts = list[Any]
"""The columns of `_SHOWN`, and a list of type, total and taken for each type."""


class Overview(NamedTuple):
    """An infrastructure with total and taken slots by type."""

    id: int
    name: str
    is_cloud: bool
    files_held: bool
    company_id: int
    company_name: str
    account_manager: AccountManager
    counts: tuple[Capacity, ...]


def overviews(
    connection: Connection, person_id: int, held: Collection[HeldRole], *, limit: int, named: str = ""
) -> list[Overview]:
    """The first `limit` infrastructures that an active person with the roles `held` sees, by company and name.

    `named` gives those whose name or company's name has this text in it.
    """
    active = [each for each in held if each.active]
    if not active:
        return []
    everywhere = any(each.everywhere for each in active)
    values = {"person": person_id, "most": limit}
    if named:
        found = connection.execute(_named(named, everywhere=everywhere), values).scalar_one()
    else:
        found = (EVERYWHERE if everywhere else OF_ROLES).only(connection, **values)
    return [_overview(facts) for facts in found]


_SHOWN: Final = select(
    infrastructures.c.id,
    infrastructures.c.company_id,
    infrastructures.c.name,
    infrastructures.c.hosting,
    infrastructures.c.files,
    companies.c.name.label("company_name"),
    companies.c.account_manager_name,
    companies.c.account_manager_email,
).join(companies, companies.c.id == infrastructures.c.company_id)
_TYPES: Final = tuple(EnvironmentType)
_MOST: Final = bindparam("most", type_=BigInteger)


def _named(named: str, *, everywhere: bool) -> Select[tuple[list[Facts]]]:
    return _first(is_called(named), everywhere=everywhere)


def _first(*conditions: ColumnElement[bool], everywhere: bool) -> Select[tuple[list[Facts]]]:
    """The first infrastructures in the scope that are so, by company and name."""
    if everywhere:
        order = (companies.c.name, infrastructures.c.name)
        return _gathered(_SHOWN.where(*conditions).order_by(*order).limit(_MOST))
    return _gathered(_SHOWN.where(_in_scope(), *conditions).order_by(*BY_NAME).limit(_MOST))


def _in_scope() -> ColumnElement[bool]:
    """Whether an active role of the person covers the infrastructure, looked up by index from the roles on.

    Joining the roles with an OR instead would look at every infrastructure there is.
    """
    holds = and_(
        roles.c.person_id == bindparam("person"),
        roles.c.held_until.is_(None),
        roles.c.state == literal_column("'active'"),
    )
    of_company = infrastructures.alias()
    return infrastructures.c.id.in_(
        union_all(
            select(roles.c.infrastructure_id).where(holds, roles.c.infrastructure_id.is_not(None)),
            select(of_company.c.id)
            .join(roles, roles.c.company_id == of_company.c.company_id)
            .where(holds, roles.c.infrastructure_id.is_(None)),
        )
    )


def _gathered(query: AnySelect) -> Select[tuple[list[Facts]]]:
    """The rows of `query`, each with its slots counted by type, as one value."""
    shown = query.subquery("shown")
    counted = (
        select(
            slots.c.environment_type,
            func.count(slots.c.id).label("total"),
            func.count(registrations.c.id).label("taken"),
        )
        .select_from(slots.outerjoin(registrations, and_(registrations.c.slot_id == slots.c.id, OPEN)))
        .where(slots.c.infrastructure_id == shown.c.id, slots.c.removed_at.is_(None))
        .group_by(slots.c.environment_type)
        .correlate(shown)
        .subquery("counted")
    )
    counts = select(gathered(*counted.c)).correlate(shown).scalar_subquery()
    return select(gathered(*shown.c, counts))


def _overview(facts: Facts) -> Overview:
    infrastructure_id, company_id, name, hosting, files, company_name, manager, address, counts = facts
    by_type = {each: (total, taken) for each, total, taken in counts}
    return Overview(
        infrastructure_id,
        name,
        hosting == "cloud",
        files == HELD,
        company_id,
        company_name,
        AccountManager(manager, address),
        tuple([Capacity(each, *by_type[each]) for each in _TYPES if each in by_type]),
    )


# Built once: it is the most frequent answer, and building a statement takes longer than running it.
EVERYWHERE: Final = Prepared(_first(everywhere=True))
OF_ROLES: Final = Prepared(_first(everywhere=False))
