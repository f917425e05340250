"""Requests for access: where they go, who answers, and how often somebody may ask."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from store import access_requests
from store.desk import Actor, Desk
from store.rules.errors import DeskError
from store.rules.people_errors import (
    AccessAnswered,
    AccessAskedTooOften,
    AccessTextMissing,
    AccessTextTooLong,
    CannotHoldRole,
)
from store.rules.seeing_errors import NotAssociated
from store.tables import access_requests as rows
from tests.conftest import Clock
from tests.example import Example
from tests.store.peopling import holders, newcomer, notices
from tests.store.requesting import deactivate, entries, give_role, rest_roles
from tests.store.test_races import at_once

CODE = "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC"


def ask(desk: Desk, person: int, typed: str = CODE, key: str | None = None) -> int:
    """Ask, and give the newest request's id."""
    access_requests.ask(desk, Actor(person), typed, key)
    with desk.database.read() as connection:
        query = select(rows.c.id).where(rows.c.person_id == person).order_by(rows.c.id.desc())
        return int(connection.execute(query.limit(1)).scalar_one())


def test_an_activation_code_leads_to_the_company_s_admins(desk: Desk, example: Example) -> None:
    ask(desk, newcomer(desk), CODE.lower())
    assert set(notices(desk, "access_asked")) == {example.eva}


@pytest.mark.parametrize("typed", ["Acme, please", "ZZ9.ZZZ.ZZZ.ZZZ.ZZZ.ZZZ.ZZZ.ZZZ"])
def test_everything_else_leads_to_the_operators(desk: Desk, example: Example, typed: str) -> None:
    ask(desk, newcomer(desk), typed)
    assert set(notices(desk, "access_asked")) == {example.olga}


def test_somebody_of_a_company_is_answered_there(desk: Desk, example: Example) -> None:
    ask(desk, newcomer(desk, company_id=example.globex_company), "hello")
    assert set(notices(desk, "access_asked")) == {example.nina}


def test_a_company_without_an_active_admin_leaves_it_to_the_operators(desk: Desk, example: Example) -> None:
    rest_roles(desk, example.eva)
    ask(desk, newcomer(desk))
    assert set(notices(desk, "access_asked")) == {example.olga}


def test_what_was_typed_is_not_in_the_record(desk: Desk, example: Example) -> None:
    person = newcomer(desk)
    request = ask(desk, person, "my secret words")
    [entry] = entries(desk, "ask_access")
    assert (entry.subject, entry.facts) == (f"person {person}", {"access": request})


@pytest.mark.parametrize(("typed", "error"), [("  ", AccessTextMissing), ("x" * 501, AccessTextTooLong)])
def test_what_cannot_be_read_is_not_passed_on(
    desk: Desk, example: Example, typed: str, error: type[DeskError]
) -> None:
    with pytest.raises(error):
        ask(desk, newcomer(desk), typed)
    assert notices(desk, "access_asked") == {}


def test_somebody_asks_three_times_a_day(desk: Desk, example: Example, clock: Clock) -> None:
    person = newcomer(desk)
    first = clock.now
    for _ in range(3):
        ask(desk, person)
        clock.advance(timedelta(hours=1))
    with pytest.raises(AccessAskedTooOften) as refused:
        ask(desk, person)
    assert refused.value.again_at == first + timedelta(days=1)
    ask(desk, newcomer(desk, "Yan Zhu"))
    clock.now = refused.value.again_at
    ask(desk, person)


def test_ten_requests_at_once_are_three(desk: Desk, example: Example) -> None:
    person = newcomer(desk)
    answers = at_once([partial(ask, desk, person, CODE, f"form {each}") for each in range(10)])
    assert len([each for each in answers if isinstance(each, AccessAskedTooOften)]) == 7


def test_the_same_form_sent_in_again_is_one_request(desk: Desk, example: Example) -> None:
    person = newcomer(desk)
    assert len({ask(desk, person, key="V1") for _ in range(5)}) == 1


@pytest.mark.parametrize("who", ["eva", "tom", "olga"])
def test_admins_and_operators_add_a_member(desk: Desk, example: Example, who: str) -> None:
    person = newcomer(desk)
    request = ask(desk, person)
    access_requests.add_member(desk, Actor(getattr(example, who)), request, example.core)
    assert person in holders(desk, "member")
    assert set(notices(desk, "own_roles_changed")) == {person}
    assert entries(desk, "let_in")[0].facts == {"access": request}


@pytest.mark.parametrize("who", ["nina", "ana", "rui", "max", "ada"])
def test_others_can_neither_add_nor_decline(desk: Desk, example: Example, who: str) -> None:
    person = newcomer(desk)
    request, actor = ask(desk, person), Actor(getattr(example, who))
    for step in (
        partial(access_requests.add_member, desk, actor, request, example.core),
        partial(access_requests.decline, desk, actor, request),
        partial(access_requests.to_answer, desk, actor, request),
    ):
        with pytest.raises(NotAssociated):
            step()
    assert person not in holders(desk, "member")


def test_what_went_to_the_operators_is_not_for_admins(desk: Desk, example: Example) -> None:
    request = ask(desk, newcomer(desk), "hello")
    with pytest.raises(NotAssociated):
        access_requests.add_member(desk, Actor(example.eva), request, example.core)


def test_an_admin_adds_nobody_to_another_company(desk: Desk, example: Example) -> None:
    give_role(desk, example.eva, "infrastructure_admin", infrastructure=example.globex)
    person = newcomer(desk)
    request = ask(desk, person)
    with pytest.raises(NotAssociated):
        access_requests.add_member(desk, Actor(example.eva), request, example.globex)
    assert person not in holders(desk, "member")


def test_nothing_is_said_of_a_request_that_does_not_exist(desk: Desk, example: Example) -> None:
    with pytest.raises(NotAssociated):
        access_requests.decline(desk, Actor(example.olga), 999)


def test_of_two_who_answer_at_once_one_does(desk: Desk, example: Example) -> None:
    person = newcomer(desk)
    request = ask(desk, person)
    answers = at_once(
        [
            partial(access_requests.add_member, desk, Actor(example.eva), request, example.core),
            partial(access_requests.decline, desk, Actor(example.olga), request),
        ]
    )
    [told] = [each for each in answers if isinstance(each, AccessAnswered)]
    assert told.answered_by in {"Eva Lang", "Olga Ruiz"}
    assert (person in holders(desk, "member")) is told.added


def test_somebody_deactivated_meanwhile_is_not_added_and_the_request_stays_open(
    desk: Desk, example: Example
) -> None:
    person = newcomer(desk)
    request = ask(desk, person)
    deactivate(desk, person)
    with pytest.raises(CannotHoldRole):
        access_requests.add_member(desk, Actor(example.eva), request, example.core)
    assert access_requests.decline(desk, Actor(example.eva), request).id == person


def test_a_declined_request_is_told_to_the_person(desk: Desk, example: Example) -> None:
    person = newcomer(desk)
    request = ask(desk, person)
    access_requests.decline(desk, Actor(example.eva), request)
    assert notices(desk, "access_declined") == {person: {}}
