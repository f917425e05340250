"""Infrastructures with their product, company and subscription, as people see them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from store import people
from store.database import AnyRow, AnySelect
from store.rules.deadlines import WorkingHours
from store.rules.rights import HeldRole, Rights, RoleName, rights
from store.rules.seeing_errors import NotAssociated
from store.rules.terms import Term
from store.tables import companies, infrastructures, persons, products, roles, subscriptions


@dataclass(frozen=True, slots=True)
class Product:
    """What is licensed, with its own texts."""

    id: int
    name: str
    audience: str
    console_name: str
    menu_path: str
    upload_path: str
    install_url: str | None
    permitted_use: dict[str, str]


class AccountManager(NamedTuple):
    """Whom a company writes to when it needs more."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """One licensed installation of a company. `term` is absent while no subscription was loaded.

    Licenses with an id up to `licenses_after` were made before a suspension, and are replaced. Without
    `working_hours` any time will do.
    """

    id: int
    name: str
    company_id: int
    company_name: str
    account_manager: AccountManager
    product: Product
    activation_code: str
    hosting: str
    files: str
    approval_channel: str | None
    flagged: bool
    term: Term | None
    edition: str | None
    features: list[str]
    limits: dict[str, int]
    highest_version: str | None
    licenses_after: int | None
    working_hours: WorkingHours | None

    @property
    def is_cloud(self) -> bool:
        """Whether the vendor manages it, so that nothing is to be installed."""
        return self.hosting == "cloud"


@dataclass(frozen=True, slots=True)
class Seen:
    """An infrastructure and what the person who sees it may do there."""

    infrastructure: Infrastructure
    rights: Rights


def get(connection: Connection, infrastructure_id: int) -> Infrastructure:
    """The infrastructure of that id; it exists, because other rows refer to it."""
    return _infrastructure(
        connection.execute(_query().where(infrastructures.c.id == infrastructure_id)).one()
    )


def get_many(connection: Connection, infrastructure_ids: Collection[int]) -> dict[int, Infrastructure]:
    """Several infrastructures by id."""
    if not infrastructure_ids:
        return {}
    rows = connection.execute(_query().where(infrastructures.c.id.in_(set(infrastructure_ids))))
    return {row.id: _infrastructure(row) for row in rows}


def seen_by(
    connection: Connection, person_id: int, *, limit: int | None = None, named: str = ""
) -> list[Seen]:
    """Every infrastructure that a welcome person has an active role in, ordered by company and name.

    `limit` gives the first of them only, `named` those whose name or company's name has this text in it.
    """
    if not people.get(connection, person_id).welcome:
        return []
    return seen_with(connection, people.held_roles(connection, person_id), limit=limit, named=named)


def seen_with(
    connection: Connection, held: Collection[HeldRole], *, limit: int | None = None, named: str = ""
) -> list[Seen]:
    """The same for the roles of an active person that were read already."""
    active = [each for each in held if each.active]
    query = _ORDERED if any(each.everywhere for each in active) else _OF_ROLES
    if named:
        query = query.where(is_called(named))
    scope = {
        "infrastructure_ids": [each.infrastructure_id for each in active if each.infrastructure_id],
        "company_ids": [each.company_id for each in active if each.company_id and not each.infrastructure_id],
        "most": _ALL if limit is None else limit,
    }
    found = [_infrastructure(row) for row in connection.execute(query, scope)] if active else []
    return [Seen(each, rights(active, each.company_id, each.id)) for each in found]


def is_called(typed: str) -> ColumnElement[bool]:
    """Whether the name or the company's name has this text in it, or the activation code is this."""
    columns = (infrastructures.c.name, companies.c.name)
    whole = infrastructures.c.activation_code == typed.upper()
    return or_(whole, *(each.icontains(typed, autoescape=True) for each in columns))


def seen(connection: Connection, person_id: int, infrastructure_id: int) -> Seen:
    """One infrastructure as somebody sees it. Raises `NotAssociated`, whether it exists or not."""
    found = _gather(
        connection.execute(_seen_query(person_id).where(infrastructures.c.id == infrastructure_id))
    )
    if not found:
        raise not_associated(connection, person_id)
    return found[0]


def not_associated(connection: Connection, person_id: int | None) -> NotAssociated:
    """The refusal for somebody without a role; it names their company's admins if the import linked them."""
    if person_id is None:
        return NotAssociated()
    person = people.get(connection, person_id)
    if person.company_id is None or not person.slack_id_imported:
        return NotAssociated()
    company = connection.execute(
        select(companies.c.name).where(companies.c.id == person.company_id)
    ).scalar_one()
    return NotAssociated(
        tuple(each.name for each in people.company_admins(connection, person.company_id)), company
    )


_COLUMNS = (
    infrastructures.c.id,
    infrastructures.c.name,
    infrastructures.c.company_id,
    companies.c.name.label("company_name"),
    companies.c.account_manager_name,
    companies.c.account_manager_email,
    infrastructures.c.product_id,
    products.c.name.label("product_name"),
    products.c.audience,
    products.c.console_name,
    products.c.menu_path,
    products.c.upload_path,
    products.c.install_url,
    products.c.permitted_use,
    infrastructures.c.activation_code,
    infrastructures.c.hosting,
    infrastructures.c.files,
    infrastructures.c.approval_channel,
    infrastructures.c.flagged,
    infrastructures.c.working_hours,
    subscriptions.c.starts_at,
    subscriptions.c.ends_at,
    subscriptions.c.unbroken_since,
    subscriptions.c.grace_days,
    subscriptions.c.state.label("subscription_state"),
    subscriptions.c.edition,
    subscriptions.c.features,
    subscriptions.c.limits,
    subscriptions.c.highest_version,
    subscriptions.c.licenses_after,
)
# The order of a few infrastructures out of many. Without a function around the name PostgreSQL may go through all
# companies by name until it has met those few, in order not to sort them.
BY_NAME = (func.coalesce(companies.c.name, literal_column("''")), infrastructures.c.name)
_JOINED = (
    infrastructures.join(companies, companies.c.id == infrastructures.c.company_id)
    .join(products, products.c.id == infrastructures.c.product_id)
    .outerjoin(subscriptions, subscriptions.c.infrastructure_id == infrastructures.c.id)
)


def _query() -> AnySelect:
    return select(*_COLUMNS).select_from(_JOINED)


# Built once, since building a statement takes longer than running it. The scopes of roles are looked up by
# index; joining the roles with an OR instead would look at every infrastructure there is.
_ALL = 2**62
_MOST = bindparam("most", type_=BigInteger)
_ORDERED = _query().order_by(companies.c.name, infrastructures.c.name).limit(_MOST)
_OF_ROLES = (
    _query()
    .where(
        or_(
            infrastructures.c.id.in_(bindparam("infrastructure_ids", expanding=True)),
            infrastructures.c.company_id.in_(bindparam("company_ids", expanding=True)),
        )
    )
    .order_by(*BY_NAME)
    .limit(_MOST)
)


def _seen_query(person_id: int) -> AnySelect:
    covers = or_(
        roles.c.infrastructure_id == infrastructures.c.id,
        and_(roles.c.company_id == infrastructures.c.company_id, roles.c.infrastructure_id.is_(None)),
        and_(roles.c.company_id.is_(None), roles.c.infrastructure_id.is_(None)),
    )
    holding = and_(
        covers, roles.c.person_id == person_id, roles.c.held_until.is_(None), roles.c.state == "active"
    )
    return select(*_COLUMNS, roles.c.role).select_from(
        _JOINED.join(roles, holding).join(
            persons, and_(persons.c.id == roles.c.person_id, people.is_welcome())
        )
    )


def _gather(rows: Iterable[AnyRow]) -> list[Seen]:
    found: dict[int, tuple[AnyRow, set[RoleName]]] = {}
    for row in rows:
        found.setdefault(row.id, (row, set()))[1].add(RoleName(row.role))
    return [Seen(_infrastructure(row), Rights(frozenset(held))) for row, held in found.values()]


def _infrastructure(row: AnyRow) -> Infrastructure:
    return Infrastructure(
        row.id,
        row.name,
        row.company_id,
        row.company_name,
        AccountManager(row.account_manager_name, row.account_manager_email),
        _product(row),
        row.activation_code,
        row.hosting,
        row.files,
        row.approval_channel,
        row.flagged,
        _term(row),
        row.edition,
        row.features or [],
        row.limits or {},
        row.highest_version,
        row.licenses_after,
        WorkingHours.of(row.working_hours) if row.working_hours else None,
    )


def _product(row: AnyRow) -> Product:
    return Product(
        row.product_id,
        row.product_name,
        row.audience,
        row.console_name,
        row.menu_path,
        row.upload_path,
        row.install_url,
        row.permitted_use,
    )


def _term(row: AnyRow) -> Term | None:
    if row.starts_at is None:
        return None
    suspended = row.subscription_state == "suspended"
    return Term(row.starts_at, row.ends_at, row.unbroken_since, row.grace_days, suspended)
