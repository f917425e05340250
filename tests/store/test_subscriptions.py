"""Suspended subscriptions: nothing goes on, and afterwards every license is a new one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from store import (
    deliverability,
    licenses,
    registrations,
    reissuing,
    releases,
    renewals,
    requests,
    subscriptions,
)
from store.delivery_claims import claim
from store.desk import Actor, Desk, intention
from store.rules.registration_errors import Suspended
from store.rules.renewing import Renewal
from store.rules.request_errors import ReasonMissing, ReasonTooLong
from store.rules.seeing_errors import NoRight
from store.rules.subscription_errors import AlreadySuspended, NotSuspended
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.store.renewing import (
    COMMAND,
    NEXT_END,
    at,
    files_for,
    forwarded,
    issued,
    licensed,
    made,
    newest,
    reinstate,
    subscription,
    suspend,
)
from tests.store.requesting import (
    VERSION,
    ask,
    entries,
    put,
    registered,
    registration_state,
    seen,
    states,
    told,
)


def test_while_suspended_nothing_is_registered_or_requested(desk: Desk, example: Example) -> None:
    registration_id = registered(desk, example.ana, example.production[0])
    suspend(desk, example.core)
    with pytest.raises(Suspended):
        registrations.register(desk, Actor(example.ana), example.production[1], serial(2), VERSION)
    with pytest.raises(Suspended):
        ask(desk, example.ana, registration_id)


def test_releasing_goes_on_while_suspended(desk: Desk, example: Example) -> None:
    registration_id = registered(desk, example.ana, example.production[0])
    suspend(desk, example.core)
    releases.release(desk, Actor(example.rui), registration_id, "switched off")
    assert registration_state(desk, registration_id) == "ended"


def test_what_waits_is_closed_with_its_cause_and_told(desk: Desk, example: Example) -> None:
    request_id = put(desk, example.ana, registered(desk, example.ana, example.production[0]))
    suspend(desk, example.core)
    [item] = seen(desk, request_id).items
    assert (str(item.state), str(item.cause)) == ("closed", "suspended")
    assert told(desk, "closed") == [example.ana]


def test_what_waits_elsewhere_goes_on(desk: Desk, example: Example) -> None:
    request_id = put(desk, example.ana, registered(desk, example.ana, example.production[0]))
    suspend(desk, example.depot)
    assert states(desk, request_id) == ["pending"]


def test_a_serial_number_that_was_reserved_is_free_again(desk: Desk, example: Example) -> None:
    registration_id = registered(desk, example.ana, example.production[0])
    requests.ask_serial_change(desk, Actor(example.ana), registration_id, serial(9), "new hardware", None)
    suspend(desk, example.core)
    reinstate(desk, example.core)
    assert registered(desk, example.ana, example.production[1], 9)


def test_a_request_for_a_release_goes_on(desk: Desk, example: Example) -> None:
    registration_id = registered(desk, example.ana, example.depot_production[0])
    outcome = requests.ask_release(desk, Actor(example.tom), registration_id, "switched off", None)
    suspend(desk, example.depot)
    assert outcome.request_id is not None
    assert states(desk, outcome.request_id) == ["pending"]


def test_a_file_that_was_forwarded_is_not_delivered(desk: Desk, example: Example) -> None:
    registration_id = licensed(desk, example.ana, example.production[0])
    forwarded(desk, example, registration_id, example.ana)
    suspend(desk, example.core)
    [delivery] = [each for each in claim(desk, "courier", 100, 60) if each.kind == "file"]
    assert isinstance(deliverability.prepare(desk, COMMAND, delivery), deliverability.Undeliverable)


def test_a_suspension_ends_a_re_issue_under_way(desk: Desk, example: Example) -> None:
    licensed(desk, example.rui, example.production[0])
    renewed = renewals.renew(desk, COMMAND, example.core, Renewal(NEXT_END))
    suspend(desk, example.core)
    assert renewed.reissue_id is not None
    assert reissuing.run(desk, COMMAND, renewed.reissue_id) == 0
    assert (made(desk), files_for(desk)) == (1, [])


def test_contacts_and_admins_are_told_but_not_who_did_it(desk: Desk, example: Example) -> None:
    subscriptions.suspend(desk, Actor(example.olga), example.core, "invoice overdue")
    expected = {example.rui, example.fiona, example.ada, example.tom, example.eva}
    assert set(told(desk, "subscription_suspended")) == expected
    assert len(told(desk, "subscription_suspended")) == len(expected)


def test_the_reason_is_kept_until_the_suspension_ends(desk: Desk, example: Example) -> None:
    suspend(desk, example.core, "  invoice overdue  ")
    with desk.database.read() as connection:
        assert subscriptions.suspension_reason(connection, example.core) == "invoice overdue"
    reinstate(desk, example.core)
    with desk.database.read() as connection:
        assert subscriptions.suspension_reason(connection, example.core) is None


@pytest.mark.parametrize(("reason", "refusal"), [("  ", ReasonMissing), ("x" * 1001, ReasonTooLong)])
def test_a_reason_is_needed(desk: Desk, example: Example, reason: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        suspend(desk, example.core, reason)
    assert subscription(desk, example.core).state == "active"


def test_a_second_suspension_and_a_second_reinstatement_are_refused(desk: Desk, example: Example) -> None:
    with pytest.raises(NotSuspended):
        reinstate(desk, example.core)
    suspend(desk, example.core)
    with pytest.raises(AlreadySuspended):
        suspend(desk, example.core)
    reinstate(desk, example.core)
    assert subscription(desk, example.core).state == "active"


def test_of_two_who_reinstate_at_once_one_is_refused(desk: Desk, example: Example) -> None:
    licensed(desk, example.rui, example.production[0])
    suspend(desk, example.core)

    def tried(_: int) -> str:
        try:
            reinstate(desk, example.core)
        except NotSuspended:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tried, range(2))) == ["done", "refused"]
    assert made(desk) == 2


def test_only_operators_suspend_and_reinstate_in_slack(desk: Desk, example: Example) -> None:
    with pytest.raises(NoRight):
        subscriptions.suspend(desk, Actor(example.eva), example.core, "by mistake")
    suspend(desk, example.core)
    with pytest.raises(NoRight):
        subscriptions.reinstate(desk, Actor(example.eva), example.core)


def test_every_license_is_a_new_one_after_a_suspension_even_where_it_says_the_same(
    desk: Desk, example: Example
) -> None:
    registration_id = licensed(desk, example.rui, example.production[0])
    before = newest(desk, registration_id)
    suspend(desk, example.core)
    reinstate(desk, example.core)
    after = newest(desk, registration_id)
    assert (after.seq, after.license_end, after.not_before) == (2, before.license_end, before.not_before)
    assert after.jti != before.jti
    assert files_for(desk) == [[example.rui]]


def test_a_file_asked_for_before_the_re_issue_is_done_is_new_as_well(desk: Desk, example: Example) -> None:
    registration_id = licensed(desk, example.rui, example.production[0])
    suspend(desk, example.core)
    subscriptions.reinstate(desk, COMMAND, example.core)
    issued(desk, Actor(example.rui), registration_id)
    issued(desk, Actor(example.rui), registration_id)
    assert newest(desk, registration_id).seq == 2
    assert reissuing.carry_on_due(desk) == 1
    assert made(desk) == 2


def test_after_the_end_a_reinstatement_makes_no_license(desk: Desk, example: Example, clock: Clock) -> None:
    licensed(desk, example.rui, example.production[0])
    suspend(desk, example.core)
    at(clock, TERM_END, -15)
    assert subscriptions.reinstate(desk, COMMAND, example.core) is None
    assert made(desk) == 1


def test_both_are_on_record(desk: Desk, example: Example) -> None:
    subscriptions.suspend(desk, Actor(example.olga), example.core, "invoice overdue")
    reinstate(desk, example.core)
    assert [entry.actor_id for entry in entries(desk, "suspend_subscription")] == [example.olga]
    assert len(entries(desk, "reinstate_subscription")) == 1


def test_a_license_of_another_infrastructure_is_left_alone(desk: Desk, example: Example) -> None:
    licensed(desk, example.rui, example.production[0], 1)
    other = licensed(desk, example.otto, example.globex_production[0], 2)
    suspend(desk, example.core)
    reinstate(desk, example.core)
    assert newest(desk, other).seq == 1
    assert intention(licenses.issue)(desk, Actor(example.otto), other).seq == 1
