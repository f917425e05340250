"""Asking: the rules under "Getting the file" and "Terms", on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from store import registrations, releases, requests
from store.desk import Actor, Desk
from store.rules.errors import Refusal
from store.rules.registration_errors import (
    CloudNeedsNothing,
    NotRegistered,
    Suspended,
    TermEnded,
)
from store.rules.request_errors import (
    AlreadyDecided,
    NoEnvironmentChosen,
    ReasonMissing,
    ReasonTooLong,
    RequestUnknown,
    SeveralInfrastructures,
    TooManyEnvironments,
)
from store.rules.request_states import RequestKind, request_number
from store.rules.rights import Step
from store.rules.seeing_errors import NoRight, NotAssociated
from store.tables import infrastructures, request_items, subscriptions
from store.tables import registrations as registration_rows
from store.tables import requests as request_rows
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.store.requesting import (
    ask,
    card_targets,
    change,
    count,
    deactivate,
    entries,
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


def test_an_engineer_asks_and_the_request_has_a_number_and_a_card(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[1])
    outcome = ask(desk, example.ana, registration, reason="  upgrade  ")
    assert outcome.request_id is not None
    assert outcome.number == f"R-{1000 + outcome.request_id}"
    assert outcome.direct == ()
    assert outcome.asked is not None
    assert outcome.asked.step is Step.CONTACTS
    request = seen(desk, outcome.request_id)
    assert (request.kind, request.reason, request.version) == (RequestKind.LICENSE, "upgrade", 1)
    assert (request.first_posted_at, request.expires_at) == (None, None)
    [item] = request.items
    assert (item.serial, item.platform_version) == (serial(1), "11.17.0 (Build 36348)")
    assert item.environment.slot_name == "Quality 2"
    assert card_targets(desk, request.id, 1) == {example.channel, example.ada}


def test_asking_is_recorded_with_ids_and_no_names(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    [entry] = entries(desk, "ask")
    assert (entry.infrastructure_id, entry.actor_id) == (example.core, example.ana)
    assert entry.subject == f"request {request_number(request)}"
    assert set(entry.facts["asked"]) == {example.rui, example.fiona, example.ada}
    assert "Silva" not in str(entry.facts)


@pytest.mark.parametrize("who", ["rui", "fiona", "eva", "tom", "olga"])
def test_those_with_the_right_get_the_file_at_once(desk: Desk, example: Example, who: str) -> None:
    person = getattr(example, who)
    outcome = ask(desk, person, registered(desk, example.ana, example.quality[0]), reason="")
    [item] = outcome.direct
    assert (str(item.state), outcome.asked, outcome.waits_until) == ("direct", None, None)
    [file] = queued(desk, "file")
    assert (file.person_id, file.item_id, file.due_at) == (person, item.id, desk.clock())
    assert queued(desk, "card") == []
    assert [each.actor_id for each in entries(desk, "take")] == [person]


@pytest.mark.parametrize("who", ["ana", "ada"])
def test_members_and_additional_contacts_ask_and_do_not_download(
    desk: Desk, example: Example, who: str
) -> None:
    outcome = ask(desk, getattr(example, who), registered(desk, example.ben, example.quality[0]))
    assert outcome.direct == ()
    assert len(outcome.put) == 1
    assert queued(desk, "file") == []


def test_an_auditor_may_not_ask_and_is_told_who_may(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    with pytest.raises(NoRight) as refused:
        ask(desk, example.max, registration)
    assert refused.value.act == "request"
    assert refused.value.who_may
    assert len(entries(desk, "refused:ask")) == 1


def test_what_somebody_does_not_see_is_answered_like_what_does_not_exist(
    desk: Desk, example: Example
) -> None:
    theirs = registered(desk, example.otto, example.globex_production[0])
    answers = []
    for registration in (theirs, 987_654):
        with pytest.raises(NotAssociated) as refused:
            ask(desk, example.ana, registration)
        answers.append((refused.value.admins, refused.value.company, refused.value.infrastructure_id))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("loss", [deactivate, rest_roles, take_roles])
def test_somebody_without_an_active_role_cannot_ask(desk: Desk, example: Example, loss: object) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    assert callable(loss)
    loss(desk, example.ana)
    with pytest.raises(NotAssociated):
        ask(desk, example.ana, registration)


def test_the_desk_itself_asks_for_nothing(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    with pytest.raises(NotAssociated):
        requests.ask(desk, Actor(None), [registration], "upgrade")


def test_asking_for_a_registration_that_only_waits_is_refused(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    requests.ask_serial_change(desk, Actor(example.ben), registration, serial(2), "moved")
    with desk.database.read() as connection:
        query = select(registration_rows.c.id).where(registration_rows.c.state == "reserved")
        reserved = connection.execute(query).scalar_one()
    with pytest.raises(NotRegistered):
        ask(desk, example.ana, reserved)


def test_an_environment_released_meanwhile_is_refused_and_named(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    releases.release(desk, Actor(example.tom), registration, "gone")
    with pytest.raises(NotRegistered) as refused:
        ask(desk, example.ana, registration)
    assert refused.value.slot.name == "Quality 1"


def test_a_request_is_for_one_to_ten_environments(desk: Desk, example: Example) -> None:
    with pytest.raises(NoEnvironmentChosen):
        ask(desk, example.ana)
    with pytest.raises(TooManyEnvironments) as refused:
        ask(desk, example.ana, *range(1, 12))
    assert (refused.value.chosen, refused.value.most) == (11, 10)
    assert entries(desk, "refused:ask") == []


def test_the_same_environment_chosen_twice_is_one_item(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    outcome = ask(desk, example.ana, registration, registration)
    assert len(outcome.put) == 1


def test_a_request_is_for_one_infrastructure(desk: Desk, example: Example) -> None:
    one = registered(desk, example.ana, example.quality[0], 1)
    other = registered(desk, example.ana, example.depot_production[0], 2)
    with pytest.raises(SeveralInfrastructures) as refused:
        ask(desk, example.ana, one, other)
    assert set(refused.value.names) == {"Acme Core", "Acme Depot"}


def test_a_request_to_others_needs_a_reason_of_bounded_length(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    with pytest.raises(ReasonMissing):
        ask(desk, example.ana, registration, reason="  \n ")
    with pytest.raises(ReasonTooLong) as refused:
        ask(desk, example.ana, registration, reason="x" * 10_000)
    assert (refused.value.length, refused.value.most) == (10_000, 1000)
    assert count(desk, request_rows) == 0


def test_an_infrastructure_that_became_cloud_needs_nothing(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    change(desk, update(infrastructures).where(infrastructures.c.id == example.core).values(hosting="cloud"))
    with pytest.raises(CloudNeedsNothing):
        ask(desk, example.ana, registration)


def test_asking_again_shows_what_is_pending(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    first = put(desk, example.ana, registration)
    again = ask(desk, example.ana, registration, reason="still waiting")
    assert (again.request_id, again.number, again.put) == (None, None, ())
    assert [(each.request_id, each.number) for each in again.already_pending] == [
        (first, request_number(first))
    ]
    assert count(desk, request_rows) == 1
    assert count(desk, request_items) == 1


def test_of_a_mixed_request_only_what_is_new_is_put(desk: Desk, example: Example) -> None:
    one = registered(desk, example.ana, example.quality[0], 1)
    two = registered(desk, example.ana, example.quality[1], 2)
    first = put(desk, example.ana, one)
    outcome = ask(desk, example.ana, one, two)
    assert [each.registration_id for each in outcome.put] == [two]
    assert [each.request_id for each in outcome.already_pending] == [first]


def test_two_people_may_have_requests_for_one_environment(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    first, second = (put(desk, each, registration) for each in (example.ana, example.ben))
    assert (states(desk, first), states(desk, second)) == (["pending"], ["pending"])


def test_the_same_form_again_is_the_same_request(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    first, second = (ask(desk, example.ana, registration, key="V1") for _ in range(2))
    assert first.request_id is not None
    assert first.request_id == second.request_id
    assert [each.id for each in first.put] == [each.id for each in second.put]
    assert first.asked is not None
    assert first.asked == second.asked
    assert len(entries(desk, "ask")) == 1


def test_the_same_form_again_sends_no_second_file(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    first, second = (ask(desk, example.rui, registration, key="V1") for _ in range(2))
    assert [each.id for each in first.direct] == [each.id for each in second.direct]
    assert len(queued(desk, "file")) == 1


def test_one_form_key_of_two_people_is_two_requests(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    outcomes = [ask(desk, each, registration, key="V1") for each in (example.ana, example.ben)]
    assert len({each.request_id for each in outcomes}) == 2
    assert [len(each.put) for each in outcomes] == [1, 1]


def test_taking_the_file_closes_what_was_pending_of_oneself(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    request = put(desk, example.ana, registration)
    give_role(desk, example.ana, "infrastructure_admin", example.core)
    assert len(ask(desk, example.ana, registration).direct) == 1
    [item] = seen(desk, request).items
    assert (str(item.state), str(item.cause)) == ("closed", "taken_directly")
    assert card_targets(desk, request, 2) == {example.channel, example.ada}
    assert told(desk, "closed") == []


def set_term(desk: Desk, **values: object) -> None:
    change(desk, update(subscriptions).values(**values))


def test_before_the_term_the_file_waits_for_its_start(desk: Desk, example: Example) -> None:
    start = desk.clock() + timedelta(days=20)
    set_term(desk, starts_at=start, unbroken_since=start)
    outcome = ask(desk, example.rui, registered(desk, example.ana, example.quality[0]))
    assert outcome.waits_until == start
    assert [each.due_at for each in queued(desk, "file")] == [start]


def test_a_renewal_that_follows_without_a_gap_does_not_make_files_wait(desk: Desk, example: Example) -> None:
    set_term(desk, starts_at=desk.clock() + timedelta(days=20))
    outcome = ask(desk, example.rui, registered(desk, example.ana, example.quality[0]))
    assert outcome.waits_until is None
    assert [each.due_at for each in queued(desk, "file")] == [desk.clock()]


def test_in_grace_asking_works_and_after_it_does_not(desk: Desk, example: Example, clock: Clock) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    clock.now = TERM_END + timedelta(days=13)
    assert ask(desk, example.ana, registration).put
    clock.now = TERM_END + timedelta(days=14)
    with pytest.raises(TermEnded):
        ask(desk, example.ben, registration)


def test_under_a_suspended_subscription_nobody_asks(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    set_term(desk, state="suspended")
    for person in (example.ana, example.rui):
        with pytest.raises(Suspended):
            ask(desk, person, registration)


def test_the_requester_withdraws(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    item = requests.withdraw(desk, Actor(example.ana), seen(desk, request).items[0].id)
    assert (str(item.state), item.decided_at, item.decider) == ("withdrawn", desk.clock(), None)
    assert card_targets(desk, request, 2) == {example.channel, example.ada}
    assert replies(desk, request) == {"withdrawn"}
    assert told(desk, "withdrawn") == []
    assert [each.actor_id for each in entries(desk, "withdraw")] == [example.ana]


def test_only_the_requester_withdraws_and_others_learn_nothing(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    for item_id in (seen(desk, request).items[0].id, 987_654):
        with pytest.raises(RequestUnknown):
            requests.withdraw(desk, Actor(example.rui), item_id)
    assert states(desk, request) == ["pending"]


def test_what_was_withdrawn_cannot_be_withdrawn_again(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    [item] = seen(desk, request).items
    requests.withdraw(desk, Actor(example.ana), item.id)
    with pytest.raises(AlreadyDecided) as refused:
        requests.withdraw(desk, Actor(example.ana), item.id)
    assert str(refused.value.state) == "withdrawn"
    assert seen(desk, request).version == 2


def test_ask_again_makes_a_new_request_with_the_same_reason(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    [item] = seen(desk, request).items
    assert requests.ask_again(desk, Actor(example.ana), item.id).already_pending[0].id == item.id
    requests.withdraw(desk, Actor(example.ana), item.id)
    again = requests.ask_again(desk, Actor(example.ana), item.id, "click 1")
    assert again.request_id not in {None, request}
    assert seen(desk, again.request_id or 0).reason == "upgrade"
    assert requests.ask_again(desk, Actor(example.ana), item.id, "click 1").request_id == again.request_id


def test_only_the_requester_asks_again(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    with pytest.raises(RequestUnknown):
        requests.ask_again(desk, Actor(example.ben), seen(desk, request).items[0].id)


def test_a_release_closes_what_is_pending_and_everybody_is_told(desk: Desk, example: Example) -> None:
    one = registered(desk, example.ana, example.quality[0], 1)
    two = registered(desk, example.ana, example.quality[1], 2)
    request = put(desk, example.ana, one, two)
    other = put(desk, example.ben, one)
    releases.release(desk, Actor(example.tom), one, "gone")
    assert states(desk, request) == ["closed", "pending"]
    assert states(desk, other) == ["closed"]
    assert str(seen(desk, other).items[0].cause) == "released"
    assert sorted(told(desk, "closed"), key=str) == sorted([example.ana, example.ben], key=str)
    assert replies(desk, request) == replies(desk, other) == {"closed"}
    assert card_targets(desk, other, 2) == {example.channel, example.ada}
    assert [each.facts["cause"] for each in entries(desk, "close")] == ["released", "released"]


def test_an_undone_registration_closes_what_is_pending(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    request = put(desk, example.ben, registration)
    registrations.undo(desk, Actor(example.ana), registration)
    assert str(seen(desk, request).items[0].cause) == "undone"


def test_refusals_are_recorded_in_the_chain_of_the_infrastructure(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    [item] = seen(desk, request).items
    requests.withdraw(desk, Actor(example.ana), item.id)
    with pytest.raises(Refusal):
        requests.withdraw(desk, Actor(example.ana), item.id)
    [entry] = entries(desk, "refused:withdraw")
    assert (entry.infrastructure_id, entry.subject) == (example.core, f"request {request_number(request)}")
    assert entry.facts == {"refusal": "AlreadyDecided", "state": "withdrawn"}
