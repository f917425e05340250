"""The approval channel: always told while it works, whoever is in it; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from store import conversations, requests
from store.delivery_claims import COURIER
from store.desk import Actor, Desk
from store.tables import asked, cards, conversation_members
from store.tables import conversations as conversation_rows
from tests.conftest import Clock
from tests.example import APPROVAL_CHANNEL, WORKSPACE, Example
from tests.store.requesting import (
    card_targets,
    change,
    nobody_reached,
    put,
    registered,
    rest_roles,
    seen,
    states,
)


@pytest.fixture
def nobody_asked_is_in_it(desk: Desk, example: Example) -> None:
    """Only Tom and Eva are known to be in the approval channel."""
    gone = conversation_members.c.slack_id.in_(("U0RUI", "U0FIONA"))
    change(desk, delete(conversation_members).where(gone))


def waiting(desk: Desk, example: Example) -> int:
    return put(desk, example.ana, registered(desk, example.ana, example.quality[0]))


def unreached(desk: Desk, request_id: int, *people: int) -> None:
    change(
        desk,
        update(asked)
        .where(asked.c.request_id == request_id, asked.c.person_id.in_(people))
        .values(reached=False),
    )


@pytest.mark.usefixtures("nobody_asked_is_in_it")
def test_the_channel_has_the_card_although_nobody_asked_is_in_it(desk: Desk, example: Example) -> None:
    request_id = waiting(desk, example)
    assert card_targets(desk, request_id, 1) == {example.channel, example.rui, example.fiona, example.ada}


@pytest.mark.usefixtures("nobody_asked_is_in_it")
def test_a_card_that_only_others_see_does_not_keep_the_next_step_from_being_asked(
    desk: Desk, example: Example
) -> None:
    request_id = waiting(desk, example)
    unreached(desk, request_id, example.rui, example.fiona, example.ada)
    nobody_reached(desk, request_id)
    request = seen(desk, request_id)
    assert str(request.step) == "infrastructure_admins"
    assert card_targets(desk, request_id, request.version) == {example.channel}


def test_a_release_is_not_shown_to_a_channel_in_which_nobody_may_decide_it(
    desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    made = requests.ask_release(desk, Actor(example.tom), registration, "server gone").request_id
    assert made is not None
    assert card_targets(desk, made, 1) == {example.olga}


def test_who_leaves_the_channel_while_a_request_waits_gets_its_card_directly(
    desk: Desk, example: Example
) -> None:
    request_id = waiting(desk, example)
    for _ in range(2):
        conversations.member_left(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, "U0RUI")
    assert seen(desk, request_id).version == 2
    assert card_targets(desk, request_id, 2) == {example.channel, example.rui, example.ada}


def test_somebody_who_joins_an_unknown_channel_is_not_taken_for_all_of_it(
    desk: Desk, example: Example
) -> None:
    change(desk, delete(conversation_members), delete(conversation_rows))
    conversations.member_joined(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, "U0MAX")
    request_id = waiting(desk, example)
    assert card_targets(desk, request_id, 1) == {example.channel}


def test_what_an_event_says_of_a_channel_does_not_make_its_members_known(
    desk: Desk, example: Example
) -> None:
    conversations.note_members(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, ["U0RUI", "U0FIONA"])
    looked_at = select(conversation_rows.c.checked_at).where(conversation_rows.c.slack_id == APPROVAL_CHANNEL)
    with desk.database.read() as connection:
        assert connection.execute(looked_at).scalar_one() == desk.clock()
    conversations.note_archived(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, archived=True)
    conversations.note_archived(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, archived=False)
    with desk.database.read() as connection:
        assert connection.execute(looked_at).scalar_one() is None


def test_a_direct_message_that_did_not_work_is_tried_again_another_day(
    desk: Desk, example: Example, clock: Clock
) -> None:
    values = {"workspace_id": WORKSPACE, "slack_id": "D0ADA", "kind": "direct", "person_id": example.ada}
    change(desk, insert(conversation_rows).values(absent=True, checked_at=clock.now, **values))
    rest_roles(desk, example.rui, example.fiona)
    first, second = (registered(desk, example.ana, slot, slot) for slot in example.quality)
    assert [each.name for each in seen(desk, put(desk, example.ana, first)).asked] == ["Tom Berg"]
    clock.advance(timedelta(days=1))
    assert [each.name for each in seen(desk, put(desk, example.ana, second)).asked] == ["Ada Novak"]


def test_the_last_of_a_step_who_cannot_be_reached_is_followed_by_the_next_step_only_once(
    desk: Desk, example: Example
) -> None:
    request_id = waiting(desk, example)
    unreached(desk, request_id, example.rui, example.fiona)
    nobody_reached(desk, request_id)
    assert (str(seen(desk, request_id).step), states(desk, request_id)) == ("contacts", ["pending"])
    unreached(desk, request_id, example.ada)
    for _ in range(2):
        nobody_reached(desk, request_id)
    assert str(seen(desk, request_id).step) == "infrastructure_admins"


def test_a_card_in_a_direct_message_that_was_replaced_is_left_alone(desk: Desk, example: Example) -> None:
    request_id = waiting(desk, example)
    old = conversations.remember_direct(desk, COURIER, example.ada, "D0OLD")
    change(
        desk,
        insert(cards).values(
            request_id=request_id, conversation_id=old, ts="1.1", version=1, posted_at=desk.clock()
        ),
    )
    conversations.remember_direct(desk, COURIER, example.ada, "D0NEW")
    conversations.member_left(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, "U0RUI")
    assert card_targets(desk, request_id, 2) == {example.channel, example.rui, example.ada}
