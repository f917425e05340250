"""Who is told, and who no longer: nothing goes to people who cannot be reached or have nothing to do with it."""

import pytest
from sqlalchemy import update

from store import profiles, registrations, releases
from store.desk import Actor, Desk
from store.profiles import Profile
from store.rules.registration_errors import SerialElsewhere
from store.tables import persons
from tests.example import WORKSPACE, Example, serial
from tests.store.requesting import (
    change,
    deactivate,
    give_role,
    registered,
    take_roles,
    told,
)


def unlink(desk: Desk, *people: int) -> None:
    """As the import leaves people whom Slack was not asked about yet."""
    change(desk, update(persons).where(persons.c.id.in_(people)).values(slack_id=None))


def test_a_registrant_without_a_role_is_not_told_what_happens_there(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    take_roles(desk, example.ben)
    registrations.change_version(desk, Actor(example.tom), registration, "11.18.0")
    changed = registrations.change_serial(desk, Actor(example.tom), registration, serial(2)).environment
    assert changed.registration is not None
    releases.release(desk, Actor(example.eva), changed.registration.id, "gone")
    assert told(desk, "version_changed") == [example.rui]
    assert told(desk, "serial_changed") == [example.rui]
    assert told(desk, "released") == [example.rui, example.tom]


def test_a_registrant_who_left_is_not_written_to(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    deactivate(desk, example.ben)
    registrations.change_version(desk, Actor(example.tom), registration, "11.18.0")
    assert told(desk, "version_changed") == [example.rui]


def test_operators_and_admins_who_are_not_in_slack_yet_are_not_written_to(
    desk: Desk, example: Example
) -> None:
    give_role(desk, example.lena, "company_admin", company=example.acme)
    unlink(desk, example.olga)
    profiles.note(desk, Actor(None), Profile(WORKSPACE, "U0ADA", "Ada", active=False))
    assert set(told(desk, "roles_resting")) == {example.tom, example.eva}
    registered(desk, example.otto, example.globex_production[0], 5)
    with pytest.raises(SerialElsewhere):
        registered(desk, example.ana, example.quality[0], 5)
    assert told(desk, "foreign_serial") == []
