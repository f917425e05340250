"""Roles given, taken and confirmed within an act, and what follows: who is told, who is asked, what is recorded."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from store import people, role_rows
from store.addressing import ask_newcomers
from store.desk import Act
from store.people import Person
from store.role_rows import Held, Scope, in_scope
from store.rules.people_errors import CannotHoldRole, MayNotSetRole, OneHolderOnly
from store.rules.rights import ADMINS, CONTACTS, Rights, RoleName
from store.rules.role_rules import SET_BY, SINGLE
from store.stand_in_rows import end_of_contact
from store.telling import tell


class What(StrEnum):
    """What became of a role."""

    GIVEN = "given"
    ENDED = "ended"
    CONFIRMED = "confirmed"


_ACTIONS = {What.GIVEN: "give_role", What.ENDED: "end_role", What.CONFIRMED: "confirm_role"}


@dataclass(frozen=True, slots=True)
class RoleChange:
    """One role of one person that was given, ended or confirmed."""

    held: Held
    what: What

    @property
    def facts(self) -> dict[str, object]:
        """What a notice says of it, as ids and plain values."""
        held = self.held
        return {
            "what": str(self.what),
            "role": str(held.role),
            "person_id": held.person.id,
            "company_id": held.company_id,
            "infrastructure_id": held.infrastructure_id,
        }


def hold_actor(act: Act) -> None:
    """Keep what the actor may do as it is until the act ends."""
    if act.actor.person_id is not None:
        people.hold(act.connection, act.actor.person_id)


def own_rights(act: Act, scope: Scope) -> Rights:
    """What the actor may do in a scope at this moment; nothing unless they are welcome."""
    actor_id = act.actor.person_id
    if actor_id is None or not people.get(act.connection, actor_id).welcome:
        return Rights(frozenset())
    return role_rows.rights_over(people.held_roles(act.connection, actor_id), scope)


def setters(connection: Connection, role: RoleName, scope: Scope) -> list[Person]:
    """Who gives and takes a role there, ordered by name; operators only where nobody else may."""
    allowed = SET_BY.get(role, frozenset())
    found: list[Person] = []
    if scope.infrastructure_id is not None:
        held = people.holders(connection, scope.infrastructure_id, allowed - {RoleName.OPERATOR})
        found = [each.person for each in held if each.active and each.person.welcome]
    elif scope.company_id is not None and RoleName.COMPANY_ADMIN in allowed:
        found = people.company_admins(connection, scope.company_id)
    return list(dict.fromkeys(found or people.operators(connection)))


def may_not_set(act: Act, role: RoleName, scope: Scope, subject: str) -> MayNotSetRole:
    """The refusal for an actor who may not set a role, naming a few who may."""
    names = tuple(each.name for each in setters(act.connection, role, scope))[:3]
    return MayNotSetRole(scope.infrastructure_id, subject, role, names)


def require_holdable(person: Person) -> None:
    """Raise `CannotHoldRole` for somebody who could do nothing with a role."""
    if not person.active:
        raise CannotHoldRole(person.name, "deactivated")
    if not person.welcome:
        raise CannotHoldRole(person.name, "guest")


def put(
    act: Act,
    role: RoleName,
    scope: Scope,
    *,
    add: Collection[int] = (),
    remove: Collection[int] = (),
    infrastructure_id: int | None = None,
) -> list[RoleChange]:
    """Give a role to some people and take it from others; where only one can have it, the new one follows the old.

    Who has it already keeps it; a resting role of somebody added counts again. The company is held before. Raises
    `CannotHoldRole`, `LastCompanyAdmin` and `OneHolderOnly`.
    """
    if role in SINGLE and len(set(add)) > 1:
        raise OneHolderOnly(role)
    present = {each.person.id: each for each in in_scope(act.connection, role, scope)}
    leaving = set(present) - set(add) if role in SINGLE and add else set(remove) - set(add)
    ended = [
        present[each] for each in sorted(leaving) if each in present and role_rows.end(act, present[each])
    ]
    given = [_give(act, role, scope, each, present.get(each)) for each in sorted(set(add))]
    for each in ended:
        role_rows.require_company_admin(act, each, infrastructure_id)
    return [*(RoleChange(each, What.ENDED) for each in ended), *filter(None, given)]


def follow(act: Act, changes: Sequence[RoleChange], **facts: object) -> None:
    """Do what follows from changes of roles: end stand-ins, ask newcomers, record, tell. `facts` go into the record."""
    for each in changes:
        if each.what is What.ENDED and each.held.role in CONTACTS and each.held.infrastructure_id:
            end_of_contact(act, each.held.person.id, each.held.infrastructure_id)
    ask_newcomers(act, [each.held.scope for each in changes if each.what is not What.ENDED])
    for each in changes:
        _record(act, each, facts)
    _tell(act, changes)


def admins_of(connection: Connection, scope: Scope) -> list[Person]:
    """The infrastructure administrators and company admins of a scope, or the operators of what is everywhere."""
    if scope.infrastructure_id is not None:
        held = people.holders(connection, scope.infrastructure_id, ADMINS)
        return [each.person for each in held if each.active and each.person.welcome]
    if scope.company_id is not None:
        return people.company_admins(connection, scope.company_id)
    return people.operators(connection)


def _give(act: Act, role: RoleName, scope: Scope, person_id: int, present: Held | None) -> RoleChange | None:
    """Give the role, or let it count again where it rests; None for somebody who has it."""
    if present and present.active:
        return None
    require_holdable(people.get(act.connection, person_id))
    if present:
        role_rows.wake(act, present)
        return RoleChange(present, What.CONFIRMED)
    [given] = role_rows.of_ids(act.connection, [role_rows.give(act, role, scope, person_id)])
    return RoleChange(given, What.GIVEN)


def _record(act: Act, change: RoleChange, facts: dict[str, object]) -> None:
    held = change.held
    # Roles in a whole company are recorded by the desk, like those that an import gives.
    company = {} if held.infrastructure_id else {"company": held.company_id}
    act.record(
        _ACTIONS[change.what],
        f"person {held.person.id}",
        held.infrastructure_id,
        role=str(held.role),
        **company,
        **facts,
    )


def _tell(act: Act, changes: Sequence[RoleChange]) -> None:
    """Tell the people concerned of their own roles and the admins of the others', each in one message."""
    concerned: defaultdict[int, list[RoleChange]] = defaultdict(list)
    overseen: defaultdict[int, list[RoleChange]] = defaultdict(list)
    admins = {scope: admins_of(act.connection, scope) for scope in {each.held.scope for each in changes}}
    for change in changes:
        concerned[change.held.person.id].append(change)
        for admin in admins[change.held.scope]:
            overseen[admin.id].append(change)
    occasion = _occasion(act, changes)
    for person_id, own in concerned.items():
        if person_id != act.actor.person_id:
            tell(act, "own_roles_changed", [person_id], occasion, **_facts(act, own))
    for person_id, others in overseen.items():
        told = [each for each in others if each.held.person.id != person_id]
        if told and person_id != act.actor.person_id:
            tell(act, "roles_changed", [person_id], f"{occasion}:admin", **_facts(act, told))


def _facts(act: Act, changes: Iterable[RoleChange]) -> dict[str, object]:
    return {"actor_id": act.actor.person_id, "changes": [each.facts for each in changes]}


def _occasion(act: Act, changes: Sequence[RoleChange]) -> str:
    # A role is given once and ended once; only resting and confirming can come again.
    first = changes[0] if changes else None
    return f"role:{first.held.id}:{first.what}:{act.now.isoformat()}" if first else ""
