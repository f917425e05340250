"""Cards that Slack refuses for reasons that do not pass: no conversation is tried for ever, and people are reached."""

from datetime import timedelta
from typing import Any

import pytest

from store import decisions
from store.desk import Actor
from tests.courier.conftest import Scene
from tests.example import APPROVAL_CHANNEL
from tests.store.requesting import put, registered, rest_roles, seen

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

CODES = ("invalid_blocks", "msg_too_long", "restricted_action", "missing_scope")


def put_to_contacts(scene: Scene) -> int:
    """Ana asks for one license; Rui and Fiona are asked in the channel, Ada directly."""
    registration = registered(scene.desk, scene.example.ana, scene.example.quality[0])
    scene.run()
    return put(scene.desk, scene.example.ana, registration)


def in_channel(scene: Scene, method: str) -> list[Any]:
    """The calls of a method about the approval channel."""
    return [each for each in scene.people.calls(method) if APPROVAL_CHANNEL in str(each)]


@pytest.mark.parametrize("code", CODES)
def test_a_card_that_cannot_be_redrawn_in_the_channel_is_given_up_and_the_outcome_told_otherwise(
    scene: Scene, code: str
) -> None:
    request_id = put_to_contacts(scene)
    scene.run()
    scene.people.weather(fault="refused", error=code, method="chat.update", calls=15)
    decisions.decline(scene.desk, Actor(scene.example.rui), request_id, None, "not now")
    scene.run()
    assert len(in_channel(scene, "chat.update")) <= 2  # once more for what was queued before it failed
    assert any("notice declined" in text for text in scene.direct("ana"))
    assert any("Request: declined" in text for text in scene.direct("rui"))
    assert scene.next_due() is None


@pytest.mark.parametrize("code", CODES)
def test_a_card_that_cannot_be_posted_to_the_channel_goes_to_each_person(scene: Scene, code: str) -> None:
    rest_roles(scene.desk, scene.example.ada)
    put_to_contacts(scene)
    scene.people.weather(fault="refused", error=code, method="chat.postMessage", calls=1)
    scene.run()
    assert len(in_channel(scene, "chat.postMessage")) == 1
    for name in ("rui", "fiona"):
        assert any("Request: pending" in text for text in scene.direct(name)), name
    assert scene.next_due() is None


def test_a_channel_in_which_nobody_asked_is_has_the_card_too(scene: Scene) -> None:
    for name in ("U0RUI", "U0FIONA"):
        scene.people.leave(name, APPROVAL_CHANNEL)
    request_id = put_to_contacts(scene)
    scene.run()
    assert scene.texts() == ["Request: pending (for C0LICENSES)"]
    for name in ("rui", "fiona", "ada"):
        assert len([text for text in scene.direct(name) if "Request: pending" in text]) == 1, name
    decisions.forward(scene.desk, Actor(scene.example.tom), request_id)
    scene.run()
    assert scene.texts() == ["Request: forwarded (for C0LICENSES)"]


def test_somebody_who_could_be_written_to_again_is_asked_again(scene: Scene) -> None:
    scene.people.weather(fault="refused", error="messages_tab_disabled", method="chat.postMessage")
    scene.people.leave("U0RUI", APPROVAL_CHANNEL)
    scene.people.leave("U0FIONA", APPROVAL_CHANNEL)
    first = put_to_contacts(scene)
    scene.run()
    assert str(seen(scene.desk, first).items[0].state) in {"pending", "closed"}
    scene.people.clear_weather()
    scene.clock.advance(timedelta(days=1))
    second = put(
        scene.desk,
        scene.example.ben,
        registered(scene.desk, scene.example.ben, scene.example.quality[1], 2),
    )
    scene.run()
    assert any("Request: pending" in text for text in scene.direct("ada"))
    assert {each.name for each in seen(scene.desk, second).asked} == {"Rui Costa", "Fiona Marsh", "Ada Novak"}
