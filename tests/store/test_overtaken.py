"""Requests that were overtaken: by the end of a term, a role that was lost, people who left."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from store import decisions, profiles, requests
from store.desk import Actor, Desk
from store.overtaken import follow_up
from store.profiles import Profile
from store.rules.request_errors import MayNotDecide
from store.tables import persons, stand_ins, subscriptions
from tests.conftest import Clock
from tests.example import START, TERM_END, WORKSPACE, Example, serial
from tests.store.requesting import (
    card_targets,
    change,
    deactivate,
    entries,
    give_role,
    put,
    registered,
    registration_state,
    replies,
    reserved,
    rest_roles,
    seen,
    states,
    take_roles,
    told,
)


@pytest.fixture
def request_id(desk: Desk, example: Example) -> int:
    """Ana asks for the license of Quality 1; Rui and Fiona are asked in the channel, Ada directly."""
    return put(desk, example.ana, registered(desk, example.ana, example.quality[0]))


def leave(desk: Desk, *names: str) -> None:
    """Slack says that these people were deactivated."""
    for name in names:
        profile = Profile(WORKSPACE, f"U0{name.upper()}", name, active=False)
        profiles.note(desk, Actor(None), profile)


def asked(desk: Desk, request: int) -> list[str]:
    return sorted(each.name for each in seen(desk, request).asked)


def test_nothing_follows_while_everything_is_as_it_was(desk: Desk, request_id: int) -> None:
    assert follow_up(desk) == 0
    assert seen(desk, request_id).version == 1


def test_when_everybody_asked_was_deactivated_the_next_step_is_asked(
    desk: Desk, example: Example, request_id: int
) -> None:
    leave(desk, "rui", "fiona", "ada")
    assert follow_up(desk) == 1
    request = seen(desk, request_id)
    assert str(request.step) == "infrastructure_admins"
    assert asked(desk, request_id) == ["Tom Berg"]
    assert [each.name for each in request.skipped] == ["Ada Novak", "Fiona Marsh", "Rui Costa"]
    assert [each.facts["asked"] for each in entries(desk, "address_anew")] == [[example.tom]]
    assert follow_up(desk) == 0


def test_when_one_of_those_asked_leaves_the_cards_say_so(
    desk: Desk, example: Example, request_id: int
) -> None:
    leave(desk, "ada")
    assert follow_up(desk) == 1
    assert asked(desk, request_id) == ["Fiona Marsh", "Rui Costa"]
    assert [each.name for each in seen(desk, request_id).skipped] == ["Ada Novak"]
    assert card_targets(desk, request_id, 2) == {example.channel}
    assert follow_up(desk) == 0


@pytest.mark.parametrize("loss", [rest_roles, take_roles, deactivate])
def test_a_role_lost_in_whatever_way_counts(
    desk: Desk, example: Example, request_id: int, loss: object
) -> None:
    assert callable(loss)
    loss(desk, example.rui, example.fiona, example.ada)
    assert follow_up(desk) == 1
    assert asked(desk, request_id) == ["Tom Berg"]


def test_a_new_contact_is_asked_before_the_next_step(desk: Desk, example: Example, request_id: int) -> None:
    take_roles(desk, example.rui, example.fiona, example.ada)
    give_role(desk, example.ben, "technical_contact", example.core)
    follow_up(desk)
    assert str(seen(desk, request_id).step) == "contacts"
    assert asked(desk, request_id) == ["Ben Okafor"]


def test_with_nobody_left_to_ask_the_items_are_closed_and_the_requester_is_told(
    desk: Desk, example: Example, request_id: int
) -> None:
    leave(desk, "rui", "fiona", "ada", "tom", "eva", "olga")
    follow_up(desk)
    assert [str(each.cause) for each in seen(desk, request_id).items] == ["nobody_reachable"]
    assert told(desk, "closed") == [example.ana]


def test_somebody_who_still_may_decide_by_another_role_is_still_asked(
    desk: Desk, example: Example, request_id: int
) -> None:
    take_roles(desk, example.rui)
    give_role(desk, example.rui, "company_admin", company=example.acme)
    assert follow_up(desk) == 0
    assert "Rui Costa" in asked(desk, request_id)


def test_a_stand_in_is_asked_until_their_time_is_over(desk: Desk, example: Example, clock: Clock) -> None:
    take_roles(desk, example.fiona, example.ada)
    values = {"contact_id": example.rui, "person_id": example.ben, "infrastructure_id": example.core}
    change(desk, insert(stand_ins).values(starts_at=START, ends_at=START + timedelta(days=1), **values))
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert asked(desk, request) == ["Ben Okafor", "Rui Costa"]
    clock.advance(timedelta(days=1))
    follow_up(desk)
    assert asked(desk, request) == ["Rui Costa"]


def test_stand_ins_end_with_the_role_that_they_stand_in_for(
    desk: Desk, example: Example, request_id: int
) -> None:
    values = {"contact_id": example.rui, "person_id": example.ben, "infrastructure_id": example.core}
    change(desk, insert(stand_ins).values(starts_at=START, ends_at=START + timedelta(days=9), **values))
    leave(desk, "rui")
    profiles.note(desk, Actor(None), Profile(WORKSPACE, "U0RUI", "rui"))
    give_role(desk, example.rui, "additional_contact", example.core)
    with pytest.raises(MayNotDecide):
        decisions.forward(desk, Actor(example.ben), request_id)


def test_a_guest_whom_nobody_named_is_asked_no_more(desk: Desk, example: Example, request_id: int) -> None:
    change(desk, update(persons).where(persons.c.id == example.ada).values(slack_id_imported=False))
    profiles.note(desk, Actor(None), Profile(WORKSPACE, "U0ADA", "ada", guest=True))
    follow_up(desk)
    assert asked(desk, request_id) == ["Fiona Marsh", "Rui Costa"]
    with pytest.raises(MayNotDecide):
        decisions.forward(desk, Actor(example.ada), request_id)


def test_a_release_is_asked_of_operators_only(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    request = requests.ask_release(desk, Actor(example.tom), registration, "server gone").request_id
    assert request is not None
    assert follow_up(desk) == 0
    take_roles(desk, example.olga)
    follow_up(desk)
    assert [str(each.cause) for each in seen(desk, request).items] == ["nobody_reachable"]
    assert registration_state(desk, registration) == "open"


@pytest.mark.parametrize(
    ("loss", "cause", "notices"),
    [
        pytest.param(deactivate, "requester_inactive", 0, id="deactivated"),
        pytest.param(rest_roles, "requester_without_role", 1, id="resting"),
        pytest.param(take_roles, "requester_without_role", 1, id="removed"),
    ],
)
def test_what_somebody_asked_for_who_may_not_have_it_any_more_is_closed(
    desk: Desk, example: Example, request_id: int, loss: object, cause: str, notices: int
) -> None:
    assert callable(loss)
    loss(desk, example.ana)
    assert follow_up(desk) == 1
    assert [str(each.cause) for each in seen(desk, request_id).items] == [cause]
    assert replies(desk, request_id) == {"closed"}
    assert told(desk, "closed") == [example.ana] * notices
    assert [each.facts["cause"] for each in entries(desk, "close")] == [cause]


def test_an_auditor_keeps_no_request(desk: Desk, example: Example, request_id: int) -> None:
    take_roles(desk, example.ana)
    give_role(desk, example.ana, "auditor", company=example.acme)
    follow_up(desk)
    assert states(desk, request_id) == ["closed"]


@pytest.mark.parametrize(
    ("days", "left"), [(timedelta(days=14) - timedelta(seconds=1), "pending"), (timedelta(days=14), "closed")]
)
def test_with_the_end_of_grace_what_waits_is_closed(
    desk: Desk, example: Example, request_id: int, clock: Clock, days: timedelta, left: str
) -> None:
    clock.now = TERM_END + days
    follow_up(desk)
    assert states(desk, request_id) == [left]


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        (update(subscriptions).values(state="suspended"), "suspended"),
        (update(subscriptions).values(ends_at=START - timedelta(days=30)), "term_ended"),
    ],
    ids=["suspended", "ended"],
)
def test_a_change_of_the_subscription_closes_what_waits_and_frees_reserved_serial_numbers(
    desk: Desk, example: Example, statement: object, cause: str
) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    made = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved").request_id
    assert made is not None
    change(desk, statement)  # type: ignore[arg-type] # a table row keeps statements as objects
    assert follow_up(desk) == 1
    assert [str(each.cause) for each in seen(desk, made).items] == [cause]
    assert reserved(desk) == 0


def test_a_release_that_waits_outlives_the_term(desk: Desk, example: Example, clock: Clock) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    request = requests.ask_release(desk, Actor(example.tom), registration, "server gone").request_id
    assert request is not None
    clock.now = TERM_END + timedelta(days=100)
    assert follow_up(desk) == 0
    assert states(desk, request) == ["pending"]
