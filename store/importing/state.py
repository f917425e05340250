"""What the database says about the documents at hand, read with a few queries for many documents."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, and_, select

from store.database import AnyRow, AnySelect
from store.importing.content import Document, Reference
from store.tables import (
    companies,
    infrastructures,
    persons,
    products,
    registrations,
    roles,
    slots,
    subscriptions,
    workspaces,
)

# SQLite takes 32,766 parameters in one statement; a thousand is as fast and stays far below.
_AT_ONCE = 1000


@dataclass
class State:
    """Rows by the names that a file calls them by."""

    companies: dict[str, AnyRow] = field(default_factory=dict)
    products: dict[str, AnyRow] = field(default_factory=dict)
    by_slack: dict[str, AnyRow] = field(default_factory=dict)
    by_email: dict[str, AnyRow] = field(default_factory=dict)
    by_code: dict[str, AnyRow] = field(default_factory=dict)  # infrastructures, of whatever company
    by_company: dict[int, dict[str, AnyRow]] = field(default_factory=dict)  # infrastructures, by name
    subscriptions: dict[int, AnyRow] = field(default_factory=dict)
    slots: defaultdict[int, list[AnyRow]] = field(default_factory=lambda: defaultdict(list))
    roles: defaultdict[tuple[int | None, int | None], list[AnyRow]] = field(
        default_factory=lambda: defaultdict(list)  # by company and infrastructure
    )

    def person(self, text: str) -> AnyRow | None:
        """Somebody by Slack id or e-mail address."""
        return self.by_email.get(text) if "@" in text else self.by_slack.get(text)


def read(connection: Connection, documents: Collection[Document], workspace: str | None) -> State:
    """Read everything that these documents name."""
    state = State()
    state.products = {row.name: row for row in connection.execute(select(products))}
    named = [each.company for each in documents if each.company]
    state.companies = {row.name: row for row in _rows(connection, select(companies), companies.c.name, named)}
    add_people(connection, state, _identities(documents), workspace)
    _read_infrastructures(connection, state, documents)
    found = [row.id for row in state.by_code.values()]
    _read_below(connection, state, found)
    _read_roles(connection, state, found)
    return state


def add_people(connection: Connection, state: State, texts: Collection[str], workspace: str | None) -> None:
    """Read people by Slack ids of one workspace and by e-mail addresses into the state."""
    emails = [text for text in texts if "@" in text]
    slack_ids = [text for text in texts if "@" not in text]
    in_workspace = select(persons).where(persons.c.workspace_id == workspace)
    found = [
        *_rows(connection, select(persons), persons.c.email, emails),
        *_rows(connection, in_workspace, persons.c.slack_id, slack_ids),
    ]
    state.by_slack.update((row.slack_id, row) for row in found if row.slack_id)
    state.by_email.update((row.email, row) for row in found if row.email)


def only_workspace(connection: Connection) -> str | None:
    """The workspace that the desk is connected to, if it is exactly one."""
    found = connection.execute(select(workspaces.c.workspace_id).limit(2)).scalars().all()
    return found[0] if len(found) == 1 else None


def references(document: Document) -> Iterator[Reference]:
    """Everybody to whom the document gives a role."""
    for entry in document.roles:
        yield from entry.holders
    for infrastructure in document.infrastructures or ():
        for entry in infrastructure.roles:
            yield from entry.holders


def _identities(documents: Iterable[Document]) -> set[str]:
    found: set[str] = set()
    for document in documents:
        found.update(reference.text for reference in references(document))
        for person in document.people:
            found.update(text for text in (person.slack_id, person.seen_as, person.email) if text)
    return found


def _read_infrastructures(connection: Connection, state: State, documents: Iterable[Document]) -> None:
    codes = [each.activation_code for document in documents for each in document.infrastructures or ()]
    query = select(infrastructures, companies.c.name.label("company_name")).join(companies)
    company_ids = [row.id for row in state.companies.values()]
    for row in [
        *_rows(connection, query, infrastructures.c.activation_code, codes),
        *_rows(connection, query, infrastructures.c.company_id, company_ids),
    ]:
        state.by_code[row.activation_code] = row
        state.by_company.setdefault(row.company_id, {})[row.name] = row


def _read_below(connection: Connection, state: State, infrastructure_ids: Collection[int]) -> None:
    for row in _rows(
        connection, select(subscriptions), subscriptions.c.infrastructure_id, infrastructure_ids
    ):
        state.subscriptions[row.infrastructure_id] = row
    taken = and_(registrations.c.slot_id == slots.c.id, registrations.c.state == "open")
    query = (
        select(slots, registrations.c.serial, registrations.c.platform_version)
        .select_from(slots.outerjoin(registrations, taken))
        .where(slots.c.removed_at.is_(None))
        .order_by(slots.c.id)
    )
    for row in _rows(connection, query, slots.c.infrastructure_id, infrastructure_ids):
        state.slots[row.infrastructure_id].append(row)


def _read_roles(connection: Connection, state: State, infrastructure_ids: Collection[int]) -> None:
    query = (
        select(roles, persons.c.name.label("person_name"))
        .join(persons, persons.c.id == roles.c.person_id)
        .where(roles.c.held_until.is_(None))
        .order_by(roles.c.id)
    )
    company_ids = [row.id for row in state.companies.values()]
    everywhere = query.where(roles.c.company_id.is_(None), roles.c.infrastructure_id.is_(None))
    for row in [
        *connection.execute(everywhere),
        *_rows(connection, query, roles.c.company_id, company_ids),
        *_rows(connection, query, roles.c.infrastructure_id, infrastructure_ids),
    ]:
        state.roles[row.company_id, row.infrastructure_id].append(row)


def _rows(
    connection: Connection, query: AnySelect, column: Column[Any], values: Collection[object]
) -> Iterator[AnyRow]:
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), _AT_ONCE):
        yield from connection.execute(query.where(column.in_(wanted[start : start + _AT_ONCE])))
