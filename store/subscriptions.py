"""Subscriptions: suspended and reinstated by operators, and read for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from store import infrastructures, people, reissuing, suspensions
from store.desk import Act, intention
from store.infrastructures import Infrastructure
from store.people import Person
from store.request_changes import close_of_infrastructure
from store.rules.registration_errors import NoSubscription
from store.rules.request_errors import LONGEST_REASON, ReasonMissing, ReasonTooLong
from store.rules.request_states import Cause
from store.rules.rights import ADMINS, CONTACTS, RoleName
from store.rules.seeing_errors import NoRight
from store.rules.subscription_errors import AlreadySuspended, NotSuspended
from store.rules.terms import Term
from store.tables import companies, licenses, subscriptions
from store.tables import infrastructures as infrastructure_rows
from store.telling import tell

COMMAND = "command"
"""Where acts come from that only an operator can do: whoever runs commands has the database itself."""


@dataclass(frozen=True, slots=True)
class Operated:
    """An infrastructure with its subscription's term, held by an operator until the act ends."""

    infrastructure: Infrastructure
    term: Term


@intention
def suspend(act: Act, infrastructure_id: int, reason: str) -> Infrastructure:
    """Suspend a subscription: nothing is registered, requested or delivered, and what waits is closed.

    Raises `NoRight`, `NoSubscription`, `ReasonMissing`, `ReasonTooLong` and `AlreadySuspended`.
    """
    operated = operated_by(act, infrastructure_id, "suspend")
    why = _checked(reason)
    if operated.term.suspended:
        raise AlreadySuspended(infrastructure_id, operated.infrastructure.name)
    _set(act, infrastructure_id, state="suspended", suspension_reason=why)
    suspensions.note(act.connection, act.now, [infrastructure_id])
    reissuing.finish(act, infrastructure_id)
    close_of_infrastructure(act, infrastructure_id, Cause.SUSPENDED)
    act.record("suspend_subscription", "subscription", infrastructure_id)
    _tell(act, "subscription_suspended", infrastructure_id)
    return infrastructures.get(act.connection, infrastructure_id)


@intention
def reinstate(act: Act, infrastructure_id: int) -> int | None:
    """End a suspension; give the id of the re-issue that replaces every license, if there is one to replace.

    Licenses made before the suspension are replaced even where they say the same, so that it can be told which
    ones count. Raises `NoRight`, `NoSubscription` and `NotSuspended`.
    """
    operated = operated_by(act, infrastructure_id, "reinstate")
    if not operated.term.suspended:
        raise NotSuspended(infrastructure_id, operated.infrastructure.name)
    newest = act.connection.execute(select(func.max(licenses.c.id))).scalar_one()
    _set(act, infrastructure_id, state="active", suspension_reason=None, licenses_after=newest)
    suspensions.note(act.connection, act.now, [infrastructure_id])
    act.record("reinstate_subscription", "subscription", infrastructure_id)
    _tell(act, "subscription_reinstated", infrastructure_id)
    return reissuing.begin(act, infrastructures.get(act.connection, infrastructure_id), "reinstatement")


def operated_by(act: Act, infrastructure_id: int, what: str) -> Operated:
    """Hold a subscription that the actor is about to change. Raises `NoRight` and `NoSubscription`.

    Two changes of one subscription follow each other: the second one reads what the first one wrote.
    """
    if act.actor.source != COMMAND:
        _require_operator(act, infrastructure_id, what)
    held = select(subscriptions.c.id).where(subscriptions.c.infrastructure_id == infrastructure_id)
    act.connection.execute(held.with_for_update())
    infrastructure = infrastructures.get(act.connection, infrastructure_id)
    if infrastructure.term is None:
        raise NoSubscription(infrastructure_id, infrastructure.name)
    return Operated(infrastructure, infrastructure.term)


def ends_told_to(connection: Connection, infrastructure_id: int) -> list[Person]:
    """Who is told of the ends of an infrastructure's term: its contacts and admins, as far as Slack reaches them."""
    held = people.holders(connection, infrastructure_id, CONTACTS | ADMINS)
    found = {each.person.id: each.person for each in held if each.active and each.person.reachable}
    return list(found.values())


def suspension_reason(connection: Connection, infrastructure_id: int) -> str | None:
    """Why a subscription is suspended, in the words of who did it; `None` while it is not."""
    query = select(subscriptions.c.suspension_reason)
    found = connection.execute(query.where(subscriptions.c.infrastructure_id == infrastructure_id))
    return found.scalar_one_or_none()


def everywhere(connection: Connection) -> list[int]:
    """Every infrastructure that has a subscription, by company and name."""
    query = (
        select(infrastructure_rows.c.id)
        .join(subscriptions, subscriptions.c.infrastructure_id == infrastructure_rows.c.id)
        .join(companies, companies.c.id == infrastructure_rows.c.company_id)
        .order_by(companies.c.name, infrastructure_rows.c.name)
    )
    return list(connection.execute(query).scalars())


def _require_operator(act: Act, infrastructure_id: int, what: str) -> None:
    person_id = act.actor.person_id
    if person_id is not None:
        people.hold(act.connection, person_id)
        rights = infrastructures.seen(act.connection, person_id, infrastructure_id).rights
        if RoleName.OPERATOR in rights.roles:
            return
    operators = tuple(each.name for each in people.operators(act.connection))
    raise NoRight(infrastructure_id, "subscription", what, operators[:3])


def _checked(reason: str) -> str:
    why = reason.strip()
    if not why:
        raise ReasonMissing
    if len(why) > LONGEST_REASON:
        raise ReasonTooLong(len(why), LONGEST_REASON)
    return why


def _set(act: Act, infrastructure_id: int, **values: object) -> None:
    own = subscriptions.c.infrastructure_id == infrastructure_id
    act.connection.execute(update(subscriptions).where(own).values(values))


def _tell(act: Act, notice: str, infrastructure_id: int) -> None:
    told: Iterable[int] = {each.id for each in ends_told_to(act.connection, infrastructure_id)}
    occasion = f"{notice}:{infrastructure_id}:{act.now.isoformat()}"
    tell(act, notice, set(told) - {act.actor.person_id}, occasion, infrastructure_id=infrastructure_id)
