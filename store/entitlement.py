"""Whether somebody may work in an infrastructure at this moment; each check raises its own refusal."""

from datetime import datetime

from store import infrastructures, people
from store.desk import Act
from store.infrastructures import Infrastructure, Seen
from store.rules.registration_errors import (
    CloudNeedsNothing,
    NoSubscription,
    Suspended,
    TermEnded,
    VersionNotEntitled,
)
from store.rules.request_errors import FilesHeld
from store.rules.rights import ADMINS, RELEASERS, RoleName
from store.rules.seeing_errors import NoRight, NotAssociated
from store.rules.terms import Term, TermState
from store.rules.versions import PlatformVersion, within
from store.slots import Environment, environments_of


def seen_by_actor(act: Act, infrastructure_id: int) -> Seen:
    """The infrastructure with the actor's rights, which stay until the act ends.

    Raises `NotAssociated`, whether it exists or not.
    """
    if act.actor.person_id is None:
        raise NotAssociated
    people.hold(act.connection, act.actor.person_id)
    return infrastructures.seen(act.connection, act.actor.person_id, infrastructure_id)


def registration_seen(act: Act, registration_id: int) -> tuple[Environment, Seen]:
    """A registration's environment and its infrastructure as the actor sees it. Raises `NotAssociated`."""
    environment = environments_of(act.connection, [registration_id]).get(registration_id)
    if environment is None:
        raise infrastructures.not_associated(act.connection, act.actor.person_id)
    return environment, seen_by_actor(act, environment.infrastructure_id)


def require_registering(act: Act, seen: Seen) -> Term:
    """Return the term under which the actor may register and ask.

    Raises `NoRight` for auditors, `CloudNeedsNothing`, and by the subscription `NoSubscription`, `TermEnded`
    or `Suspended`.
    """
    infrastructure = seen.infrastructure
    if not seen.rights.registers:
        anybody = frozenset(RoleName) - {RoleName.AUDITOR}
        raise NoRight(
            infrastructure.id, "infrastructure", "register", names_of(act, infrastructure.id, anybody)
        )
    if infrastructure.is_cloud:
        raise CloudNeedsNothing(infrastructure.id, infrastructure.name)
    return require_term(act, infrastructure)


def require_term(act: Act, infrastructure: Infrastructure) -> Term:
    """Return the term while everything works. Raises `NoSubscription`, `TermEnded` or `Suspended`."""
    return good_term(infrastructure, act.now)


def good_term(infrastructure: Infrastructure, now: datetime) -> Term:
    """The same at a moment, for those who only look. Raises what `require_term` raises."""
    term = infrastructure.term
    if term is None:
        raise NoSubscription(infrastructure.id, infrastructure.name)
    state = term.state(now)
    if state is TermState.SUSPENDED:
        raise Suspended(infrastructure.id, infrastructure.name, manager(infrastructure))
    if state is TermState.ENDED and term.expires_at:
        raise TermEnded(infrastructure.id, infrastructure.name, term.expires_at, manager(infrastructure))
    return term


def require_version(infrastructure: Infrastructure, version: PlatformVersion) -> None:
    """Raise `VersionNotEntitled` when the subscription covers only lower versions."""
    highest = infrastructure.highest_version or ""
    if not within(version, highest):
        raise VersionNotEntitled(infrastructure.id, highest, version.declared, manager(infrastructure))


def require_signed(infrastructure: Infrastructure) -> None:
    """Raise `FilesHeld` when the vendor makes the license files, so that none is made here."""
    if infrastructure.files != "signed":
        raise FilesHeld(infrastructure.id, infrastructure.name, manager(infrastructure))


def require_releasing(act: Act, seen: Seen, subject: str) -> None:
    """Raise `NoRight`, naming who may, when the actor may not end registrations there."""
    if not seen.rights.releases:
        who_may = names_of(act, seen.infrastructure.id, RELEASERS - {RoleName.OPERATOR})
        raise NoRight(seen.infrastructure.id, subject, "release", who_may)


def names_of(act: Act, infrastructure_id: int, roles: frozenset[RoleName], limit: int = 3) -> tuple[str, ...]:
    """Names of active people who hold one of these roles there, administrators first, `limit` at most."""
    holders = people.holders(act.connection, infrastructure_id, roles)
    active = [each for each in holders if each.active and each.person.active]
    ordered = sorted(active, key=lambda each: each.role not in ADMINS)
    return tuple(dict.fromkeys(each.person.name for each in ordered))[:limit]


def manager(infrastructure: Infrastructure) -> tuple[str, str]:
    """Name and e-mail of the account manager."""
    return infrastructure.account_manager.name, infrastructure.account_manager.email
