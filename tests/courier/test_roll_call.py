"""What Slack said of people while nobody listened is found by the roll call."""

import time
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.roll_call import RollCall
from bot.slack_calls import NotDone, SlackCalls
from store.people import Person, get, held_roles
from store.tables import audit_entries, persons
from tests.courier.conftest import TOKEN, Scene, slack_calls
from tests.example import WORKSPACE
from tests.store.requesting import change

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def called(scene: Scene, **more: Any) -> None:
    RollCall(scene.desk, slack_calls(scene.sandbox, scene.clock), lambda: WORKSPACE, **more).call()


def person(scene: Scene, person_id: int) -> Person:
    with scene.desk.database.read() as connection:
        return get(connection, person_id)


def states(scene: Scene, person_id: int) -> set[bool]:
    with scene.desk.database.read() as connection:
        return {each.active for each in held_roles(connection, person_id)}


def test_somebody_deactivated_meanwhile_has_resting_roles_and_admins_are_told(scene: Scene) -> None:
    scene.people.deactivate("U0RUI")
    called(scene)
    assert states(scene, scene.example.rui) == {False}
    scene.run()
    assert any("roles_resting" in text for text in scene.direct("tom"))


def test_somebody_who_came_back_meanwhile_is_not_refused_for_ever(scene: Scene) -> None:
    change(scene.desk, update(persons).where(persons.c.slack_id == "U0ANA").values(active=False))
    called(scene)
    assert person(scene, scene.example.ana).active


def test_a_guest_who_became_a_member_meanwhile_is_one(scene: Scene) -> None:
    assert person(scene, scene.example.gus).guest
    called(scene)
    assert not person(scene, scene.example.gus).guest


def test_somebody_whom_the_import_named_and_who_joined_meanwhile_is_linked(scene: Scene) -> None:
    scene.people.add_person(id="U0LENA", name="lena", email="lena.holm@acme.example")
    called(scene)
    assert person(scene, scene.example.lena).slack_id == "U0LENA"


def test_strangers_are_not_kept_and_what_is_known_is_not_written_again(scene: Scene) -> None:
    scene.people.add_person(id="U0NEW", name="new", email="new@acme.example")
    called(scene)
    first = scene.total(audit_entries)
    called(scene)
    assert scene.total(audit_entries) == first
    with scene.desk.database.read() as connection:
        assert "U0NEW" not in connection.execute(select(persons.c.slack_id)).scalars().all()


def test_more_people_than_one_page_are_all_called(scene: Scene) -> None:
    scene.people.deactivate("U0NINA")
    called(scene, page=2, between=0.0)
    assert not person(scene, scene.example.nina).active
    assert len(scene.people.calls("users.list")) > 3


class Odd(SlackCalls):
    """A Slack that describes the first of all in a shape of its own."""

    def call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        answer = super().call(method, **arguments)
        return {**answer, "members": [{"id": 5, "profile": []}, *answer["members"]]}


def test_somebody_in_an_odd_shape_keeps_nobody_else_from_being_called(scene: Scene) -> None:
    scene.people.deactivate("U0NINA")
    RollCall(scene.desk, Odd(TOKEN, scene.sandbox.api_url), lambda: WORKSPACE).call()
    assert not person(scene, scene.example.nina).active


def test_a_slack_that_fails_changes_nothing_and_is_said(scene: Scene) -> None:
    scene.people.deactivate("U0RUI")
    scene.people.weather(fault="refused", method="users.list", error="token_revoked", calls=1)
    with pytest.raises(NotDone):
        called(scene)
    assert person(scene, scene.example.rui).active


def test_a_stop_does_not_wait_for_the_next_roll_call(scene: Scene) -> None:
    service = RollCall(scene.desk, slack_calls(scene.sandbox, scene.clock), lambda: WORKSPACE)
    service.start()
    begun = time.monotonic()
    assert service.stop(5.0)
    assert time.monotonic() - begun < 2
