"""Deciding: who may, the first one wins, and everything is looked at again first; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from store import decisions, releases, requests
from store.decisions import Decision
from store.desk import Actor, Desk
from store.rules.request_errors import (
    AlreadyDecided,
    MayNotDecide,
    NoEnvironmentChosen,
    OwnRequest,
    ReasonMissing,
    ReasonTooLong,
    RequestUnknown,
)
from store.rules.request_states import request_number
from store.tables import registrations as registration_rows
from store.tables import stand_ins, subscriptions
from tests.conftest import Clock
from tests.example import START, TERM_END, Example
from tests.store.requesting import (
    card_targets,
    change,
    deactivate,
    entries,
    everybody_asked,
    first_posted,
    give_role,
    put,
    queued,
    registered,
    replies,
    rest_roles,
    seen,
    states,
    take_roles,
    told,
)


@pytest.fixture
def request_id(desk: Desk, example: Example) -> int:
    """Ana asks for the license of Quality 1."""
    return put(desk, example.ana, registered(desk, example.ana, example.quality[0]))


def forward(desk: Desk, person: int, request: int, *item_ids: int) -> Decision:
    return decisions.forward(desk, Actor(person), request, item_ids or None)


def three(desk: Desk, example: Example) -> int:
    """Ana asks for the licenses of all three production environments."""
    found = [registered(desk, example.ana, slot, number) for number, slot in enumerate(example.production, 1)]
    return put(desk, example.ana, *found)


def item_ids(desk: Desk, request: int) -> list[int]:
    return [each.id for each in seen(desk, request).items]


def test_a_contact_forwards_and_the_file_goes_to_the_requester(
    desk: Desk, example: Example, request_id: int, clock: Clock
) -> None:
    clock.advance(timedelta(minutes=5))
    decision = forward(desk, example.rui, request_id)
    [item] = decision.request.items
    assert decision.decided == (item.id,)
    assert (str(item.state), item.decided_at, item.undelivered) == ("forwarded", clock.now, True)
    assert item.decider is not None
    assert item.decider.id == example.rui
    [file] = queued(desk, "file")
    assert (file.person_id, file.item_id, file.due_at) == (example.ana, item.id, clock.now)


def test_a_decision_redraws_every_card_and_replies_in_the_thread_and_its_file_is_what_the_requester_gets(
    desk: Desk, example: Example, request_id: int
) -> None:
    forward(desk, example.ada, request_id)
    assert seen(desk, request_id).version == 2
    assert card_targets(desk, request_id, 2) == {example.channel, example.ada}
    assert replies(desk, request_id) == {"forwarded"}
    assert told(desk, "forwarded") == []
    assert [each.person_id for each in queued(desk, "file")] == [example.ana]


def test_a_decision_is_recorded(desk: Desk, example: Example, request_id: int) -> None:
    forward(desk, example.rui, request_id)
    [entry] = entries(desk, "forward")
    assert (entry.actor_id, entry.infrastructure_id) == (example.rui, example.core)
    assert entry.subject == f"request {request_number(request_id)}"
    assert entry.facts["items"] == item_ids(desk, request_id)


@pytest.mark.parametrize("who", ["rui", "fiona", "ada", "tom", "eva"])
def test_contacts_and_administrators_decide_asked_or_not(
    desk: Desk, example: Example, request_id: int, who: str
) -> None:
    assert forward(desk, getattr(example, who), request_id).decided


@pytest.mark.parametrize("who", ["ben", "max", "olga", "otto", "nina", "gus"])
def test_others_are_refused_and_told_who_may(desk: Desk, example: Example, request_id: int, who: str) -> None:
    with pytest.raises(MayNotDecide) as refused:
        forward(desk, getattr(example, who), request_id)
    assert refused.value.number == request_number(request_id)
    assert refused.value.infrastructure == "Acme Core"
    assert set(refused.value.who_may) <= {"Ada Novak", "Fiona Marsh", "Rui Costa", "Tom Berg", "Eva Lang"}
    assert refused.value.who_may
    assert states(desk, request_id) == ["pending"]
    assert [each.actor_id for each in entries(desk, "refused:forward")] == [getattr(example, who)]


def test_nobody_decides_their_own_request(desk: Desk, example: Example) -> None:
    request = put(desk, example.ada, registered(desk, example.ana, example.quality[0]))
    with pytest.raises(OwnRequest) as refused:
        forward(desk, example.ada, request)
    assert "Ada Novak" not in refused.value.who_may
    with pytest.raises(OwnRequest):
        decisions.decline(desk, Actor(example.ada), request, None, "no")
    assert states(desk, request) == ["pending"]


@pytest.mark.parametrize("loss", [deactivate, rest_roles, take_roles])
def test_a_right_that_was_lost_since_the_card_was_posted_decides_nothing(
    desk: Desk, example: Example, request_id: int, loss: object
) -> None:
    assert callable(loss)
    loss(desk, example.rui)
    with pytest.raises(MayNotDecide):
        forward(desk, example.rui, request_id)


def test_the_desk_itself_decides_nothing(desk: Desk, request_id: int) -> None:
    with pytest.raises(MayNotDecide):
        decisions.forward(desk, Actor(None), request_id)


def test_a_new_contact_decides_without_having_been_asked(
    desk: Desk, example: Example, request_id: int
) -> None:
    give_role(desk, example.ben, "additional_contact", example.core)
    assert forward(desk, example.ben, request_id).decided


def test_a_stand_in_decides_from_date_to_date(desk: Desk, example: Example, clock: Clock) -> None:
    request = three(desk, example)
    day = timedelta(days=1)
    values = {"contact_id": example.rui, "person_id": example.ben, "infrastructure_id": example.core}
    change(desk, insert(stand_ins).values(starts_at=START + day, ends_at=START + 2 * day, **values))
    items = item_ids(desk, request)
    with pytest.raises(MayNotDecide):
        forward(desk, example.ben, request, items[0])
    clock.advance(day)
    assert forward(desk, example.ben, request, items[0]).decided
    clock.advance(day)
    with pytest.raises(MayNotDecide):
        forward(desk, example.ben, request, items[1])


def test_operators_decide_only_what_reached_them(desk: Desk, example: Example) -> None:
    deactivate(desk, *everybody_asked(example)[:-1])
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert forward(desk, example.olga, request).decided


def test_the_second_contact_is_told_who_decided_and_when(
    desk: Desk, example: Example, request_id: int, clock: Clock
) -> None:
    forward(desk, example.rui, request_id)
    decided_at = clock.now
    clock.advance(timedelta(minutes=2))
    with pytest.raises(AlreadyDecided) as refused:
        decisions.decline(desk, Actor(example.fiona), request_id, None, "too late")
    error = refused.value
    assert error.decider is not None
    assert (error.decider.name, error.decided_at, str(error.state)) == ("Rui Costa", decided_at, "forwarded")
    assert (error.requester.name, error.environments) == ("Ana Silva", ("Quality 1",))
    assert error.delivered_at is None
    assert len(queued(desk, "file")) == 1
    assert seen(desk, request_id).version == 2


@pytest.mark.parametrize("how", ["withdrawn", "expired", "closed"])
def test_a_click_on_what_ended_another_way_says_how(
    desk: Desk, example: Example, request_id: int, clock: Clock, how: str
) -> None:
    [item] = seen(desk, request_id).items
    if how == "withdrawn":
        requests.withdraw(desk, Actor(example.ana), item.id)
    elif how == "expired":
        first_posted(desk, request_id)
        clock.advance(timedelta(days=7))
        requests.expire_due(desk)
    else:
        releases.release(desk, Actor(example.tom), item.registration_id, "gone")
    with pytest.raises(AlreadyDecided) as refused:
        forward(desk, example.rui, request_id)
    assert (str(refused.value.state), refused.value.decider) == (how, None)
    assert queued(desk, "file") == []


def test_a_form_about_a_request_opens_only_for_those_who_may_decide_while_it_waits(
    desk: Desk, example: Example, request_id: int
) -> None:
    assert decisions.to_decide(desk, Actor(example.rui), request_id).id == request_id
    with pytest.raises(MayNotDecide):
        decisions.to_decide(desk, Actor(example.ben), request_id)
    forward(desk, example.fiona, request_id)
    with pytest.raises(AlreadyDecided):
        decisions.to_decide(desk, Actor(example.rui), request_id)


def test_a_decline_needs_a_reason_that_the_requester_reads(
    desk: Desk, example: Example, request_id: int
) -> None:
    for reason, error in (("  ", ReasonMissing), ("x" * 1001, ReasonTooLong)):
        with pytest.raises(error):
            decisions.decline(desk, Actor(example.rui), request_id, None, reason)
    assert states(desk, request_id) == ["pending"]
    decision = decisions.decline(desk, Actor(example.rui), request_id, None, " ask Tom first ")
    [item] = decision.request.items
    assert (str(item.state), item.decline_reason) == ("declined", "ask Tom first")
    assert told(desk, "declined") == [example.ana]
    assert replies(desk, request_id) == {"declined"}
    assert queued(desk, "file") == []
    assert [each.actor_id for each in entries(desk, "decline")] == [example.rui]


def test_a_reason_to_decline_is_not_in_the_record(desk: Desk, example: Example, request_id: int) -> None:
    decisions.decline(desk, Actor(example.rui), request_id, None, "ask Tom first")
    assert "Tom" not in str(entries(desk, "decline")[0].facts)


def test_items_of_one_request_end_differently(desk: Desk, example: Example) -> None:
    request = three(desk, example)
    first, second, third = item_ids(desk, request)
    forward(desk, example.rui, request, second)
    decisions.decline(desk, Actor(example.fiona), request, [first], "not this one")
    requests.withdraw(desk, Actor(example.ana), third)
    assert states(desk, request) == ["declined", "forwarded", "withdrawn"]
    assert seen(desk, request).version == 4


def test_forward_all_takes_what_is_still_pending(desk: Desk, example: Example) -> None:
    request = three(desk, example)
    first, second, third = item_ids(desk, request)
    decisions.decline(desk, Actor(example.fiona), request, [second], "not this one")
    decision = forward(desk, example.rui, request)
    assert decision.decided == (first, third)
    assert decision.already == ()
    assert [each.item_id for each in queued(desk, "file")] == [first, third]


def test_of_chosen_items_those_already_decided_are_named(desk: Desk, example: Example) -> None:
    request = three(desk, example)
    first, second, _ = item_ids(desk, request)
    forward(desk, example.fiona, request, first)
    decision = forward(desk, example.rui, request, first, second)
    assert decision.decided == (second,)
    assert [(each.id, each.decider and each.decider.id) for each in decision.already] == [
        (first, example.fiona)
    ]


def test_items_of_another_request_cannot_be_decided_through_this_one(
    desk: Desk, example: Example, request_id: int
) -> None:
    theirs = put(desk, example.otto, registered(desk, example.otto, example.globex_production[0], 7))
    with pytest.raises(RequestUnknown):
        forward(desk, example.rui, request_id, *item_ids(desk, theirs))
    with pytest.raises(RequestUnknown):
        forward(desk, example.rui, 987_654)
    with pytest.raises(NoEnvironmentChosen):
        decisions.forward(desk, Actor(example.rui), request_id, [])
    assert states(desk, theirs) == ["pending"]


@pytest.mark.parametrize(
    ("loss", "cause"),
    [
        pytest.param(deactivate, "requester_inactive", id="deactivated"),
        pytest.param(rest_roles, "requester_without_role", id="resting"),
        pytest.param(take_roles, "requester_without_role", id="removed"),
    ],
)
def test_a_requester_who_lost_the_right_gets_no_file_and_everybody_is_told(
    desk: Desk, example: Example, loss: object, cause: str
) -> None:
    request = three(desk, example)
    assert callable(loss)
    loss(desk, example.ana)
    decision = forward(desk, example.rui, request, item_ids(desk, request)[0])
    assert decision.decided == ()
    assert len(decision.closed) == 3
    assert {str(each.cause) for each in decision.request.items} == {cause}
    assert queued(desk, "file") == []
    assert replies(desk, request) == {"closed"}
    assert told(desk, "closed") == ([] if cause == "requester_inactive" else [example.ana])


def test_a_requester_who_is_an_auditor_by_now_gets_no_file(
    desk: Desk, example: Example, request_id: int
) -> None:
    take_roles(desk, example.ana)
    give_role(desk, example.ana, "auditor", company=example.acme)
    assert forward(desk, example.rui, request_id).closed


@pytest.mark.parametrize(
    ("late", "suspended", "cause"), [(True, False, "term_ended"), (False, True, "suspended")]
)
def test_without_a_good_subscription_nothing_is_forwarded(
    desk: Desk, example: Example, request_id: int, clock: Clock, late: bool, suspended: bool, cause: str
) -> None:
    if late:
        clock.now = TERM_END + timedelta(days=14)
    if suspended:
        change(desk, update(subscriptions).values(state="suspended"))
    decision = forward(desk, example.rui, request_id)
    assert [str(each.cause) for each in decision.request.items] == [cause]
    assert queued(desk, "file") == []


def test_in_grace_a_request_is_forwarded(desk: Desk, example: Example, request_id: int, clock: Clock) -> None:
    clock.now = TERM_END + timedelta(days=13)
    assert forward(desk, example.rui, request_id).decided


def test_an_item_whose_registration_ended_is_closed_and_the_others_are_forwarded(
    desk: Desk, example: Example
) -> None:
    request = three(desk, example)
    first = seen(desk, request).items[0]
    ended = registration_rows.c.id == first.registration_id
    change(desk, update(registration_rows).where(ended).values(state="ended"))
    decision = forward(desk, example.rui, request)
    assert decision.closed == (first.id,)
    assert states(desk, request) == ["closed", "forwarded", "forwarded"]
    assert replies(desk, request) == {"closed", "forwarded"}


def test_a_forwarded_file_waits_for_the_start_of_the_term(
    desk: Desk, example: Example, request_id: int
) -> None:
    start = desk.clock() + timedelta(days=20)
    change(desk, update(subscriptions).values(starts_at=start, unbroken_since=start))
    forward(desk, example.rui, request_id)
    assert [each.due_at for each in queued(desk, "file")] == [start]
    assert told(desk, "forwarded") == [example.ana]


def test_a_refused_decision_leaves_nothing_behind(desk: Desk, example: Example, request_id: int) -> None:
    before = (len(queued(desk, "card")), len(queued(desk, "reply")), len(queued(desk, "notice")))
    with pytest.raises(MayNotDecide):
        forward(desk, example.ben, request_id)
    after = (len(queued(desk, "card")), len(queued(desk, "reply")), len(queued(desk, "notice")))
    assert before == after
    assert seen(desk, request_id).version == 1
