"""Renames of slots: by whom, to what, and what stays as it is; on both databases."""

from functools import partial

import pytest
from sqlalchemy import select, update

from store import licenses
from store.desk import Act, Actor, Desk, intention
from store.licenses import License
from store.renames import Renamed, rename
from store.rules.seeing_errors import NoRight, NotAssociated
from store.rules.slot_errors import NameMissing, NameTaken, NameTooLong
from store.tables import audit_entries, deliveries, requests, slots, subscriptions
from tests.example import START, Example
from tests.store.requesting import change, make_key, put, registered
from tests.store.test_races import at_once


def renamed(desk: Desk, person: int, slot: int, name: str = "Main") -> Renamed:
    return rename(desk, Actor(person), slot, name)


def name_of(desk: Desk, slot: int) -> str:
    with desk.database.read() as connection:
        return str(connection.execute(select(slots.c.name).where(slots.c.id == slot)).scalar_one())


def told(desk: Desk) -> set[int]:
    query = select(deliveries.c.person_id).where(deliveries.c.notice == "renamed")
    with desk.database.read() as connection:
        return set(connection.execute(query).scalars())


@intention
def issued(act: Act, registration_id: int) -> License:
    return licenses.issue(act, registration_id)


@pytest.mark.parametrize("who", ["rui", "tom", "eva", "olga"])
def test_administrators_the_technical_contact_and_operators_rename(
    desk: Desk, example: Example, who: str
) -> None:
    made = renamed(desk, getattr(example, who), example.quality[0])

    assert (made.before, made.environment.slot_name) == ("Quality 1", "Main")
    assert name_of(desk, example.quality[0]) == "Main"


@pytest.mark.parametrize("who", ["ana", "fiona", "ada", "max"])
def test_others_do_not(desk: Desk, example: Example, who: str) -> None:
    with pytest.raises(NoRight):
        renamed(desk, getattr(example, who), example.quality[0])

    assert name_of(desk, example.quality[0]) == "Quality 1"


@pytest.mark.parametrize("slot", [10, 99_999])
def test_what_somebody_does_not_see_is_not_there(desk: Desk, example: Example, slot: int) -> None:
    with pytest.raises(NotAssociated):
        renamed(desk, example.tom, slot)


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("", NameMissing),
        (" \n\t\u200b ", NameMissing),
        ("x" * 81, NameTooLong),
        ("Quality 2", NameTaken),
        ("qUALITY  2 ", NameTaken),
        ("Prod 1", NameTaken),
    ],
)
def test_a_name_that_cannot_be_one_changes_nothing(
    desk: Desk, example: Example, name: str, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        renamed(desk, example.tom, example.quality[0], name)

    assert name_of(desk, example.quality[0]) == "Quality 1"
    with desk.database.read() as connection:
        assert connection.execute(select(audit_entries)).all() == []


def test_other_capitals_are_a_new_name_of_the_same_slot(desk: Desk, example: Example) -> None:
    renamed(desk, example.tom, example.quality[0], " QUALITY   1")

    assert name_of(desk, example.quality[0]) == "QUALITY 1"


def test_the_name_of_a_slot_in_another_infrastructure_is_free(desk: Desk, example: Example) -> None:
    renamed(desk, example.tom, example.depot_production[0], "Quality 1")

    assert name_of(desk, example.depot_production[0]) == "Quality 1"


def test_a_rename_is_recorded_and_told_but_not_to_who_did_it(desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.quality[0])

    renamed(desk, example.tom, example.quality[0])

    assert told(desk) == {example.rui, example.ben}
    with desk.database.read() as connection:
        query = select(audit_entries).where(audit_entries.c.action == "rename")
        entry = connection.execute(query).one()
    assert (entry.actor_id, entry.facts) == (example.tom, {"from": "Quality 1", "to": "Main"})


def test_renaming_to_the_same_name_changes_nothing(desk: Desk, example: Example) -> None:
    made = renamed(desk, example.tom, example.quality[0], "Quality 1")

    assert made.before == made.environment.slot_name
    assert told(desk) == set()


def test_it_is_undone_by_renaming_back(desk: Desk, example: Example) -> None:
    renamed(desk, example.tom, example.quality[0])

    renamed(desk, example.tom, example.quality[0], "Quality 1")

    assert name_of(desk, example.quality[0]) == "Quality 1"


def test_slots_are_renamed_after_the_term(desk: Desk, example: Example) -> None:
    change(desk, update(subscriptions).values(ends_at=START.replace(month=1), grace_days=0))

    renamed(desk, example.tom, example.quality[0])

    assert name_of(desk, example.quality[0]) == "Main"


def test_a_rename_makes_no_new_license(desk: Desk, example: Example) -> None:
    make_key(desk)
    registration = registered(desk, example.ben, example.quality[0])
    before = issued(desk, Actor(example.rui), registration)

    renamed(desk, example.tom, example.quality[0])

    assert issued(desk, Actor(example.rui), registration) == before


def test_a_request_that_waits_is_drawn_anew(desk: Desk, example: Example) -> None:
    request = put(desk, example.ben, registered(desk, example.ben, example.quality[0]))

    renamed(desk, example.tom, example.quality[0])

    with desk.database.read() as connection:
        version = connection.execute(select(requests.c.version).where(requests.c.id == request)).scalar_one()
    assert version == 2


def test_of_several_who_give_one_name_to_several_slots_at_once_one_wins(desk: Desk, example: Example) -> None:
    targets = [*example.quality, *example.production, *example.development]

    answers = at_once([partial(renamed, desk, example.tom, each) for each in targets])

    assert len([each for each in answers if isinstance(each, Renamed)]) == 1
    assert all(isinstance(each, Renamed | NameTaken) for each in answers)


def test_of_several_names_at_once_that_differ_only_in_capitals_one_wins(desk: Desk, example: Example) -> None:
    targets = [*example.quality, *example.production, *example.development]
    names = ["main", "Main", "MAIN", "mAIN", "maIN", "maiN", "MAin"]

    answers = at_once(
        [partial(renamed, desk, example.tom, *each) for each in zip(targets, names, strict=True)]
    )

    assert len([each for each in answers if isinstance(each, Renamed)]) == 1
    assert all(isinstance(each, Renamed | NameTaken) for each in answers)
