"""Handing over: somebody names who follows them in their roles, or gives roles up.

What they may not give themselves stays theirs until one of those who may gives it to the successor.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from store import people
from store.desk import Act, intention
from store.infrastructures import not_associated
from store.people import Person
from store.role_changes import (
    RoleChange,
    follow,
    hold_actor,
    may_not_set,
    own_rights,
    put,
    require_holdable,
    setters,
)
from store.role_rows import Held, hold_companies, of_ids
from store.rules.people_errors import NothingToHandOver, OperatorsRole, OwnSuccessor, RoleNotHeld
from store.rules.rights import RoleName
from store.rules.role_rules import may_set
from store.telling import tell


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came of it: roles that went to the successor or were given up, and those that others have to give."""

    successor: Person | None
    done: tuple[Held, ...]
    left_to_others: tuple[tuple[Held, tuple[Person, ...]], ...]  # each with those who may give it


@intention
def hand_over(act: Act, role_ids: Collection[int], successor_id: int | None = None) -> HandedOver:
    """Give roles of the actor's own to a successor, or give them up where none is named.

    Raises `NothingToHandOver`, `OwnSuccessor`, `OperatorsRole`, `RoleNotHeld`, `CannotHoldRole` and
    `LastCompanyAdmin`.
    """
    if not role_ids:
        raise NothingToHandOver
    if successor_id == act.actor.person_id:
        raise OwnSuccessor
    own = _own(act, role_ids)
    successor = None if successor_id is None else people.get(act.connection, successor_id)
    if successor is None:
        return _give_up(act, own)
    require_holdable(successor)
    # Looked at before the first of them goes, since it may be what allows the others.
    direct = [each for each in own if may_set(own_rights(act, each.scope), each.role)]
    changes = [change for each in direct for change in _pass_on(act, each, successor)]
    follow(act, changes, successor=successor.id)
    left = [each for each in own if each not in direct]
    return HandedOver(successor, tuple(direct), tuple(_ask_others(act, left, successor)))


@intention
def take_over(act: Act, role_id: int, successor_id: int) -> tuple[Held, Person]:
    """Give somebody's role to the successor whom they named, as one who may set that role.

    Raises `RoleNotHeld` when they do not hold it any more, `NotAssociated`, `MayNotSetRole`, `CannotHoldRole` and
    `LastCompanyAdmin`.
    """
    hold_companies(act, [each.company_id for each in of_ids(act.connection, [role_id])])
    hold_actor(act)
    found = of_ids(act.connection, [role_id])
    if not found:
        raise RoleNotHeld(role_id)
    held = found[0]
    rights = own_rights(act, held.scope)
    if not rights.sees:
        raise not_associated(act.connection, act.actor.person_id)
    if not may_set(rights, held.role):
        raise may_not_set(act, held.role, held.scope, f"person {held.person.id}")
    successor = people.get(act.connection, successor_id)
    follow(act, _pass_on(act, held, successor), successor=successor_id)
    return held, successor


def _own(act: Act, role_ids: Collection[int]) -> list[Held]:
    """The roles, held until the act ends; each of them the actor's."""
    hold_companies(act, [each.company_id for each in of_ids(act.connection, role_ids)])
    hold_actor(act)
    own = {each.id: each for each in of_ids(act.connection, role_ids)}
    for role_id in role_ids:
        held = own.get(role_id)
        if held is None or held.person.id != act.actor.person_id or not held.active:
            raise RoleNotHeld(role_id)
        if held.role is RoleName.OPERATOR:
            raise OperatorsRole
    return list(own.values())


def _give_up(act: Act, own: Sequence[Held]) -> HandedOver:
    changes = [
        change
        for each in own
        for change in put(
            act, each.role, each.scope, remove=[each.person.id], infrastructure_id=each.infrastructure_id
        )
    ]
    follow(act, changes)
    return HandedOver(None, tuple(own), ())


def _pass_on(act: Act, held: Held, successor: Person) -> list[RoleChange]:
    return put(
        act,
        held.role,
        held.scope,
        add=[successor.id],
        remove=[held.person.id],
        infrastructure_id=held.infrastructure_id,
    )


def _ask_others(act: Act, left: Sequence[Held], successor: Person) -> list[tuple[Held, tuple[Person, ...]]]:
    """Ask those who may to give these roles to the successor; the actor keeps them until then."""
    asked = [(each, tuple(setters(act.connection, each.role, each.scope))) for each in left]
    for held, others in asked:
        facts = {"role_id": held.id, "successor_id": successor.id, "actor_id": act.actor.person_id}
        told = {each.id for each in others} - {act.actor.person_id}
        tell(act, "handing_over", told, f"hand-over:{held.id}:{successor.id}:{act.now.isoformat()}", **facts)
        act.record(
            "ask_hand_over",
            f"person {held.person.id}",
            held.infrastructure_id,
            role=str(held.role),
            successor=successor.id,
        )
    return asked


def roles_to_hand_over(held: Sequence[Held]) -> list[Held]:
    """Those of somebody's roles that they can hand over: active, and not the operators'."""
    return [each for each in held if each.active and each.role is not RoleName.OPERATOR]
