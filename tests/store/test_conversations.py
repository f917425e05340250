"""What is known of channels and direct messages, and what follows when it changes."""

from typing import Any

import pytest

from store import conversations
from store.conversations import Conversation
from store.delivery_claims import COURIER
from store.desk import Desk
from store.identity import Workspace, remember
from tests.example import APPROVAL_CHANNEL, WORKSPACE, Example
from tests.store.requesting import card_targets, put, registered, seen

BOT = "U0BOT"


def found(desk: Desk, slack_id: str = APPROVAL_CHANNEL) -> Conversation:
    with desk.database.read() as connection:
        conversation = conversations.find(connection, WORKSPACE, slack_id)
    assert conversation is not None
    return conversation


def members(desk: Desk, slack_id: str = APPROVAL_CHANNEL) -> frozenset[str]:
    with desk.database.read() as connection:
        return conversations.members(connection, WORKSPACE, slack_id)


def direct(desk: Desk, person: int) -> str | None:
    with desk.database.read() as connection:
        return conversations.direct_of(connection, person)


def waiting(desk: Desk, example: Example) -> int:
    return put(desk, example.ana, registered(desk, example.ana, example.quality[0]))


def test_a_direct_message_is_remembered_once_and_can_change(desk: Desk, example: Example) -> None:
    assert direct(desk, example.ana) is None
    first = conversations.remember_direct(desk, COURIER, example.ana, "D1")
    assert conversations.remember_direct(desk, COURIER, example.ana, "D1") == first
    conversations.remember_direct(desk, COURIER, example.ana, "D2")
    assert direct(desk, example.ana) == "D2"


def test_a_forgotten_direct_message_is_unknown_until_it_is_opened_again(desk: Desk, example: Example) -> None:
    conversations.remember_direct(desk, COURIER, example.ana, "D1")
    conversations.forget_direct(desk, COURIER, example.ana)
    assert direct(desk, example.ana) is None
    conversations.remember_direct(desk, COURIER, example.ana, "D1")
    assert found(desk, "D1").usable


def test_a_channel_that_was_never_seen_is_unknown(desk: Desk, example: Example) -> None:
    with desk.database.read() as connection:
        assert conversations.find(connection, WORKSPACE, "C0OTHER") is None
        assert conversations.find(connection, "T0OTHER", APPROVAL_CHANNEL) is None


def test_what_is_not_said_of_a_channel_stays(desk: Desk, example: Example) -> None:
    conversations.note_state(desk, COURIER, WORKSPACE, "C0NEW", name="new", archived=True)
    seen_again = conversations.note_state(desk, COURIER, WORKSPACE, "C0NEW", shared=True)
    assert (seen_again.name, seen_again.archived, seen_again.shared, seen_again.absent) == (
        "new",
        True,
        True,
        False,
    )
    assert not seen_again.usable


def test_the_members_of_a_channel_are_those_last_noted(desk: Desk, example: Example) -> None:
    conversations.note_members(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, ["U0RUI", "U0ANA", "U0ANA"])
    assert members(desk) == {"U0RUI", "U0ANA"}


def test_joining_and_leaving_change_the_members_and_may_come_twice(desk: Desk, example: Example) -> None:
    for _ in range(2):
        conversations.member_joined(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, "U0ADA")
        conversations.member_left(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, "U0RUI")
    assert members(desk) == {"U0FIONA", "U0EVA", "U0TOM", "U0ADA"}


def test_a_channel_without_the_bot_counts_as_none_until_it_is_back(desk: Desk, example: Example) -> None:
    remember(desk, COURIER, Workspace(WORKSPACE, "Acme", "B0BOT", BOT, "A0APP", True))
    conversations.member_left(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, BOT)
    assert not found(desk).usable
    conversations.member_joined(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, BOT)
    assert found(desk).usable
    assert BOT not in members(desk)


@pytest.mark.parametrize("lost", [{"archived": True}, {"absent": True}, {"shared": True}], ids=str)
def test_when_a_channel_is_lost_those_asked_there_are_asked_directly(
    desk: Desk, example: Example, lost: dict[str, Any]
) -> None:
    request_id = waiting(desk, example)
    version = seen(desk, request_id).version
    conversations.note_state(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, **lost)
    assert seen(desk, request_id).version == version + 1
    assert card_targets(desk, request_id, version + 1) == {example.rui, example.fiona, example.ada}


def test_another_workspace_loses_no_channel_of_ours(desk: Desk, example: Example) -> None:
    request_id = waiting(desk, example)
    version = seen(desk, request_id).version
    conversations.note_archived(desk, COURIER, "T0OTHER", APPROVAL_CHANNEL, True)
    assert seen(desk, request_id).version == version


def test_a_channel_that_is_lost_twice_changes_requests_once(desk: Desk, example: Example) -> None:
    request_id = waiting(desk, example)
    for _ in range(2):
        conversations.note_archived(desk, COURIER, WORKSPACE, APPROVAL_CHANNEL, True)
    assert seen(desk, request_id).version == 2
