"""What is worth a look in a desk's data: channels, contacts, admins, terms, keys and deliveries.

Reads only, for the operators' checks. `limit` bounds how many rows are read; absent, all of them are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, Connection, and_, func, select, union

from store import identity, people
from store.deliveries import QUEUED, Kind
from store.people import Person
from store.rules.key_keeping import KeptIn
from store.rules.key_states import KeyState
from store.rules.rights import ASKED_BY_STEP, RoleName
from store.rules.secrets import VaultClosed
from store.rules.terms import Term
from store.tables import (
    companies,
    conversations,
    deliveries,
    infrastructures,
    persons,
    roles,
    signing_keys,
    subscriptions,
    workflow_steps,
)
from store.vault import Vault


@dataclass(frozen=True, slots=True)
class ApprovalChannel:
    """Slack's id of a conversation, and the infrastructures whose approval channel it is."""

    slack_id: str
    infrastructures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who may be asked; `closed`: their direct message is known not to work."""

    person: Person
    closed: bool


@dataclass(frozen=True, slots=True)
class FewAdmins:
    """A company with at most one active admin; `admins` is how many."""

    company: str
    admins: int


@dataclass(frozen=True, slots=True)
class Licensed:
    """An infrastructure and its term, absent while no subscription was loaded."""

    infrastructure: str
    company: str
    term: Term | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many deliveries are overdue, and since when the first of them."""

    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """How many deliveries failed with one of Slack's codes."""

    error: str
    number: int


@dataclass(frozen=True, slots=True)
class StepRuns:
    """Runs of the workflow step: how many, how often each refusal was said, and what Slack did not let end."""

    number: int
    refusals: Mapping[str, int]
    failed: list[Failed]


def workspace_id(connection: Connection) -> str:
    """Slack's id of the workspace whose people the desk knows; empty while it knows nobody."""
    known = identity.stored(connection)
    if known is not None:
        return known.workspace_id
    return connection.execute(select(persons.c.workspace_id).limit(1)).scalar() or ""


def approval_channels(connection: Connection, limit: int | None = None) -> list[ApprovalChannel]:
    """Every approval channel with the names of its infrastructures, ordered by Slack's id."""
    channel = infrastructures.c.approval_channel
    first = (
        select(channel).where(channel.is_not(None), _on_premises()).distinct().order_by(channel).limit(limit)
    )
    rows = connection.execute(
        select(channel, infrastructures.c.name)
        .where(channel.in_(first), _on_premises())
        .order_by(channel, infrastructures.c.name)
    )
    found: dict[str, list[str]] = {}
    for slack_id, name in rows:
        found.setdefault(slack_id, []).append(name)
    return [ApprovalChannel(slack_id, tuple(names)) for slack_id, names in found.items()]


def asked_people(connection: Connection, limit: int | None = None) -> list[Asked]:
    """Everybody with a role that may be asked, those first whom Slack was asked about the longest ago."""
    closed = conversations.c.archived | conversations.c.absent
    without = select(conversations.c.id).where(conversations.c.person_id == persons.c.id, closed)
    checked = persons.c.checked_at
    query = (
        select(*people.PERSON, without.exists().label("closed"))
        .where(persons.c.id.in_(_holders()))
        .order_by(checked.is_not(None), checked, persons.c.id)
        .limit(limit)
    )
    return [Asked(people.person_of(row), bool(row.closed)) for row in connection.execute(query)]


def asked_number(connection: Connection) -> int:
    """How many people have a role that may be asked."""
    return int(connection.execute(select(func.count()).select_from(_holders().subquery())).scalar_one())


def on_premises(connection: Connection, limit: int | None = None) -> list[int]:
    """The ids of the infrastructures that customers run themselves, oldest first."""
    query = select(infrastructures.c.id).where(_on_premises()).order_by(infrastructures.c.id).limit(limit)
    return list(connection.execute(query).scalars())


def on_premises_number(connection: Connection) -> int:
    """How many infrastructures customers run themselves."""
    return int(
        connection.execute(select(func.count(infrastructures.c.id)).where(_on_premises())).scalar_one()
    )


def companies_with_few_admins(connection: Connection) -> list[FewAdmins]:
    """The companies with one active admin or none, ordered by name."""
    holding = and_(
        roles.c.company_id == companies.c.id,
        roles.c.role == str(RoleName.COMPANY_ADMIN),
        roles.c.held_until.is_(None),
        roles.c.state == "active",
    )
    active = and_(persons.c.id == roles.c.person_id, persons.c.active)
    admins = func.count(persons.c.id.distinct())
    query = (
        select(companies.c.name, admins)
        .select_from(companies.outerjoin(roles, holding).outerjoin(persons, active))
        .group_by(companies.c.id, companies.c.name)
        .having(admins < 2)
        .order_by(companies.c.name)
    )
    return [FewAdmins(name, number) for name, number in connection.execute(query)]


def terms_to_look_at(connection: Connection, now: datetime) -> Iterator[Licensed]:
    """Infrastructures on premises whose subscription is over, or that have none; suspended ones are left out."""
    query = (
        select(
            infrastructures.c.name,
            companies.c.name.label("company"),
            subscriptions.c.starts_at,
            subscriptions.c.ends_at,
            subscriptions.c.unbroken_since,
            subscriptions.c.grace_days,
        )
        .join(companies, companies.c.id == infrastructures.c.company_id)
        .outerjoin(subscriptions, subscriptions.c.infrastructure_id == infrastructures.c.id)
        .where(_on_premises(), subscriptions.c.id.is_(None) | (subscriptions.c.ends_at <= now))
        .where(func.coalesce(subscriptions.c.state, "active") == "active")
        .order_by(companies.c.name, infrastructures.c.name)
    )
    for name, company, starts_at, ends_at, unbroken_since, grace_days in connection.execute(query):
        term = None
        if starts_at is not None:
            term = Term(starts_at, ends_at, unbroken_since, grace_days, suspended=False)
        yield Licensed(name, company, term)


def overdue(connection: Connection, before: datetime) -> Waiting | None:
    """The queued deliveries that were due before a moment, or `None`."""
    query = select(func.count(deliveries.c.id), func.min(deliveries.c.due_at))
    number, since = connection.execute(query.where(QUEUED, deliveries.c.due_at < before)).one()
    return Waiting(number, since) if number else None


def failed(connection: Connection, since: datetime, kind: Kind | None = None) -> list[Failed]:
    """The failed deliveries, of one kind if named, since a moment, by Slack's code, the most frequent first."""
    number = func.count(deliveries.c.id)
    error = func.coalesce(deliveries.c.error, "unknown")
    query = select(error, number).where(deliveries.c.state == "failed", deliveries.c.created_at >= since)
    if kind is not None:
        query = query.where(deliveries.c.kind == kind)
    rows = connection.execute(query.group_by(error).order_by(number.desc(), error))
    return [Failed(code, count) for code, count in rows]


def step_runs(connection: Connection, since: datetime) -> StepRuns:
    """The runs of the workflow step since a moment: how many, the refusals, and those that Slack did not let end."""
    number = func.count(workflow_steps.c.id)
    query = select(workflow_steps.c.refusal, number).where(workflow_steps.c.run_at >= since)
    counted = {row[0]: row[1] for row in connection.execute(query.group_by(workflow_steps.c.refusal))}
    failed_runs = failed(connection, since, kind="step")
    return StepRuns(
        sum(counted.values()), {words: each for words, each in counted.items() if words}, failed_runs
    )


def unopened_keys(connection: Connection, vault: Vault) -> list[str]:
    """The `kid` of every key in the database that none of the vault's master keys opens, but for compromised ones."""
    query = select(signing_keys.c.kid, signing_keys.c.private_encrypted).order_by(signing_keys.c.id)
    used = (signing_keys.c.state != str(KeyState.COMPROMISED)) & (signing_keys.c.kept_in == KeptIn.DATABASE)
    return [kid for kid, sealed in connection.execute(query.where(used)) if not _opens(vault, sealed)]


def database_clock(connection: Connection) -> datetime | None:
    """The database's own time, aware; `None` for an embedded one, whose clock is this machine's."""
    if connection.dialect.name == "sqlite":
        return None
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def _opens(vault: Vault, sealed: bytes) -> bool:
    try:
        vault.decrypt(sealed)
    except VaultClosed:
        return False
    return True


def _on_premises() -> ColumnElement[bool]:
    return infrastructures.c.hosting == "on_premises"


def _holders() -> CompoundSelect[int]:
    """The ids of those who hold a role that may be asked, active or resting, over something on premises."""
    names = [str(name) for name in frozenset[RoleName]().union(*ASKED_BY_STEP.values())]
    held = select(roles.c.person_id).where(roles.c.held_until.is_(None), roles.c.role.in_(names))
    there = roles.join(infrastructures, infrastructures.c.id == roles.c.infrastructure_id)
    local = held.select_from(there).where(_on_premises())
    return union(local, held.where(roles.c.infrastructure_id.is_(None)))
