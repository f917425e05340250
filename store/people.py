"""People, the roles that they hold, and the reading of both."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, and_, bindparam, or_, select

from store.database import AnyRow, AnySelect
from store.gathered import gathered
from store.prepared import Prepared
from store.rules.rights import CONTACTS, HeldRole, Rights, RoleName
from store.tables import UtcDateTime, infrastructures, persons, roles, stand_ins


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a workspace. `slack_id` is absent until linked, `company_id` is what the import linked.

    `paused_until`: refused too often, and not answered until then.
    """

    id: int
    workspace_id: str
    slack_id: str | None
    email: str | None
    name: str
    zone: str
    active: bool
    guest: bool
    company_id: int | None
    slack_id_imported: bool
    checked_at: datetime | None
    paused_until: datetime | None

    @property
    def welcome(self) -> bool:
        """Whether they may use the desk at all: active, and no guest but one whose Slack id was imported."""
        return self.active and (self.slack_id_imported or not self.guest)

    @property
    def mailable(self) -> bool:
        """Whether they are not in Slack, have an e-mail address, and may use the desk."""
        return self.slack_id is None and self.email is not None and self.welcome

    @property
    def reachable(self) -> bool:
        """Whether a message can be sent to them in Slack, by what the database knows."""
        return self.active and self.slack_id is not None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a role; a resting role gives no right."""

    person: Person
    role: RoleName
    active: bool


_PERSON = bindparam("person", type_=Integer())
_INFRASTRUCTURE = bindparam("infrastructure", type_=Integer())
PERSON = [persons.c[name] for name in Person.__slots__]


def person_of(row: AnyRow) -> Person:
    """Make a person of a row that begins with the columns `PERSON`."""
    return Person(*tuple(row)[: len(PERSON)])


def hold(connection: Connection, person_id: int) -> None:
    """Keep what somebody may do as it is until the transaction ends, and wait for who is changing it.

    Otherwise a role could be taken away between the look at it and what it allows. On SQLite the whole
    transaction holds the write lock already.
    """
    held = roles.c.held_until.is_(None)
    for query in (
        select(persons.c.id).where(persons.c.id == person_id),
        select(roles.c.id).where(roles.c.person_id == person_id, held).order_by(roles.c.id),
    ):
        connection.execute(query.with_for_update(read=True)).all()


def is_welcome() -> ColumnElement[bool]:
    """`Person.welcome` within a query."""
    return and_(persons.c.active, or_(persons.c.slack_id_imported, ~persons.c.guest))


def find(connection: Connection, workspace_id: str, slack_id: str) -> Person | None:
    """The person of that workspace and Slack id, or `None` for somebody never seen."""
    query = select(*PERSON).where(persons.c.workspace_id == workspace_id, persons.c.slack_id == slack_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else person_of(row)


def find_with_roles(
    connection: Connection, workspace_id: str, slack_id: str
) -> tuple[Person, tuple[HeldRole, ...]] | None:
    """The same with every role that they hold now, in one query."""
    row = WITH_ROLES.row(connection, workspace=workspace_id, slack=slack_id)
    if row is None:
        return None
    *person, held = row
    return Person(*person), tuple([_held(*each) for each in held])


def find_by_email(connection: Connection, email: str) -> Person | None:
    """The person of that e-mail address, in whatever case it is written."""
    row = connection.execute(select(*PERSON).where(persons.c.email == email.lower())).one_or_none()
    return None if row is None else person_of(row)


def get(connection: Connection, person_id: int) -> Person:
    """The person of that id; it exists, because other rows refer to it."""
    return person_of(connection.execute(select(*PERSON).where(persons.c.id == person_id)).one())


def get_to_change(connection: Connection, person_id: int) -> Person:
    """The same, held until the transaction ends, so that nobody else changes what it says meanwhile."""
    query = select(*PERSON).where(persons.c.id == person_id).with_for_update(key_share=True)
    return person_of(connection.execute(query).one())


def get_many(connection: Connection, person_ids: Collection[int]) -> dict[int, Person]:
    """Several people by id."""
    if not person_ids:
        return {}
    rows = connection.execute(select(*PERSON).where(persons.c.id.in_(set(person_ids))))
    return {row.id: person_of(row) for row in rows}


def held_roles(connection: Connection, person_id: int) -> tuple[HeldRole, ...]:
    """Every role that a person holds now, active or resting."""
    query = select(roles.c.role, roles.c.company_id, roles.c.infrastructure_id, roles.c.state).where(
        roles.c.person_id == person_id, roles.c.held_until.is_(None)
    )
    return tuple(_held(*row) for row in connection.execute(query))


def holders(connection: Connection, infrastructure_id: int, role_names: Collection[RoleName]) -> list[Holder]:
    """Who holds one of these roles over an infrastructure, ordered by name; resting ones are included."""
    query = (
        _holding(role_names)
        .join(infrastructures, infrastructures.c.id == infrastructure_id)
        .where(_covers_infrastructure())
    )
    return [_holder(row) for row in connection.execute(query)]


def company_admins(connection: Connection, company_id: int) -> list[Person]:
    """The active admins of a company, ordered by name."""
    query = _holding({RoleName.COMPANY_ADMIN}).where(roles.c.company_id == company_id)
    found = [_holder(row) for row in connection.execute(query)]
    return [each.person for each in found if each.active and each.person.active]


def operators(connection: Connection) -> list[Person]:
    """The active operators, ordered by name."""
    # An operator's role is held over everything; saying so finds the few that are by an index of their own.
    everywhere = and_(roles.c.company_id.is_(None), roles.c.infrastructure_id.is_(None))
    query = _holding({RoleName.OPERATOR}).where(everywhere)
    found = [_holder(row) for row in connection.execute(query)]
    return [each.person for each in found if each.active and each.person.active]


def rights_in(connection: Connection, person_id: int, infrastructure_id: int) -> Rights:
    """What somebody may do in one infrastructure at this moment; nothing unless they are welcome."""
    given = {"person": person_id, "infrastructure": infrastructure_id}
    return Rights(frozenset(RoleName(name) for name in connection.execute(_ROLES_IN, given).scalars()))


def stands_in(connection: Connection, person_id: int, infrastructure_id: int, now: datetime) -> bool:
    """Whether somebody decides for an active contact of the infrastructure at this moment."""
    given = {"person": person_id, "infrastructure": infrastructure_id, "now": now}
    return connection.execute(_STANDS_IN, given).first() is not None


def _roles_in() -> AnySelect:
    return (
        select(roles.c.role)
        .join(persons, persons.c.id == roles.c.person_id)
        .join(infrastructures, infrastructures.c.id == _INFRASTRUCTURE)
        .where(
            roles.c.person_id == _PERSON,
            roles.c.held_until.is_(None),
            roles.c.state == "active",
            is_welcome(),
            _covers_infrastructure(),
        )
    )


def _standing_in() -> AnySelect:
    now = bindparam("now", type_=UtcDateTime())
    query = (
        select(stand_ins.c.id)
        .join(roles, roles.c.person_id == stand_ins.c.contact_id)
        .join(persons, persons.c.id == stand_ins.c.person_id)
        .where(
            stand_ins.c.person_id == _PERSON,
            stand_ins.c.infrastructure_id == _INFRASTRUCTURE,
            stand_ins.c.starts_at <= now,
            stand_ins.c.ends_at > now,
            roles.c.infrastructure_id == _INFRASTRUCTURE,
            roles.c.role.in_([str(name) for name in CONTACTS]),
            roles.c.held_until.is_(None),
            roles.c.state == "active",
            is_welcome(),
        )
    )
    return query.limit(1)


# Built once: they are part of every answer, and building a statement takes longer than running it.
_HELD = (
    select(gathered(roles.c.role, roles.c.company_id, roles.c.infrastructure_id, roles.c.state))
    .where(roles.c.person_id == persons.c.id, roles.c.held_until.is_(None))
    .scalar_subquery()
)
WITH_ROLES = Prepared(
    select(*PERSON, _HELD.label("held")).where(
        persons.c.workspace_id == bindparam("workspace"), persons.c.slack_id == bindparam("slack")
    )
)


def _held(role: str, company_id: int | None, infrastructure_id: int | None, state: str) -> HeldRole:
    return HeldRole(RoleName(role), company_id, infrastructure_id, state == "active")


def _holding(role_names: Collection[RoleName]) -> AnySelect:
    return (
        select(*PERSON, roles.c.role, roles.c.state.label("role_state"))
        .join(roles, roles.c.person_id == persons.c.id)
        .where(roles.c.role.in_([str(name) for name in role_names]), roles.c.held_until.is_(None))
        .order_by(persons.c.name, persons.c.id)
    )


def _covers_infrastructure() -> ColumnElement[bool]:
    """Whether a role's scope includes the infrastructure joined to it."""
    everywhere = and_(roles.c.company_id.is_(None), roles.c.infrastructure_id.is_(None))
    company = and_(roles.c.company_id == infrastructures.c.company_id, roles.c.infrastructure_id.is_(None))
    return or_(roles.c.infrastructure_id == infrastructures.c.id, company, everywhere)


def _holder(row: AnyRow) -> Holder:
    return Holder(person_of(row), RoleName(row.role), row.role_state == "active")


# Built once as well; their conditions are written above.
_ROLES_IN = _roles_in()
_STANDS_IN = _standing_in()
