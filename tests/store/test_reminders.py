"""While nobody answers: reminders, company admins who are asked as well, and what is urgent; on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from store import decisions, requests
from store.asking_admins import ask_admins_due
from store.desk import Actor, Desk
from store.reminders import remind_due
from store.rules.request_errors import NotProduction, UrgentTooOften
from store.rules.rights import Step
from store.tables import deliveries, infrastructures
from tests.conftest import Clock
from tests.example import Example
from tests.store.requesting import (
    WEEK,
    card_targets,
    change,
    deactivate,
    entries,
    first_posted,
    put,
    queued,
    registered,
    replies,
    seen,
    told,
)

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
MINUTES = timedelta(minutes=1)


def posted(desk: Desk, person: int, *registration_ids: int) -> int:
    """A request whose card was posted now."""
    request = put(desk, person, *registration_ids)
    first_posted(desk, request)
    return request


def urgent(desk: Desk, person: int, *registration_ids: int) -> int:
    """The same, of production that is down."""
    outcome = requests.ask(desk, Actor(person), registration_ids, "production is down", urgent=True)
    assert outcome.request_id is not None
    first_posted(desk, outcome.request_id)
    return outcome.request_id


def sent(desk: Desk) -> None:
    """As the courier leaves what was queued."""
    change(desk, update(deliveries).where(deliveries.c.state == "queued").values(state="sent"))


def reminded(desk: Desk) -> list[int | str]:
    """Where reminders go: channels by Slack's id, people by id."""
    return [row.channel or row.person_id for row in queued(desk, "reminder")]


def work(desk: Desk, infrastructure: int, days: list[str]) -> None:
    """Give an infrastructure working hours from 8 to 18 o'clock."""
    hours = {"zone": "Europe/Lisbon", "days": days, "from": "08:00", "until": "18:00"}
    change(
        desk,
        update(infrastructures).where(infrastructures.c.id == infrastructure).values(working_hours=hours),
    )


@pytest.fixture
def request_id(desk: Desk, example: Example) -> int:
    """Ana asks for Quality 1, and the card is posted."""
    return posted(desk, example.ana, registered(desk, example.ana, example.quality[0]))


@pytest.mark.parametrize("hours", [4, 24])
def test_those_who_are_asked_are_reminded_exactly_then(
    desk: Desk, example: Example, clock: Clock, request_id: int, hours: int
) -> None:
    clock.advance(hours * HOUR - SECOND)
    remind_due(desk)
    sent(desk)
    before = len(reminded(desk))
    clock.advance(SECOND)
    assert remind_due(desk) == 1
    assert reminded(desk)[before:] == [example.ada, example.channel]
    assert remind_due(desk) == 0


def test_reminders_that_are_overdue_are_one(
    desk: Desk, example: Example, clock: Clock, request_id: int
) -> None:
    clock.advance(30 * HOUR)
    assert (remind_due(desk), remind_due(desk)) == (1, 0)
    assert len(reminded(desk)) == 2
    assert [each.facts["number"] for each in entries(desk, "remind")] == [2]


def test_each_conversation_gets_one_message_for_all_that_is_due(
    desk: Desk, example: Example, clock: Clock
) -> None:
    for number, slot in enumerate(example.production, start=1):
        posted(desk, example.ana, registered(desk, example.ana, slot, number))
    clock.advance(4 * HOUR)
    assert remind_due(desk) == 3
    assert sorted(reminded(desk), key=str) == sorted([example.ada, example.channel], key=str)


def test_what_becomes_due_while_a_reminder_is_not_sent_yet_is_told_by_that_one(
    desk: Desk, example: Example, clock: Clock, request_id: int
) -> None:
    clock.advance(HOUR)
    posted(desk, example.ben, registered(desk, example.ben, example.quality[1], 2))
    clock.advance(3 * HOUR)
    assert remind_due(desk) == 1
    clock.advance(HOUR)
    assert remind_due(desk) == 1
    assert len(reminded(desk)) == 2


def test_nothing_is_reminded_of_once_it_is_decided_or_before_its_card_is_posted(
    desk: Desk, example: Example, clock: Clock, request_id: int
) -> None:
    put(desk, example.ben, registered(desk, example.ben, example.quality[1], 2))
    decisions.decline(desk, Actor(example.rui), request_id, None, "not now")
    clock.advance(30 * HOUR)
    assert (remind_due(desk), reminded(desk)) == (0, [])


def test_nothing_is_reminded_of_after_its_expiry(desk: Desk, clock: Clock, request_id: int) -> None:
    clock.advance(WEEK)
    assert (remind_due(desk), ask_admins_due(desk)) == (0, 0)


def test_several_processes_remind_once(desk: Desk, clock: Clock, request_id: int) -> None:
    clock.advance(4 * HOUR)
    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(lambda _: remind_due(desk), range(4)))
    assert sum(counted) == 1
    assert len(queued(desk, "reminder")) == 2


def test_a_clock_that_jumps_back_reminds_of_nothing_twice(desk: Desk, clock: Clock, request_id: int) -> None:
    clock.advance(4 * HOUR)
    assert remind_due(desk) == 1
    sent(desk)
    clock.advance(-2 * HOUR)
    assert remind_due(desk) == 0
    clock.advance(3 * HOUR)
    assert remind_due(desk) == 0


def test_the_moments_are_settings(desk: Desk, clock: Clock, request_id: int) -> None:
    spans = replace(desk.policy.request_spans, reminders=(HOUR,), admins=2 * HOUR)
    quick = replace(desk, policy=replace(desk.policy, request_spans=spans))
    clock.advance(HOUR)
    assert (remind_due(quick), ask_admins_due(quick)) == (1, 0)
    clock.advance(HOUR)
    assert (remind_due(quick), ask_admins_due(quick)) == (0, 1)


def test_the_company_admins_are_asked_as_well_after_two_days(
    desk: Desk, example: Example, clock: Clock, request_id: int
) -> None:
    clock.advance(48 * HOUR - SECOND)
    assert ask_admins_due(desk) == 0
    clock.advance(SECOND)
    assert (ask_admins_due(desk), ask_admins_due(desk)) == (1, 0)
    found = seen(desk, request_id)
    assert {each.id for each in found.asked} == {example.fiona, example.rui, example.ada, example.eva}
    assert [each.id for each in found.asked_later] == [example.eva]
    assert (found.step, found.escalated_at) == (Step.CONTACTS, clock.now)
    assert card_targets(desk, request_id, 2) == {example.channel, example.ada, example.eva}
    assert told(desk, "escalated") == [example.ana]
    assert replies(desk, request_id) == {"escalated"}
    assert [each.facts["asked"] for each in entries(desk, "escalate")] == [[example.eva]]


def test_an_admin_who_was_asked_may_decide(
    desk: Desk, example: Example, clock: Clock, request_id: int
) -> None:
    clock.advance(48 * HOUR)
    ask_admins_due(desk)
    decisions.decline(desk, Actor(example.eva), request_id, None, "not now")
    assert ask_admins_due(desk) == 0


def test_an_admin_who_cannot_be_reached_is_named(
    desk: Desk, example: Example, clock: Clock, request_id: int
) -> None:
    deactivate(desk, example.eva)
    clock.advance(48 * HOUR)
    assert ask_admins_due(desk) == 1
    assert [each.id for each in seen(desk, request_id).skipped] == [example.eva]
    assert told(desk, "escalated") == []


def test_admins_who_were_asked_first_are_not_asked_once_more(
    desk: Desk, example: Example, clock: Clock
) -> None:
    deactivate(desk, example.rui, example.fiona, example.ada, example.tom)
    request = posted(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert seen(desk, request).step is Step.COMPANY_ADMINS
    clock.advance(48 * HOUR)
    assert ask_admins_due(desk) == 0


def test_admins_are_not_asked_about_a_release_which_they_cannot_confirm(
    desk: Desk, example: Example, clock: Clock
) -> None:
    registration = registered(desk, example.tom, example.depot_production[0])
    outcome = requests.ask_release(desk, Actor(example.tom), registration, "no longer used")
    first_posted(desk, outcome.request_id or 0)
    clock.advance(48 * HOUR)
    assert (remind_due(desk), ask_admins_due(desk)) == (1, 0)


def test_two_processes_ask_the_admins_once(desk: Desk, clock: Clock, request_id: int) -> None:
    clock.advance(48 * HOUR)
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(lambda _: ask_admins_due(desk), range(2))) == 1
    assert len(entries(desk, "escalate")) == 1


def test_an_expiry_tells_whom_it_was_put_to_later(
    desk: Desk, example: Example, clock: Clock, request_id: int
) -> None:
    clock.advance(48 * HOUR)
    ask_admins_due(desk)
    clock.advance(WEEK - 48 * HOUR)
    assert requests.expire_due(desk) == 1
    assert [each.id for each in seen(desk, request_id).asked_later] == [example.eva]


def test_production_that_is_down_reaches_the_admins_after_15_minutes_at_any_hour(
    desk: Desk, example: Example, clock: Clock
) -> None:
    work(desk, example.core, ["monday"])
    clock.now = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)  # a Saturday night
    request = urgent(desk, example.ana, registered(desk, example.ana, example.production[0]))
    clock.advance(15 * MINUTES - SECOND)
    assert ask_admins_due(desk) == 0
    clock.advance(SECOND)
    assert ask_admins_due(desk) == 1
    assert example.eva in {each.id for each in seen(desk, request).asked}
    assert [each.facts["urgent"] for each in entries(desk, "ask")] == [True]


def test_only_production_is_urgent(desk: Desk, example: Example) -> None:
    with pytest.raises(NotProduction):
        urgent(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert entries(desk, "ask") == []


def test_a_person_says_it_twice_in_seven_days(desk: Desk, example: Example, clock: Clock) -> None:
    environments = [
        registered(desk, example.ana, slot, number) for number, slot in enumerate(example.production)
    ]
    urgent(desk, example.ana, environments[0])
    clock.advance(HOUR)
    urgent(desk, example.ana, environments[1])
    with pytest.raises(UrgentTooOften):
        urgent(desk, example.ana, environments[2])
    clock.advance(WEEK - 2 * HOUR)
    with pytest.raises(UrgentTooOften):
        urgent(desk, example.ana, environments[2])
    clock.advance(HOUR)
    assert seen(desk, urgent(desk, example.ana, environments[2])).urgent


def test_with_the_right_to_have_files_nothing_is_urgent(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.rui, example.production[0])
    outcome = requests.ask(desk, Actor(example.rui), [registration], "", urgent=True)
    assert not seen(desk, outcome.request_id or 0).urgent


@pytest.mark.parametrize("job", [remind_due, ask_admins_due])
def test_working_hours_put_reminders_and_the_asking_of_admins_off(
    desk: Desk, example: Example, clock: Clock, job: Callable[[Desk], int]
) -> None:
    work(desk, example.core, ["monday"])
    clock.now = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # a Thursday
    request = posted(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    clock.now = datetime(2026, 11, 30, 8, 0, tzinfo=UTC) - SECOND
    assert job(desk) == 0
    clock.advance(SECOND)
    assert job(desk) == 1
    assert seen(desk, request).expires_at == datetime(2026, 12, 3, 12, 0, tzinfo=UTC)


def test_new_working_hours_count_for_what_waits_already(
    desk: Desk, example: Example, clock: Clock, request_id: int
) -> None:
    work(desk, example.core, ["friday"])
    clock.advance(4 * HOUR)
    assert remind_due(desk) == 0
    clear: dict[str, Any] = {"working_hours": None}
    change(desk, update(infrastructures).values(clear))
    assert remind_due(desk) == 1
