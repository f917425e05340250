"""Reports: what somebody may have one about, and having it sent."""

from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from store import infrastructures as seeing
from store import people
from store.deliveries import queue_notice
from store.desk import Act, intention
from store.reach import Reach, reach
from store.rules.report_errors import ReportUnclear, ReportUnknown
from store.rules.rights import OVERSEERS, RoleName
from store.rules.seeing_errors import NoRight
from store.tables import companies, infrastructures

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is about: a company, an infrastructure, or all that somebody oversees."""

    name: str = ""
    company_id: int | None = None
    infrastructure_id: int | None = None
    activation_code: str | None = None  # of an infrastructure

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called in lower case."""
        return self.name.lower(), (self.activation_code or "").lower()

    @property
    def told_apart(self) -> str:
        """The name with what tells it from others of the same name."""
        return f"{self.name} ({self.activation_code})" if self.activation_code else self.name


@intention
def order(act: Act, typed: str) -> Scope:
    """Have a report sent to the actor as a direct message, and give what it is about.

    `typed` names a company or an infrastructure; nothing means all that the actor oversees. Raises
    `NotAssociated`, `NoRight`, `ReportUnknown` and `ReportUnclear`.
    """
    person_id = act.actor.person_id
    if person_id is None:
        raise seeing.not_associated(act.connection, None)
    scope = scope_of(act.connection, _require_overseeing(act.connection, person_id), typed)
    # The same command within a minute, typed or delivered by Slack a second time, is one report.
    occasion = f"report:{person_id}:{scope.company_id}:{scope.infrastructure_id}:{act.now:%Y%m%d%H%M}"
    queue_notice(
        act, "report", person_id, occasion, company=scope.company_id, infrastructure=scope.infrastructure_id
    )
    return scope


def overseen_by(connection: Connection, person_id: int) -> Reach:
    """What somebody oversees at this moment; nothing when inactive."""
    if not people.get(connection, person_id).active:
        return Reach(everywhere=False)
    return reach(people.held_roles(connection, person_id), OVERSEERS)


def scope_of(connection: Connection, overseen: Reach, typed: str) -> Scope:
    """What somebody means by a name or an activation code.

    A whole name counts more than a part of one, and a company more than its own infrastructures.

    Raises `ReportUnknown`, and `ReportUnclear` when several are called so.
    """
    if not typed:
        return Scope()
    found = [*_companies(connection, overseen, typed), *_infrastructures(connection, overseen, typed)]
    chosen = [each for each in found if typed.lower() in each.names] or found
    wholes = [each for each in chosen if each.company_id is not None]
    if not chosen:
        raise ReportUnknown(typed)
    if len(wholes or chosen) > 1:
        raise ReportUnclear(typed, tuple(each.told_apart for each in chosen[:_MOST_NAMED]))
    return (wholes or chosen)[0]


def scope_again(
    connection: Connection, overseen: Reach, company_id: int | None, infrastructure_id: int | None
) -> Scope | None:
    """The scope of these ids under its name of today, or `None` when it is not overseen any more."""
    if infrastructure_id is not None:
        found = seeing.get(connection, infrastructure_id)
        own = overseen.covers(found.company_id, found.id)
        return Scope(found.name, None, found.id) if own else None
    if company_id is None:
        return None if overseen.nowhere else Scope()
    if not (overseen.everywhere or company_id in overseen.company_ids):
        return None
    name = connection.execute(select(companies.c.name).where(companies.c.id == company_id)).scalar_one()
    return Scope(name, company_id)


def _require_overseeing(connection: Connection, person_id: int) -> Reach:
    overseen = overseen_by(connection, person_id)
    if overseen.nowhere:
        seen = seeing.seen_by(connection, person_id, limit=1)
        if not seen:
            raise seeing.not_associated(connection, person_id)
        raise _no_right(connection, seen[0].infrastructure.id)
    return overseen


def _no_right(connection: Connection, infrastructure_id: int) -> NoRight:
    holders = people.holders(connection, infrastructure_id, OVERSEERS - {RoleName.OPERATOR})
    names = dict.fromkeys(each.person.name for each in holders if each.active and each.person.active)
    return NoRight(infrastructure_id, "report", "report", tuple(names)[:_MOST_NAMED])


def _companies(connection: Connection, overseen: Reach, typed: str) -> list[Scope]:
    query = select(companies.c.name, companies.c.id).where(companies.c.name.icontains(typed, autoescape=True))
    if not overseen.everywhere:
        query = query.where(companies.c.id.in_(overseen.company_ids))
    rows = connection.execute(query.order_by(companies.c.name).limit(_MOST_NAMED + 1))
    return [Scope(row.name, row.id) for row in rows]


def _infrastructures(connection: Connection, overseen: Reach, typed: str) -> list[Scope]:
    named = (
        infrastructures.c.name.icontains(typed, autoescape=True),
        infrastructures.c.activation_code == typed.upper(),
    )
    query = (
        select(infrastructures.c.name, infrastructures.c.id, infrastructures.c.activation_code)
        .where(or_(*named), overseen.condition())
        .order_by(infrastructures.c.name, infrastructures.c.id)
        .limit(_MOST_NAMED + 1)
    )
    return [Scope(row.name, None, row.id, row.activation_code) for row in connection.execute(query)]
