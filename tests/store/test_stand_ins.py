"""Stand-ins: named by the contact or an admin, for deciding only, from day to day, 30 days at most."""

from datetime import UTC, date, datetime, timedelta

import pytest

from store import decisions, overtaken, people, stand_ins
from store.desk import Actor, Desk
from store.rules.errors import DeskError
from store.rules.people_errors import (
    CannotHoldRole,
    ContactNotChosen,
    OwnStandIn,
    StandInBackwards,
    StandInOver,
    StandInTooLong,
)
from store.rules.request_errors import MayNotDecide
from store.rules.seeing_errors import NoRight, NotAssociated
from store.stand_in_rows import StandIn, of_infrastructure
from tests.conftest import Clock
from tests.example import Example
from tests.store.peopling import newcomer, notices
from tests.store.requesting import card_targets, deactivate, entries, put, registered, seen

TODAY = date(2026, 11, 25)


def named(
    desk: Desk,
    actor: int,
    contact: int,
    person: int,
    infrastructure: int,
    first: date = TODAY,
    last: date = TODAY + timedelta(days=6),
) -> StandIn:
    return stand_ins.name_stand_in(desk, Actor(actor), infrastructure, contact, person, first, last)


def present(desk: Desk, infrastructure: int) -> list[int]:
    with desk.database.read() as connection:
        return [each.person.id for each in of_infrastructure(connection, infrastructure, desk.clock())]


def asked(desk: Desk, request: int) -> set[int]:
    return {each.id for each in seen(desk, request).asked}


def request_of_ana(desk: Desk, example: Example) -> int:
    return put(desk, example.ana, registered(desk, example.ana, example.quality[0]))


@pytest.mark.parametrize("who", ["rui", "tom", "eva"])
def test_the_contact_or_an_admin_names_one(desk: Desk, example: Example, who: str) -> None:
    named(desk, getattr(example, who), example.rui, example.ben, example.core)
    assert present(desk, example.core) == [example.ben]
    everybody = {example.rui, example.ben, example.tom, example.eva}
    assert set(notices(desk, "stand_in_named")) == everybody - {getattr(example, who)}


@pytest.mark.parametrize(
    ("who", "error"),
    [("ada", NoRight), ("ana", NoRight), ("max", NoRight), ("olga", NoRight), ("nina", NotAssociated)],
)
def test_nobody_else_does(desk: Desk, example: Example, who: str, error: type[DeskError]) -> None:
    with pytest.raises(error):
        named(desk, getattr(example, who), example.rui, example.ben, example.core)
    assert present(desk, example.core) == []


def test_the_days_are_those_of_the_contact_s_time_zone(desk: Desk, example: Example) -> None:
    made = named(desk, example.ada, example.ada, example.ben, example.core, TODAY, TODAY)
    # Prague is an hour ahead of UTC in winter.
    assert made.starts_at == datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert made.ends_at == datetime(2026, 11, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "error"),
    [
        pytest.param(TODAY, TODAY + timedelta(days=30), StandInTooLong, id="31 days"),
        pytest.param(TODAY, TODAY - timedelta(days=1), StandInBackwards, id="backwards"),
        pytest.param(TODAY - timedelta(days=9), TODAY - timedelta(days=1), StandInOver, id="over"),
    ],
)
def test_days_that_do_not_do_are_refused(
    desk: Desk, example: Example, first: date, last: date, error: type[DeskError]
) -> None:
    with pytest.raises(error):
        named(desk, example.rui, example.rui, example.ben, example.core, first, last)


def test_thirty_days_are_allowed(desk: Desk, example: Example) -> None:
    assert named(desk, example.rui, example.rui, example.ben, example.core, last=TODAY + timedelta(days=29))


def test_thirty_days_over_a_change_of_the_clocks_are_allowed(
    desk: Desk, example: Example, clock: Clock
) -> None:
    clock.now = datetime(2026, 10, 10, 9, tzinfo=UTC)
    first = date(2026, 10, 10)
    made = named(desk, example.rui, example.rui, example.ben, example.core, first, first + timedelta(days=29))
    assert made.ends_at - made.starts_at == timedelta(days=30, hours=1)


def test_only_contacts_have_stand_ins_and_not_themselves(desk: Desk, example: Example) -> None:
    with pytest.raises(ContactNotChosen):
        named(desk, example.tom, example.ana, example.ben, example.core)
    with pytest.raises(OwnStandIn):
        named(desk, example.rui, example.rui, example.rui, example.core)


@pytest.mark.parametrize("who", ["gus", "ben"])
def test_somebody_who_cannot_decide_does_not_stand_in(desk: Desk, example: Example, who: str) -> None:
    deactivate(desk, example.ben)
    with pytest.raises(CannotHoldRole):
        named(desk, example.rui, example.rui, getattr(example, who), example.core)


def test_a_stand_in_is_asked_and_decides_and_has_no_other_right(desk: Desk, example: Example) -> None:
    person = newcomer(desk)
    named(desk, example.rui, example.rui, person, example.core)
    request = request_of_ana(desk, example)
    assert person in asked(desk, request)
    with desk.database.read() as connection:
        assert not people.rights_in(connection, person, example.core).sees

    decisions.forward(desk, Actor(person), request)

    assert [str(each.state) for each in seen(desk, request).items] == ["forwarded"]


def test_what_waits_already_is_put_to_the_stand_in_at_once(desk: Desk, example: Example) -> None:
    request = request_of_ana(desk, example)
    named(desk, example.rui, example.rui, example.ben, example.core)
    assert example.ben in asked(desk, request)
    assert example.ben in card_targets(desk, request, seen(desk, request).version)


def test_what_waits_when_the_first_day_begins_is_put_to_the_stand_in_then_and_once(
    desk: Desk, example: Example, clock: Clock
) -> None:
    request = request_of_ana(desk, example)
    tomorrow = TODAY + timedelta(days=1)
    named(desk, example.rui, example.rui, example.ben, example.core, tomorrow, tomorrow)
    assert stand_ins.begin_due(desk) == 0
    assert example.ben not in asked(desk, request)

    clock.advance(timedelta(days=1))

    assert stand_ins.begin_due(desk) == 1
    assert example.ben in asked(desk, request)
    version = seen(desk, request).version
    assert stand_ins.begin_due(desk) == 0
    assert seen(desk, request).version == version


def test_a_stand_in_decides_only_until_the_last_day_is_over(
    desk: Desk, example: Example, clock: Clock
) -> None:
    named(desk, example.rui, example.rui, example.ben, example.core, TODAY, TODAY)
    request = request_of_ana(desk, example)
    clock.advance(timedelta(days=1))

    with pytest.raises(MayNotDecide):
        decisions.forward(desk, Actor(example.ben), request)

    overtaken.follow_up(desk)
    assert example.ben not in asked(desk, request)


def test_naming_the_same_person_again_sets_the_days_anew(desk: Desk, example: Example) -> None:
    named(desk, example.rui, example.rui, example.ben, example.core)
    made = named(desk, example.rui, example.rui, example.ben, example.core, last=TODAY)
    with desk.database.read() as connection:
        assert of_infrastructure(connection, example.core, desk.clock()) == [made]


@pytest.mark.parametrize("who", ["rui", "ben", "eva"])
def test_the_contact_who_stands_in_or_an_admin_ends_it(desk: Desk, example: Example, who: str) -> None:
    made = named(desk, example.rui, example.rui, example.ben, example.core)
    assert stand_ins.end_stand_in(desk, Actor(getattr(example, who)), made.id) == made
    assert present(desk, example.core) == []
    everybody = {example.rui, example.ben, example.tom, example.eva}
    assert set(notices(desk, "stand_in_ended")) == everybody - {getattr(example, who)}
    assert stand_ins.end_stand_in(desk, Actor(getattr(example, who)), made.id) is None
    assert len(entries(desk, "end_stand_in")) == 1


@pytest.mark.parametrize(("who", "error"), [("ada", NoRight), ("nina", NotAssociated)])
def test_others_cannot_end_it(desk: Desk, example: Example, who: str, error: type[DeskError]) -> None:
    made = named(desk, example.rui, example.rui, example.ben, example.core)
    with pytest.raises(error):
        stand_ins.end_stand_in(desk, Actor(getattr(example, who)), made.id)
    assert present(desk, example.core) == [example.ben]


def test_it_is_recorded_with_who_for_whom_and_the_days(desk: Desk, example: Example) -> None:
    made = named(desk, example.tom, example.rui, example.ben, example.core)
    [entry] = entries(desk, "name_stand_in")
    assert entry.subject == f"person {example.rui}"
    assert entry.facts == {
        "stand_in": example.ben,
        "starts_at": made.starts_at.isoformat(),
        "ends_at": made.ends_at.isoformat(),
    }
