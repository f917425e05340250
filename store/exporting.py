"""Writing what the import reads: importing an export changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import yaml
from sqlalchemy import ColumnElement, Connection, select

from store.database import AnyRow, Database
from store.importing.comparing_slots import generated_name
from store.importing.parsing import PERPETUAL, RESTING
from store.rules.environments import EnvironmentType
from store.rules.rights import RoleName
from store.tables import companies, infrastructures, persons, products, roles, slots, subscriptions

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_SINGLE = {RoleName.FINANCIAL_CONTACT: "financial_contact", RoleName.TECHNICAL_CONTACT: "technical_contact"}
_SEVERAL = {
    RoleName.ADDITIONAL_CONTACT: "additional_contacts",
    RoleName.INFRASTRUCTURE_ADMIN: "infrastructure_admins",
    RoleName.MEMBER: "members",
}
_OF_COMPANY = {RoleName.COMPANY_ADMIN: "admins", RoleName.AUDITOR: "auditors"}
_OF_DESK = {RoleName.OPERATOR: "operators", RoleName.AUDITOR: "auditors"}

Fields = dict[str, object]


def export(database: Database) -> Iterator[str]:
    """Yield the desk's document and then one of each company, as text of one YAML stream."""
    with database.read() as connection:
        workspace = connection.execute(select(persons.c.workspace_id).limit(1)).scalar_one_or_none()
        yield _text(_desk(connection, workspace))
        for company in connection.execute(select(companies).order_by(companies.c.name)).all():
            yield "---\n" + _text(_company(connection, company))


def _text(fields: Fields) -> str:
    return str(yaml.dump(fields, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=110))


def _desk(connection: Connection, workspace: str | None) -> Fields:
    held = _roles(connection, roles.c.company_id.is_(None) & roles.c.infrastructure_id.is_(None))
    holders = select(roles.c.person_id).where(roles.c.held_until.is_(None))
    people = persons.c.company_id.is_(None) & persons.c.id.in_(holders)
    return _filled(
        {
            "workspace": workspace,
            "products": [
                _product(row) for row in connection.execute(select(products).order_by(products.c.id))
            ],
            "people": _people(connection, people),
            **_holders(held, _OF_DESK),
        }
    )


def _company(connection: Connection, company: AnyRow) -> Fields:
    held = _roles(connection, (roles.c.company_id == company.id) & roles.c.infrastructure_id.is_(None))
    return _filled(
        {
            "company": company.name,
            "account_manager": {"name": company.account_manager_name, "email": company.account_manager_email},
            "people": _people(connection, persons.c.company_id == company.id),
            **_holders(held, _OF_COMPANY),
            "infrastructures": _infrastructures(connection, company.id),
        }
    )


def _product(row: AnyRow) -> Fields:
    names = ("name", "audience", "console_name", "menu_path", "upload_path", "install_url", "permitted_use")
    return _filled({name: getattr(row, name) for name in names})


def _people(connection: Connection, where: ColumnElement[bool]) -> list[Fields]:
    rows = connection.execute(select(persons).where(where).order_by(persons.c.id))
    return [_person(row) for row in rows if row.email or row.slack_id]


def _person(row: AnyRow) -> Fields:
    return _filled(
        {
            "name": row.name,
            "slack_id" if row.slack_id_imported else "seen_as": row.slack_id,
            "email": row.email,
            "zone": row.zone,
        }
    )


def _infrastructures(connection: Connection, company_id: int) -> list[Fields]:
    of_company = infrastructures.c.company_id == company_id
    below = select(infrastructures.c.id).where(of_company)
    query = select(infrastructures, products.c.name.label("product")).join(products).where(of_company)
    terms = select(subscriptions).where(subscriptions.c.infrastructure_id.in_(below))
    places = select(slots).where(slots.c.infrastructure_id.in_(below), slots.c.removed_at.is_(None))
    found = _by_infrastructure(connection.execute(places.order_by(slots.c.id)))
    subscribed = _by_infrastructure(connection.execute(terms))
    held = _by_infrastructure(_roles(connection, roles.c.infrastructure_id.in_(below)))
    return [
        _infrastructure(row, subscribed[row.id], found[row.id], held[row.id])
        for row in connection.execute(query.order_by(infrastructures.c.id))
    ]


def _infrastructure(
    row: AnyRow, subscribed: list[AnyRow], places: list[AnyRow], held: list[AnyRow]
) -> Fields:
    return _filled(
        {
            "name": row.name,
            "product": row.product,
            "activation_code": row.activation_code,
            "hosting": row.hosting,
            "files": row.files,
            "approval_channel": row.approval_channel,
            "flagged": row.flagged,
            "working_hours": row.working_hours,
            "subscription": _subscription(subscribed[0]) if subscribed else None,
            "slots": _slots(places),
            "roles": {**_single_holders(held), **_holders(held, _SEVERAL)},
        }
    )


def _subscription(row: AnyRow) -> Fields:
    return {
        "edition": row.edition,
        "features": row.features,
        "limits": row.limits,
        "starts": _day(row.starts_at),
        "ends": PERPETUAL if row.ends_at is None else _day(row.ends_at - timedelta(days=1)),
        "unbroken_since": _day(row.unbroken_since),
        "highest_version": row.highest_version,
        "grace_days": row.grace_days,
        "state": row.state,
    }


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _slots(rows: list[AnyRow]) -> Fields:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        names[row.environment_type].append(row.name)
    return {str(each): _count_or_names(each, names[each]) for each in EnvironmentType if names[each]}


def _count_or_names(environment_type: EnvironmentType, names: list[str]) -> object:
    generated = [generated_name(environment_type, number) for number in range(1, len(names) + 1)]
    return len(names) if names == generated else names


def _roles(connection: Connection, where: ColumnElement[bool]) -> list[AnyRow]:
    """Roles held now, with what names their holders; who has neither Slack id nor e-mail cannot be named."""
    query = (
        select(roles, persons.c.slack_id, persons.c.email, persons.c.slack_id_imported)
        .join(persons, persons.c.id == roles.c.person_id)
        .where(
            where,
            roles.c.held_until.is_(None),
            persons.c.slack_id.is_not(None) | persons.c.email.is_not(None),
        )
        .order_by(roles.c.id)
    )
    return list(connection.execute(query))


def _holders(held: Iterable[AnyRow], names: Mapping[RoleName, str]) -> Fields:
    found = {name: [_reference(row) for row in held if row.role == role] for role, name in names.items()}
    return {name: references for name, references in found.items() if references}


def _single_holders(held: Iterable[AnyRow]) -> Fields:
    return {_SINGLE[RoleName(row.role)]: _reference(row) for row in held if row.role in _SINGLE}


def _reference(row: AnyRow) -> str:
    named = row.slack_id if row.slack_id_imported or not row.email else row.email
    return f"{named}{RESTING if row.state == 'resting' else ''}"


def _by_infrastructure(rows: Iterable[AnyRow]) -> defaultdict[int, list[AnyRow]]:
    found: defaultdict[int, list[AnyRow]] = defaultdict(list)
    for row in rows:
        found[row.infrastructure_id].append(row)
    return found


def _filled(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value not in (None, [], {})}
