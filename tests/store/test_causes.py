"""Why a file is not delivered: everybody is told the true cause; on both databases."""

from store import decisions, deliverability, delivery_claims, registrations, releases, requests
from store.delivery_claims import COURIER
from store.desk import Actor, Desk
from tests.example import Example, serial
from tests.store.requesting import ask, make_key, queued, registered, seen


def taken(desk: Desk, example: Example, registration: int) -> int:
    """Tom takes a file, which waits in the queue."""
    made = ask(desk, example.tom, registration).request_id
    assert made is not None
    return made


def cause(desk: Desk, request: int) -> str:
    """What becomes of the file when the courier takes it up."""
    [file] = [each for each in queued(desk, "file") if each.request_id == request]
    claimed = delivery_claims.claim(desk, "lease", 100, 60)
    deliverability.prepare(desk, COURIER, next(each for each in claimed if each.id == file.id))
    return str(seen(desk, request).items[0].cause)


def test_after_a_release_it_is_the_release_although_another_serial_number_was_asked_for_once(
    desk: Desk, example: Example
) -> None:
    make_key(desk)
    registration = registered(desk, example.ana, example.quality[0])
    change = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved").request_id
    assert change is not None
    decisions.decline(desk, Actor(example.rui), change, None, "not now")
    request = taken(desk, example, registration)
    releases.release(desk, Actor(example.eva), registration, "gone")
    assert cause(desk, request) == "released"


def test_after_a_serial_change_it_is_the_serial_change(desk: Desk, example: Example) -> None:
    make_key(desk)
    registration = registered(desk, example.ana, example.quality[0])
    request = taken(desk, example, registration)
    registrations.change_serial(desk, Actor(example.eva), registration, serial(2))
    assert cause(desk, request) == "serial_changed"
