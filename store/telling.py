"""Who is told of a change: the technical contact, or else the infrastructure administrators; never the actor."""

from collections.abc import Iterable
from typing import Any

from store import people
from store.deliveries import queue_notice
from store.desk import Act
from store.rules.rights import RoleName


def tell(act: Act, notice: str, person_ids: Iterable[int | None], occasion: str, **facts: Any) -> None:
    """Queue `notice` for each of these people, as far as a message can reach them; once for each `occasion`."""
    known = people.get_many(act.connection, {each for each in person_ids if each is not None})
    for person_id in sorted(known):
        if known[person_id].reachable:
            queue_notice(act, notice, person_id, f"{occasion}:{person_id}", **facts)


def tell_of_change(
    act: Act, notice: str, infrastructure_id: int, occasion: str, *, also: Iterable[int] = (), **facts: Any
) -> None:
    """Queue `notice` for everybody who is told of a change in an infrastructure.

    `also` are ids of further people, such as the registrant, who are told while they have a role there;
    `occasion` makes it once per person and change.
    """
    tell(act, notice, told_of_change(act, infrastructure_id, also), occasion, **facts)


def told_of_change(act: Act, infrastructure_id: int, also: Iterable[int] = ()) -> set[int]:
    """The ids of those who are told of a change in an infrastructure, the actor never among them."""
    further = {each for each in also if people.rights_in(act.connection, each, infrastructure_id).sees}
    told = {each.person.id for each in _overseers(act, infrastructure_id)} | further
    return {each for each in told if each != act.actor.person_id}


def tell_operators(act: Act, notice: str, occasion: str, **facts: Any) -> None:
    """Queue `notice` for every operator but the actor."""
    told = {each.id for each in people.operators(act.connection)}
    tell(act, notice, told - {act.actor.person_id}, occasion, **facts)


def _overseers(act: Act, infrastructure_id: int) -> list[people.Holder]:
    for role in (RoleName.TECHNICAL_CONTACT, RoleName.INFRASTRUCTURE_ADMIN):
        held = people.holders(act.connection, infrastructure_id, {role})
        active = [each for each in held if each.active and each.person.reachable]
        if active:
            return active
    return []
