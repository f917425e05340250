"""Taking a file directly ends what one asked others for, and nothing else; on both databases."""

from store import requests
from store.desk import Actor, Desk
from tests.example import Example, serial
from tests.store.requesting import ask, give_role, put, registered, reserved, seen, states, told


def test_what_somebody_takes_needs_no_decision_any_more(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    asked = put(desk, example.ana, registration)
    give_role(desk, example.ana, "infrastructure_admin", example.core)
    assert ask(desk, example.ana, registration).direct
    assert [str(each.cause) for each in seen(desk, asked).items] == ["taken_directly"]
    assert told(desk, "closed") == []


def test_a_serial_change_goes_on_waiting(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    made = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved").request_id
    assert made is not None
    give_role(desk, example.ana, "infrastructure_admin", example.core)
    assert ask(desk, example.ana, registration).direct
    assert (states(desk, made), reserved(desk)) == (["pending"], 1)


def test_a_release_goes_on_waiting(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.depot_production[0])
    made = requests.ask_release(desk, Actor(example.tom), registration, "server gone").request_id
    assert made is not None
    assert ask(desk, example.tom, registration).direct
    assert states(desk, made) == ["pending"]


def test_keys_of_any_length_make_one_effect(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    key = "V0" + "9" * 500
    first, second = (ask(desk, example.ana, registration, key=key) for _ in range(2))
    assert first.request_id == second.request_id
    assert ask(desk, example.ana, registration, key=f"{key}1").already_pending
