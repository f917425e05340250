"""Infrastructures whose license files the vendor makes: nothing of ours is ever signed for them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from store import decisions, deliverability, delivery_claims, licenses, registrations, requests
from store.deliverability import Undeliverable
from store.desk import Actor, Desk, intention
from store.escalation import ITSELF
from store.rules.request_errors import FilesHeld
from store.tables import deliveries as delivery_rows
from store.tables import infrastructures, request_items
from store.tables import licenses as license_rows
from tests.conftest import Clock
from tests.example import Example, serial
from tests.store.requesting import (
    ask,
    change,
    count,
    entries,
    make_key,
    put,
    queued,
    registered,
    seen,
    states,
)


def hold(desk: Desk, example: Example) -> None:
    """From now on the vendor makes the license files of `core`."""
    change(desk, update(infrastructures).where(infrastructures.c.id == example.core).values(files="held"))


def made(desk: Desk) -> int:
    with desk.database.read() as connection:
        return connection.execute(select(func.count()).select_from(license_rows)).scalar_one()


@pytest.mark.parametrize("who", ["ana", "rui", "tom", "eva", "olga", "ada"])
def test_asking_is_refused_for_everybody_and_says_why(desk: Desk, example: Example, who: str) -> None:
    hold(desk, example)
    registration = registered(desk, example.ana, example.quality[0])
    with pytest.raises(FilesHeld) as refused:
        ask(desk, getattr(example, who), registration)
    assert (refused.value.name, refused.value.account_manager[0]) == ("Acme Core", "Jo Park")
    assert count(desk, request_items) == 0
    assert queued(desk, "file") == []
    assert [each.infrastructure_id for each in entries(desk, "refused:ask")] == [example.core]


def test_registering_and_changing_the_serial_number_directly_work(desk: Desk, example: Example) -> None:
    hold(desk, example)
    registration = registered(desk, example.ana, example.quality[0])
    changed = registrations.change_serial(desk, Actor(example.tom), registration, serial(2))
    assert changed.environment.registration is not None
    assert changed.environment.registration.serial == serial(2)
    assert made(desk) == 0


def test_a_serial_change_by_request_would_end_in_a_file_and_is_refused(desk: Desk, example: Example) -> None:
    hold(desk, example)
    registration = registered(desk, example.ana, example.quality[0])
    with pytest.raises(FilesHeld):
        requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved")


def test_what_was_asked_for_before_is_closed_instead_of_forwarded(desk: Desk, example: Example) -> None:
    make_key(desk)
    registration = registered(desk, example.ana, example.quality[0])
    request_id = put(desk, example.ana, registration)
    change_id = requests.ask_serial_change(
        desk, Actor(example.ben), registration, serial(2), "moved"
    ).request_id
    assert change_id is not None
    hold(desk, example)
    for each in (request_id, change_id):
        decision = decisions.forward(desk, Actor(example.rui), each)
        assert [str(item.cause) for item in decision.request.items] == ["files_held"]
        assert states(desk, each) == ["closed"]
    assert (queued(desk, "file"), made(desk)) == ([], 0)


def test_a_file_on_its_way_is_not_delivered(desk: Desk, example: Example) -> None:
    make_key(desk)
    request_id = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    decisions.forward(desk, Actor(example.rui), request_id)
    hold(desk, example)
    [file] = queued(desk, "file")
    claimed = delivery_claims.claim(desk, "lease", 50, 60)
    delivery = next(each for each in claimed if each.id == file.id)
    assert isinstance(deliverability.prepare(desk, ITSELF, delivery), Undeliverable)
    assert [str(each.cause) for each in seen(desk, request_id).items] == ["files_held"]
    assert made(desk) == 0


def test_a_file_of_ours_is_not_sent_again(desk: Desk, example: Example, clock: Clock) -> None:
    request_id = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    [item] = decisions.forward(desk, Actor(example.rui), request_id).decided
    change(desk, update(delivery_rows).values(state="sent"))
    hold(desk, example)
    clock.advance(timedelta(hours=1))
    for who in (example.ana, example.rui):
        with pytest.raises(FilesHeld):
            requests.send_again(desk, Actor(who), item)


def test_no_way_leads_to_a_signature(desk: Desk, example: Example) -> None:
    make_key(desk)
    registration = registered(desk, example.ana, example.quality[0])
    hold(desk, example)
    with pytest.raises(FilesHeld):
        intention(licenses.issue)(desk, ITSELF, registration)
    assert made(desk) == 0
