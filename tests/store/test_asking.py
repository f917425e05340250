"""Who is asked, and where: the rules under "Asked" and "Reachable", on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from store import asking, infrastructures
from store.asking import Asked
from store.desk import Desk
from store.people import Person
from store.rules.request_errors import NobodyToAsk
from store.rules.rights import Step
from store.tables import conversation_members, conversations, persons, requests, stand_ins
from store.tables import infrastructures as infrastructure_rows
from tests.example import START, Example
from tests.store.requesting import (
    ask,
    card_targets,
    change,
    count,
    deactivate,
    entries,
    everybody_asked,
    give_role,
    put,
    registered,
    rest_roles,
    seen,
    take_roles,
)


def who(desk: Desk, infrastructure_id: int, requester: int) -> Asked | None:
    with desk.database.read() as connection:
        infrastructure = infrastructures.get(connection, infrastructure_id)
        return asking.who_is_asked(connection, infrastructure, requester, desk.clock())


def asked(desk: Desk, example: Example, requester: int | None = None) -> Asked:
    found = who(desk, example.core, requester or example.ana)
    assert found is not None
    return found


def ids(people: tuple[Person, ...]) -> set[int]:
    return {each.id for each in people}


def test_contacts_are_asked_first_and_those_outside_the_channel_directly(
    desk: Desk, example: Example
) -> None:
    found = asked(desk, example)
    assert found.step is Step.CONTACTS
    assert found.channel == example.channel
    assert ids(found.in_channel) == {example.rui, example.fiona}
    assert ids(found.directly) == {example.ada}
    assert found.skipped == ()


def test_the_card_goes_to_the_channel_and_to_those_outside_it(desk: Desk, example: Example) -> None:
    request_id = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert card_targets(desk, request_id, 1) == {example.channel, example.ada}
    assert ids(seen(desk, request_id).asked) == {example.rui, example.fiona, example.ada}


def test_the_requester_is_never_asked(desk: Desk, example: Example) -> None:
    found = asked(desk, example, example.ada)
    assert ids(found.people) == {example.rui, example.fiona}
    assert example.ada not in ids(found.skipped)


def test_each_step_is_asked_when_the_ones_before_it_are_empty(desk: Desk, example: Example) -> None:
    steps = [
        ((), Step.CONTACTS, {example.rui, example.fiona, example.ada}),
        ((example.rui, example.fiona, example.ada), Step.INFRASTRUCTURE_ADMINS, {example.tom}),
        ((example.tom,), Step.COMPANY_ADMINS, {example.eva}),
        ((example.eva,), Step.OPERATORS, {example.olga}),
    ]
    for leaving, step, people in steps:
        take_roles(desk, *leaving)
        found = asked(desk, example)
        assert (found.step, ids(found.people)) == (step, people)


def test_with_all_four_steps_empty_nobody_is_asked_and_nothing_is_created(
    desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    deactivate(desk, *everybody_asked(example))
    with pytest.raises(NobodyToAsk) as refused:
        ask(desk, example.ana, registration)
    assert refused.value.infrastructure == "Acme Core"
    assert refused.value.steps == tuple(Step)
    assert set(refused.value.skipped) == {
        "Ada Novak",
        "Eva Lang",
        "Fiona Marsh",
        "Olga Ruiz",
        "Rui Costa",
        "Tom Berg",
    }
    assert count(desk, requests) == 0
    assert [each.facts["refusal"] for each in entries(desk, "refused:ask")] == ["NobodyToAsk"]


def test_an_only_contact_who_asks_goes_to_the_administrators(desk: Desk, example: Example) -> None:
    take_roles(desk, example.rui, example.fiona)
    found = asked(desk, example, example.ada)
    assert (found.step, ids(found.people)) == (Step.INFRASTRUCTURE_ADMINS, {example.tom})


def test_a_deactivated_contact_is_skipped_and_named(desk: Desk, example: Example) -> None:
    deactivate(desk, example.rui)
    found = asked(desk, example)
    assert ids(found.people) == {example.fiona, example.ada}
    assert [each.name for each in found.skipped] == ["Rui Costa"]


def test_a_contact_whose_role_rests_is_skipped_and_named(desk: Desk, example: Example) -> None:
    rest_roles(desk, example.fiona)
    found = asked(desk, example)
    assert ids(found.people) == {example.rui, example.ada}
    assert ids(found.skipped) == {example.fiona}


def test_a_contact_who_is_not_in_slack_is_skipped_and_named(desk: Desk, example: Example) -> None:
    give_role(desk, example.lena, "additional_contact", example.core)
    assert ids(asked(desk, example).skipped) == {example.lena}


def test_a_guest_whom_the_import_does_not_name_is_skipped(desk: Desk, example: Example) -> None:
    give_role(desk, example.gus, "additional_contact", example.core)
    assert ids(asked(desk, example).skipped) == {example.gus}
    change(desk, update(persons).where(persons.c.id == example.gus).values(slack_id_imported=True))
    assert example.gus in ids(asked(desk, example).directly)


def test_a_contact_without_a_direct_message_is_reached_in_the_channel_only(
    desk: Desk, example: Example
) -> None:
    for person, slack_id in ((example.ada, "D0ADA"), (example.rui, "D0RUI")):
        values = {"workspace_id": example.workspace, "slack_id": slack_id, "kind": "direct", "absent": True}
        change(desk, insert(conversations).values(person_id=person, **values))
    found = asked(desk, example)
    assert ids(found.in_channel) == {example.rui, example.fiona}
    assert ids(found.skipped) == {example.ada}


def test_those_skipped_before_the_step_that_is_asked_are_named(desk: Desk, example: Example) -> None:
    deactivate(desk, example.rui, example.fiona, example.ada)
    found = asked(desk, example)
    assert found.step is Step.INFRASTRUCTURE_ADMINS
    assert ids(found.skipped) == {example.rui, example.fiona, example.ada}


@pytest.mark.parametrize("problem", ["archived", "absent", "shared"])
def test_a_channel_that_cannot_be_used_counts_as_none(desk: Desk, example: Example, problem: str) -> None:
    here = conversations.c.slack_id == example.channel
    change(desk, update(conversations).where(here).values({problem: True}))
    found = asked(desk, example)
    assert found.channel is None
    assert found.in_channel == ()
    assert ids(found.directly) == {example.rui, example.fiona, example.ada}


def test_without_a_channel_everybody_is_asked_directly(desk: Desk, example: Example) -> None:
    change(desk, update(infrastructure_rows).values(approval_channel=None))
    found = asked(desk, example)
    assert (found.channel, len(found.directly)) == (None, 3)


def test_everybody_is_taken_to_be_in_a_channel_that_was_never_looked_at(desk: Desk, example: Example) -> None:
    change(desk, delete(conversation_members), delete(conversations))
    found = asked(desk, example)
    assert found.channel == example.channel
    assert ids(found.in_channel) == {example.rui, example.fiona, example.ada}
    request_id = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert card_targets(desk, request_id, 1) == {example.channel}


def test_somebody_with_several_roles_is_asked_once(desk: Desk, example: Example) -> None:
    give_role(desk, example.rui, "additional_contact", example.core)
    give_role(desk, example.rui, "infrastructure_admin", example.core)
    found = asked(desk, example)
    assert sorted(each.name for each in found.people) == ["Ada Novak", "Fiona Marsh", "Rui Costa"]


def stand_in(desk: Desk, example: Example, person: int, contact: int) -> None:
    day = timedelta(days=1)
    values = {"contact_id": contact, "person_id": person, "infrastructure_id": example.core}
    change(desk, insert(stand_ins).values(starts_at=START + day, ends_at=START + 2 * day, **values))


def test_a_stand_in_is_asked_from_date_to_date(desk: Desk, example: Example) -> None:
    stand_in(desk, example, example.ben, example.rui)
    with desk.database.read() as connection:
        infrastructure = infrastructures.get(connection, example.core)
        days = [
            asking.who_is_asked(connection, infrastructure, example.ana, START + timedelta(days=each))
            for each in (0, 1, 2)
        ]
    assert [each is not None and example.ben in ids(each.people) for each in days] == [False, True, False]


def test_people_of_other_companies_are_never_asked(desk: Desk, example: Example) -> None:
    take_roles(desk, example.rui, example.fiona, example.ada, example.tom, example.eva)
    found = asked(desk, example)
    assert ids(found.people) == {example.olga}
    assert example.nina not in ids(found.skipped)
