"""The approval channel: who sets it, and where the cards of what waits go then."""

import pytest
from sqlalchemy import select

from store import approval_channels, conversations
from store.approval_channels import Looked
from store.desk import Actor, Desk
from store.rules.errors import DeskError
from store.rules.people_errors import ChannelUnusable
from store.rules.seeing_errors import NoRight, NotAssociated
from store.tables import asked, infrastructures
from tests.example import APPROVAL_CHANNEL, WORKSPACE, Example
from tests.store.peopling import notices
from tests.store.requesting import card_targets, entries, put, registered, seen

OTHER = "C0OTHER"


def set_channel(
    desk: Desk, person: int, infrastructure: int, slack_id: str | None, why: str | None = None
) -> None:
    looked = Looked(slack_id, f"#{slack_id}", why) if slack_id else None
    approval_channels.set_channel(desk, Actor(person), infrastructure, looked)


def channel(desk: Desk, infrastructure: int) -> str | None:
    with desk.database.read() as connection:
        query = select(infrastructures.c.approval_channel).where(infrastructures.c.id == infrastructure)
        found: str | None = connection.execute(query).scalar_one()
    return found


def directly(desk: Desk, request: int) -> set[int]:
    with desk.database.read() as connection:
        query = select(asked.c.person_id).where(
            asked.c.request_id == request, asked.c.direct, asked.c.reached
        )
        return set(connection.execute(query).scalars())


@pytest.mark.parametrize("who", ["eva", "tom"])
def test_admins_set_it_and_the_others_are_told(desk: Desk, example: Example, who: str) -> None:
    set_channel(desk, getattr(example, who), example.core, OTHER)
    assert channel(desk, example.core) == OTHER
    assert set(notices(desk, "channel_set")) == {example.eva, example.tom} - {getattr(example, who)}
    assert entries(desk, "set_channel")[0].facts == {"channel": OTHER}


@pytest.mark.parametrize(
    ("who", "error"),
    [("rui", NoRight), ("ana", NoRight), ("olga", NoRight), ("max", NoRight), ("nina", NotAssociated)],
)
def test_nobody_else_does(desk: Desk, example: Example, who: str, error: type[DeskError]) -> None:
    with pytest.raises(error):
        set_channel(desk, getattr(example, who), example.core, OTHER)
    assert channel(desk, example.core) == APPROVAL_CHANNEL


@pytest.mark.parametrize("why", ["archived", "absent", "shared"])
def test_a_channel_where_no_card_could_be_posted_is_refused_and_recorded(
    desk: Desk, example: Example, why: str
) -> None:
    with pytest.raises(ChannelUnusable):
        set_channel(desk, example.eva, example.core, OTHER, why)
    assert channel(desk, example.core) == APPROVAL_CHANNEL
    assert entries(desk, "refused:set_channel")[0].facts == {"refusal": "ChannelUnusable", "why": why}


def test_the_same_channel_again_is_no_change(desk: Desk, example: Example) -> None:
    set_channel(desk, example.eva, example.core, APPROVAL_CHANNEL)
    assert entries(desk, "set_channel") == []


def test_what_waits_moves_to_the_new_channel(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert directly(desk, request) == {example.ada}
    conversations.note_members(desk, Actor(None), WORKSPACE, OTHER, ["U0ADA", "U0RUI"])

    set_channel(desk, example.eva, example.core, OTHER)

    assert directly(desk, request) == {example.fiona}
    assert {OTHER, example.fiona} <= card_targets(desk, request, seen(desk, request).version)


def test_without_a_channel_everybody_gets_the_card_directly(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    set_channel(desk, example.eva, example.core, None)
    assert directly(desk, request) == {example.rui, example.fiona, example.ada}


def test_what_was_decided_stays_where_it_is(desk: Desk, example: Example) -> None:
    from store import decisions

    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    decisions.decline(desk, Actor(example.rui), request, None, "no")
    version = seen(desk, request).version
    set_channel(desk, example.eva, example.core, None)
    assert seen(desk, request).version == version
