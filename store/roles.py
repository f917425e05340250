"""Setting roles: who has which in an infrastructure and its company, and which resting ones count again."""

from collections.abc import Collection
from dataclasses import dataclass

from store import role_rows
from store.desk import Act, intention
from store.entitlement import seen_by_actor
from store.infrastructures import Infrastructure, not_associated
from store.role_changes import (
    RoleChange,
    What,
    follow,
    hold_actor,
    may_not_set,
    own_rights,
    put,
    require_holdable,
)
from store.role_rows import Held, hold_companies, hold_company_of, of_ids, scope_of
from store.rules.people_errors import RoleNotHeld
from store.rules.rights import HeldRole, RoleName
from store.rules.role_rules import may_confirm, may_set


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of setting a role; no changes when it was like that already."""

    role: RoleName
    infrastructure: Infrastructure
    changes: tuple[RoleChange, ...]


@intention
def change(
    act: Act,
    infrastructure_id: int,
    role: RoleName,
    add: Collection[int] = (),
    remove: Collection[int] = (),
) -> Changed:
    """Give a role to some people, by id, and take it from others; company-wide roles in the whole company.

    A new financial or technical contact takes the place of the present one. Raises `NotAssociated`,
    `MayNotSetRole`, `CannotHoldRole`, `LastCompanyAdmin` and `OneHolderOnly`.
    """
    hold_company_of(act, infrastructure_id)
    infrastructure = seen_by_actor(act, infrastructure_id).infrastructure
    scope = scope_of(role, infrastructure.company_id, infrastructure.id)
    if not may_set(own_rights(act, scope), role):
        raise may_not_set(act, role, scope, f"infrastructure {infrastructure.id}")
    changes = put(act, role, scope, add=add, remove=remove, infrastructure_id=infrastructure.id)
    follow(act, changes)
    return Changed(role, infrastructure, tuple(changes))


@intention
def confirm(act: Act, role_ids: Collection[int]) -> tuple[Held, ...]:
    """Let resting roles count again; return those that rested until now.

    Raises `NotAssociated` for a role that the actor cannot see, `RoleNotHeld` for one that was ended meanwhile,
    `MayNotSetRole`, and `CannotHoldRole` for somebody who is still deactivated.
    """
    hold_companies(act, [each.company_id for each in of_ids(act.connection, role_ids)])
    hold_actor(act)
    found = {each.id: each for each in of_ids(act.connection, role_ids)}
    for role_id in role_ids:
        _require_confirming(act, role_id, found.get(role_id))
    woken = [each for each in found.values() if role_rows.wake(act, each)]
    follow(act, [RoleChange(each, What.CONFIRMED) for each in woken])
    return tuple(woken)


def confirmable(act_held: Collection[Held], actor_held: Collection[HeldRole]) -> list[Held]:
    """Those of some roles that rest although their holder is back, and that somebody with these roles may confirm."""
    return [
        each
        for each in act_held
        if not each.active
        and each.person.welcome
        and may_confirm(role_rows.rights_over(actor_held, each.scope), each.role)
    ]


def _require_confirming(act: Act, role_id: int, held: Held | None) -> None:
    if held is None:
        raise RoleNotHeld(role_id)
    rights = own_rights(act, held.scope)
    if not rights.sees:
        raise not_associated(act.connection, act.actor.person_id)
    if not may_confirm(rights, held.role):
        raise may_not_set(act, held.role, held.scope, f"person {held.person.id}")
    require_holdable(held.person)
