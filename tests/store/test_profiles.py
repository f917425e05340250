"""What Slack says of people, again and again and several times at once; on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from store import people, profiles
from store.desk import Actor, Desk
from store.people import Person
from store.profiles import Profile
from store.tables import persons, roles, stand_ins
from tests.example import START, WORKSPACE, Example
from tests.store.requesting import change, entries, told

NOBODY = Actor(None)


def known(desk: Desk, slack_id: str) -> Person:
    with desk.database.read() as connection:
        found = people.find(connection, WORKSPACE, slack_id)
    assert found is not None
    return found


def at_once(step: Callable[[], object], times: int = 6) -> list[object]:
    with ThreadPoolExecutor(times) as pool:
        return [each.result() for each in [pool.submit(step) for _ in range(times)]]


def test_somebody_who_is_met_several_times_at_once_is_one_person(desk: Desk, example: Example) -> None:
    profile = Profile(WORKSPACE, "U0NEW", "Noor Haddad", "noor.haddad@acme.example")
    met = at_once(lambda: profiles.link(desk, NOBODY, profile))
    assert {each.id for each in met if isinstance(each, Person)} == {known(desk, "U0NEW").id}
    assert len(entries(desk, "meet_person")) == 1


def test_somebody_whom_the_import_named_is_linked_once_however_often_they_come(
    desk: Desk, example: Example
) -> None:
    profile = Profile(WORKSPACE, "U0LENA", "Lena Holm", "Lena.Holm@acme.example")
    at_once(lambda: profiles.link(desk, NOBODY, profile))
    assert known(desk, "U0LENA").id == example.lena
    assert len(entries(desk, "link_person")) == 1
    with desk.database.read() as connection:
        named = select(func.count()).where(persons.c.name == "Lena Holm")
        assert connection.execute(named).scalar_one() == 1


def test_an_address_that_belongs_to_somebody_else_in_slack_is_not_taken_from_them(
    desk: Desk, example: Example
) -> None:
    met = profiles.link(desk, NOBODY, Profile(WORKSPACE, "U0EVIL", "Ana Silva", "ana.silva@acme.example"))
    assert met.id != example.ana
    assert met.email is None
    assert known(desk, "U0ANA").id == example.ana


def test_a_deactivation_told_several_times_lets_roles_rest_once(desk: Desk, example: Example) -> None:
    profile = Profile(WORKSPACE, "U0RUI", "Rui Costa", active=False)
    at_once(lambda: profiles.note(desk, NOBODY, profile))
    assert len(entries(desk, "deactivate_person")) == 1
    assert told(desk, "roles_resting") == [example.tom, example.eva, example.olga]


def test_somebody_who_is_back_has_no_right_until_a_role_is_confirmed(desk: Desk, example: Example) -> None:
    profiles.note(desk, NOBODY, Profile(WORKSPACE, "U0RUI", "Rui Costa", active=False))
    profiles.note(desk, NOBODY, Profile(WORKSPACE, "U0RUI", "Rui Costa"))
    with desk.database.read() as connection:
        assert not people.rights_in(connection, example.rui, example.core).sees
        [held] = people.held_roles(connection, example.rui)
    assert not held.active
    assert len(entries(desk, "reactivate_person")) == 1


@pytest.mark.parametrize("who", ["contact", "stand_in"])
def test_a_stand_in_ends_when_either_of_the_two_is_deactivated(
    desk: Desk, example: Example, who: str
) -> None:
    values = {"contact_id": example.rui, "person_id": example.ben, "infrastructure_id": example.core}
    change(desk, insert(stand_ins).values(starts_at=START, ends_at=START + timedelta(days=9), **values))
    slack_id = "U0RUI" if who == "contact" else "U0BEN"
    profiles.note(desk, NOBODY, Profile(WORKSPACE, slack_id, "gone", active=False))
    profiles.note(desk, NOBODY, Profile(WORKSPACE, slack_id, "back"))
    change(desk, update(roles).values(state="active"))
    with desk.database.read() as connection:
        assert not people.stands_in(connection, example.ben, example.core, START)


def test_a_guest_whom_the_import_does_not_name_has_no_right_whatever_their_role(
    desk: Desk, example: Example
) -> None:
    change(desk, update(persons).where(persons.c.id == example.rui).values(slack_id_imported=False))
    profiles.note(desk, NOBODY, Profile(WORKSPACE, "U0RUI", "Rui Costa", guest=True))
    with desk.database.read() as connection:
        assert not people.rights_in(connection, example.rui, example.core).sees
    assert [each.facts for each in entries(desk, "guest_changed")] == [{"guest": True}]
    change(desk, update(persons).where(persons.c.id == example.rui).values(slack_id_imported=True))
    with desk.database.read() as connection:
        assert people.rights_in(connection, example.rui, example.core).sees


def test_somebody_who_left_keeps_their_time_zone_of_which_slack_says_nothing_any_more(
    desk: Desk, example: Example
) -> None:
    profiles.note(desk, NOBODY, Profile(WORKSPACE, "U0RUI", "Rui Costa", active=False))
    with desk.database.read() as connection:
        assert people.get(connection, example.rui).zone == "Europe/Lisbon"
        left = profiles.news(connection, Profile(WORKSPACE, "U0RUI", "Rui Costa", active=False))
    assert left is profiles.News.NONE


def test_somebody_who_moved_has_another_time_zone(desk: Desk, example: Example) -> None:
    profiles.note(desk, NOBODY, Profile(WORKSPACE, "U0RUI", "Rui Costa", zone="Asia/Tokyo"))
    with desk.database.read() as connection:
        assert people.get(connection, example.rui).zone == "Asia/Tokyo"
