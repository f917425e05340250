"""Handing over roles: to a successor, or giving them up; what one may not give is left to those who may."""

from functools import partial

import pytest

from store import handing_over
from store.desk import Actor, Desk
from store.handing_over import HandedOver
from store.rules.errors import DeskError
from store.rules.people_errors import (
    CannotHoldRole,
    LastCompanyAdmin,
    MayNotSetRole,
    NothingToHandOver,
    OperatorsRole,
    OwnSuccessor,
    RoleNotHeld,
)
from store.rules.seeing_errors import NotAssociated
from tests.example import Example
from tests.store.peopling import holders, newcomer, notices, role_ids
from tests.store.requesting import deactivate, entries, give_role, put, registered, seen
from tests.store.test_races import at_once


def hand_over(desk: Desk, person: int, successor: int | None, roles: list[int] | None = None) -> HandedOver:
    chosen = role_ids(desk, person) if roles is None else roles
    return handing_over.hand_over(desk, Actor(person), chosen, successor)


def test_the_technical_contact_hands_over_and_what_waits_goes_along(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    done = hand_over(desk, example.rui, example.ben)
    assert [each.role for each in done.done] == ["technical_contact"]
    assert holders(desk, "technical_contact") == {example.ben}
    assert example.ben in {each.id for each in seen(desk, request).asked}
    assert [each.facts["successor"] for each in entries(desk, "give_role")] == [example.ben]
    assert set(notices(desk, "own_roles_changed")) == {example.ben}
    assert set(notices(desk, "roles_changed")) == {example.tom, example.eva}


def test_the_last_company_admin_hands_over_in_one_step(desk: Desk, example: Example) -> None:
    done = hand_over(desk, example.eva, example.ben)
    assert {str(each.role) for each in done.done} == {"company_admin", "member"}
    assert example.ben in holders(desk, "company_admin")
    assert role_ids(desk, example.eva) == []


def test_what_one_may_not_give_stays_until_somebody_who_may_gives_it(desk: Desk, example: Example) -> None:
    done = hand_over(desk, example.fiona, example.ben)
    assert done.done == ()
    [(held, others)] = done.left_to_others
    assert (held.role, [each.name for each in others]) == ("financial_contact", ["Olga Ruiz"])
    assert holders(desk, "financial_contact") == {example.fiona}
    assert set(notices(desk, "handing_over")) == {example.olga}

    handing_over.take_over(desk, Actor(example.olga), held.id, example.ben)

    assert holders(desk, "financial_contact") == {example.ben}
    with pytest.raises(RoleNotHeld):
        handing_over.take_over(desk, Actor(example.olga), held.id, example.ana)


@pytest.mark.parametrize(
    ("who", "error"), [("eva", MayNotSetRole), ("ana", MayNotSetRole), ("nina", NotAssociated)]
)
def test_only_those_who_may_set_the_role_give_it(
    desk: Desk, example: Example, who: str, error: type[DeskError]
) -> None:
    hand_over(desk, example.fiona, example.ben)
    with pytest.raises(error):
        handing_over.take_over(
            desk, Actor(getattr(example, who)), role_ids(desk, example.fiona)[0], example.ben
        )
    assert holders(desk, "financial_contact") == {example.fiona}


def test_an_administrator_s_own_role_is_left_to_the_company_s_admins(desk: Desk, example: Example) -> None:
    done = hand_over(desk, example.tom, example.ben)
    assert {str(each.role) for each, _ in done.left_to_others} == {"infrastructure_admin"}
    assert set(notices(desk, "handing_over")) == {example.eva}


def test_without_a_successor_a_role_is_given_up(desk: Desk, example: Example) -> None:
    done = hand_over(desk, example.ada, None)
    assert done.successor is None
    assert holders(desk, "additional_contact") == set()
    assert set(notices(desk, "roles_changed")) == {example.tom, example.eva}


def test_the_last_active_company_admin_cannot_give_up(desk: Desk, example: Example) -> None:
    with pytest.raises(LastCompanyAdmin):
        hand_over(desk, example.eva, None)
    assert len(role_ids(desk, example.eva)) == 2


def test_of_two_admins_who_give_up_at_once_one_stays(desk: Desk, example: Example) -> None:
    give_role(desk, example.ben, "company_admin", company=example.acme)
    answers = at_once([partial(hand_over, desk, each, None) for each in (example.eva, example.ben)])
    assert len([each for each in answers if isinstance(each, LastCompanyAdmin)]) == 1
    assert len(holders(desk, "company_admin") & {example.eva, example.ben}) == 1


def test_two_who_give_the_same_role_to_successors_at_once_give_it_once(desk: Desk, example: Example) -> None:
    give_role(desk, example.ben, "company_admin", company=example.acme)
    hand_over(desk, example.tom, example.ana)
    role = role_ids(desk, example.tom)[0]
    answers = at_once(
        [
            partial(handing_over.take_over, desk, Actor(each), role, example.ana)
            for each in (example.eva, example.ben)
        ]
    )
    assert len([each for each in answers if isinstance(each, RoleNotHeld)]) == 1
    assert example.ana in holders(desk, "infrastructure_admin")


@pytest.mark.parametrize("who", ["gus", "ben"])
def test_somebody_who_could_do_nothing_is_no_successor(desk: Desk, example: Example, who: str) -> None:
    deactivate(desk, example.ben)
    with pytest.raises(CannotHoldRole):
        hand_over(desk, example.rui, getattr(example, who))
    assert holders(desk, "technical_contact") == {example.rui}


def test_only_one_s_own_roles_are_handed_over(desk: Desk, example: Example) -> None:
    with pytest.raises(RoleNotHeld):
        hand_over(desk, example.ana, example.ben, role_ids(desk, example.rui))
    assert holders(desk, "technical_contact") == {example.rui}


def test_nobody_follows_themselves_and_nothing_is_not_handed_over(desk: Desk, example: Example) -> None:
    with pytest.raises(OwnSuccessor):
        hand_over(desk, example.rui, example.rui)
    with pytest.raises(NothingToHandOver):
        hand_over(desk, example.rui, example.ben, [])


def test_operators_are_the_import_s_matter(desk: Desk, example: Example) -> None:
    with pytest.raises(OperatorsRole):
        hand_over(desk, example.olga, newcomer(desk))
    assert holders(desk, "operator") == {example.olga}
