"""Roles as rows: who holds which, reading and writing one at a time, each under the lock of its company.

Everything that gives or takes roles in Slack holds the company first, and people with their roles after it.
Otherwise two admins who remove each other at the same moment would each still see the other, and the company would
be left without one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from store import people
from store.database import AnyRow, AnySelect, violated
from store.desk import Act
from store.people import Person
from store.rules.errors import Named
from store.rules.people_errors import LastCompanyAdmin, RoleNotHeld
from store.rules.rights import HeldRole, Rights, RoleName
from store.rules.role_rules import COMPANY_WIDE
from store.tables import companies, infrastructures, persons, roles


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a role is held: a whole company, one infrastructure of it, or (without a company) everywhere."""

    company_id: int | None
    infrastructure_id: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds. `company_id` is that of its infrastructure too; a resting role gives no right."""

    id: int
    role: RoleName
    person: Person
    company_id: int | None
    company_name: str | None
    infrastructure_id: int | None
    infrastructure_name: str | None
    active: bool

    @property
    def scope(self) -> Scope:
        """Where it is held."""
        return Scope(self.company_id, self.infrastructure_id)

    @property
    def counts(self) -> bool:
        """Whether it gives rights now."""
        return self.active and self.person.welcome


def scope_of(role: RoleName, company_id: int, infrastructure_id: int) -> Scope:
    """Where a role set in an infrastructure is held: there, or in its whole company."""
    return Scope(company_id, None if role in COMPANY_WIDE else infrastructure_id)


def over(connection: Connection, company_id: int, infrastructure_id: int) -> list[Held]:
    """Every role in an infrastructure and in its company, ordered by the holders' names; operators are left out."""
    in_company = and_(roles.c.infrastructure_id.is_(None), roles.c.company_id == company_id)
    return _read(connection, _HELD.where(or_(roles.c.infrastructure_id == infrastructure_id, in_company)))


def of_person(connection: Connection, person_id: int) -> list[Held]:
    """Every role that somebody holds, active or resting, ordered by where."""
    return _read(connection, _HELD.where(roles.c.person_id == person_id))


def of_ids(connection: Connection, role_ids: Collection[int]) -> list[Held]:
    """These roles, as far as they are still held."""
    return _read(connection, _HELD.where(roles.c.id.in_(role_ids))) if role_ids else []


def in_scope(connection: Connection, role: RoleName, scope: Scope) -> list[Held]:
    """Who holds one role exactly there."""
    found = _HELD.where(roles.c.role == str(role))
    if scope.infrastructure_id is None:
        return _read(
            connection,
            found.where(roles.c.infrastructure_id.is_(None), roles.c.company_id == scope.company_id),
        )
    return _read(connection, found.where(roles.c.infrastructure_id == scope.infrastructure_id))


def names(
    connection: Connection, company_id: int | None, infrastructure_id: int | None
) -> tuple[str | None, str | None]:
    """The names of an infrastructure and of a company, as far as they are given."""
    infrastructure = select(infrastructures.c.name).where(infrastructures.c.id == infrastructure_id)
    company = select(companies.c.name).where(companies.c.id == company_id)
    return (
        connection.execute(infrastructure).scalar_one_or_none(),
        connection.execute(company).scalar_one_or_none(),
    )


def hold_companies(act: Act, company_ids: Iterable[int | None]) -> None:
    """Let nobody else change roles of these companies until the act ends. On SQLite nobody else writes anyway."""
    wanted = sorted({each for each in company_ids if each is not None})
    query = select(companies.c.id).where(companies.c.id.in_(wanted)).order_by(companies.c.id)
    act.connection.execute(query.with_for_update(key_share=True)).all()


def hold_company_of(act: Act, infrastructure_id: int) -> None:
    """The same for the company of an infrastructure, if there is one of that id."""
    query = select(infrastructures.c.company_id).where(infrastructures.c.id == infrastructure_id)
    hold_companies(act, [act.connection.execute(query).scalar_one_or_none()])


def rights_over(held: Iterable[HeldRole], scope: Scope) -> Rights:
    """What active roles allow in a scope; over a whole company only roles that are not of one infrastructure."""
    return Rights(frozenset(each.role for each in held if each.active and _covers(each, scope)))


def give(act: Act, role: RoleName, scope: Scope, person_id: int) -> int:
    """Write that somebody holds a role from now on, set by the actor; give its id. The old one was ended before.

    Raises `RoleNotHeld` when an import, which holds no company, gave it in the meantime.
    """
    values = {
        "person_id": person_id,
        "role": str(role),
        "company_id": None if scope.infrastructure_id else scope.company_id,
        "infrastructure_id": scope.infrastructure_id,
        "state": "active",
        "held_from": act.now,
        "set_by": act.actor.person_id,
    }
    try:
        with act.connection.begin_nested():
            written = insert(roles).values(values).returning(roles.c.id)
            return int(act.connection.execute(written).scalar_one())
    except IntegrityError as error:
        if violated(error, "uq_roles_held") or violated(error, *_SINGLE):
            raise RoleNotHeld(None) from None
        raise


def end(act: Act, held: Held) -> bool:
    """Write that somebody holds a role no longer; tell whether they held it until now."""
    still = (roles.c.id == held.id, roles.c.held_until.is_(None))
    return act.connection.execute(update(roles).where(*still).values(held_until=act.now)).rowcount == 1


def wake(act: Act, held: Held) -> bool:
    """Let a resting role count again; tell whether it rested until now."""
    resting = (roles.c.id == held.id, roles.c.held_until.is_(None), roles.c.state == "resting")
    return act.connection.execute(update(roles).where(*resting).values(state="active")).rowcount == 1


def require_company_admin(act: Act, ended: Held, infrastructure_id: int | None) -> None:
    """Raise `LastCompanyAdmin` when ending that role left its company without an active admin."""
    if ended.role is not RoleName.COMPANY_ADMIN or ended.company_id is None or not ended.counts:
        return
    left = in_scope(act.connection, RoleName.COMPANY_ADMIN, ended.scope)
    if not any(each.counts for each in left):
        company = Named(ended.company_id, ended.company_name or "")
        raise LastCompanyAdmin(infrastructure_id, company, Named(ended.person.id, ended.person.name))


_SINGLE = ("uq_roles_single_contact", "roles.infrastructure_id", "roles.role")

_HELD: AnySelect = (
    select(
        *people.PERSON,
        roles.c.id.label("role_id"),
        roles.c.role,
        roles.c.state,
        companies.c.id.label("of_company_id"),
        companies.c.name.label("of_company_name"),
        roles.c.infrastructure_id,
        infrastructures.c.name.label("infrastructure_name"),
    )
    .select_from(
        roles.join(persons, persons.c.id == roles.c.person_id)
        .outerjoin(infrastructures, infrastructures.c.id == roles.c.infrastructure_id)
        # With an OR of both instead, a database would look at every company for each role.
        .outerjoin(
            companies, companies.c.id == func.coalesce(roles.c.company_id, infrastructures.c.company_id)
        )
    )
    .where(roles.c.held_until.is_(None))
)


def _read(connection: Connection, query: AnySelect) -> list[Held]:
    ordered = query.order_by(persons.c.name, persons.c.id, infrastructures.c.name, roles.c.id)
    return [_held(row) for row in connection.execute(ordered)]


def _held(row: AnyRow) -> Held:
    return Held(
        row.role_id,
        RoleName(row.role),
        people.person_of(row),
        row.of_company_id,
        row.of_company_name,
        row.infrastructure_id,
        row.infrastructure_name,
        row.state == "active",
    )


def _covers(held: HeldRole, scope: Scope) -> bool:
    if held.infrastructure_id is not None:
        return held.infrastructure_id == scope.infrastructure_id
    return held.company_id is None or held.company_id == scope.company_id
