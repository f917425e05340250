"""License files: checked again, uploaded once, and delivered only when Slack shows them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from store import decisions, licenses, releases, requests
from store.desk import Actor
from store.tables import licenses as license_rows
from store.tables import registrations, request_items, roles, subscriptions
from store.undelivered import tell_late
from tests.courier.conftest import Scene
from tests.example import TERM_START, serial
from tests.store.requesting import ask, change, deactivate, entries, put, registered, seen, take_roles


def registered_and_quiet(scene: Scene, person: int, slot: int, number: int = 1) -> int:
    """Register, and let the notices of it go first."""
    registration = registered(scene.desk, person, slot, number)
    scene.run()
    return registration


def forwarded(scene: Scene) -> int:
    """Ana asks, and Rui forwards; gives the request's id. Its file waits in the queue."""
    registration = registered_and_quiet(scene, scene.example.ana, scene.example.quality[0])
    request_id = put(scene.desk, scene.example.ana, registration)
    scene.run()
    decisions.forward(scene.desk, Actor(scene.example.rui), request_id)
    return request_id


def taken(scene: Scene, person: int | None = None) -> int:
    """Somebody with the right takes a file; gives the request's id. Its file waits in the queue."""
    taker = person or scene.example.tom
    registration = registered_and_quiet(scene, scene.example.tom, scene.example.quality[0])
    outcome = ask(scene.desk, taker, registration)
    assert outcome.request_id is not None
    return outcome.request_id


def stored_bytes(scene: Scene, request_id: int) -> bytes:
    """The bytes of the license that was made for a request's first item."""
    license_id = seen(scene.desk, request_id).items[0].license_id
    assert license_id is not None
    with scene.desk.database.read() as connection:
        return licenses.text_of(scene.desk, connection, license_id)


def downloads(scene: Scene, name: str) -> list[bytes]:
    """The files that somebody was sent, as they save them."""
    return [scene.people.download(file) for message in scene.files(name) for file in message.files]


def test_a_forwarded_file_arrives_at_the_requester_with_the_bytes_that_were_made(scene: Scene) -> None:
    request_id = forwarded(scene)
    scene.run()
    assert downloads(scene, "ana") == [stored_bytes(scene, request_id)]
    assert scene.files("ana")[0].files[0].title == "Quality 1"


def test_a_file_counts_as_delivered_only_when_slack_shows_it(scene: Scene) -> None:
    request_id = forwarded(scene)
    scene.people.weather(sharing=5.0)
    scene.courier.send_due()
    assert scene.people.calls("files.completeUploadExternal")
    assert seen(scene.desk, request_id).items[0].undelivered
    scene.clock.advance(timedelta(seconds=6))
    scene.run()
    item = seen(scene.desk, request_id).items[0]
    assert item.delivered_at is not None
    assert len(scene.files("ana")) == 1


def test_the_card_is_redrawn_and_its_thread_told_when_the_file_has_arrived(scene: Scene) -> None:
    forwarded(scene)
    scene.run()
    assert scene.texts() == ["Request: forwarded (for C0LICENSES)"]
    assert scene.replies() == ["reply forwarded", "reply delivered"]


def test_what_was_sent_is_on_record(scene: Scene) -> None:
    request_id = forwarded(scene)
    scene.run()
    [entry] = entries(scene.desk, "deliver")
    with scene.desk.database.read() as connection:
        made = connection.execute(select(license_rows)).one()
    assert entry.subject == f"request {seen(scene.desk, request_id).number}"
    assert (entry.facts["jti"], entry.facts["sha256"]) == (made.jti, made.sha256)
    assert (entry.facts["recipient"], entry.facts["decider"]) == (scene.example.ana, scene.example.rui)


def test_a_known_person_has_the_file_after_three_calls(scene: Scene) -> None:
    taken(scene)
    scene.run()
    before = len(scene.calls)
    again = ask(scene.desk, scene.example.tom, _registration(scene))
    assert again.request_id is not None
    scene.courier.send_due()
    methods = [method for method, _ in scene.calls[before:]]
    assert methods[:3] == ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"]
    assert set(methods[3:]) == {"files.info"}


def test_a_person_who_was_never_written_to_gets_a_direct_message_opened_once(scene: Scene) -> None:
    taken(scene, scene.example.fiona)
    scene.run()
    ask(scene.desk, scene.example.fiona, _registration(scene))
    scene.run()
    opened = [call for call in scene.people.calls("conversations.open") if call.sent["users"] == "U0FIONA"]
    assert len(opened) == 1
    assert len(scene.files("fiona")) == 2


def test_a_file_taken_by_an_operator_is_told_to_the_technical_contact(scene: Scene) -> None:
    taken(scene, scene.example.olga)
    scene.run()
    assert any("operator_took_file" in text for text in scene.direct("rui"))
    assert not any("operator_took_file" in text for text in scene.direct("olga"))


def test_a_file_taken_by_an_admin_is_told_to_nobody(scene: Scene) -> None:
    taken(scene)
    scene.run()
    assert not any("operator_took_file" in text for text in scene.direct("rui"))


@pytest.mark.parametrize("files", [1, 3])
def test_files_of_one_request_arrive_in_their_order(scene: Scene, files: int) -> None:
    slots = [*scene.example.quality, scene.example.production[0]][:files]
    made = [registered(scene.desk, scene.example.tom, slot, number) for number, slot in enumerate(slots)]
    ask(scene.desk, scene.example.tom, *made)
    scene.run()
    titles = [file.title for message in scene.files("tom") for file in message.files]
    assert titles == ["Quality 1", "Quality 2", "Prod 1"][:files]


def test_a_file_that_slack_is_slow_to_show_holds_up_no_other(scene: Scene) -> None:
    made = [registered(scene.desk, scene.example.tom, slot, slot) for slot in scene.example.quality]
    scene.run()
    ask(scene.desk, scene.example.tom, *made)
    scene.people.weather(sharing=20.0)
    scene.courier.send_due()
    assert len(scene.people.calls("files.completeUploadExternal")) == 2


def test_a_requester_who_lost_every_role_gets_no_file_and_everybody_is_told(scene: Scene) -> None:
    request_id = forwarded(scene)
    take_roles(scene.desk, scene.example.ana)
    scene.run()
    item = seen(scene.desk, request_id).items[0]
    assert (str(item.state), str(item.cause)) == ("closed", "requester_without_role")
    assert scene.files("ana") == []
    assert any("notice closed" in text for text in scene.direct("ana"))
    assert any("notice closed" in text for text in scene.direct("rui"))
    assert scene.texts() == ["Request: closed (for C0LICENSES)"]
    assert "reply closed" in scene.replies()
    assert scene.total(license_rows) == 0


def test_a_requester_who_became_an_auditor_gets_no_file(scene: Scene) -> None:
    request_id = forwarded(scene)
    change(scene.desk, update(roles).where(roles.c.person_id == scene.example.ana).values(role="auditor"))
    scene.run()
    assert str(seen(scene.desk, request_id).items[0].cause) == "requester_without_role"


def test_somebody_who_lost_the_right_to_take_a_file_does_not_get_it(scene: Scene) -> None:
    request_id = taken(scene)
    mine = roles.c.person_id == scene.example.tom
    change(scene.desk, update(roles).where(mine).values(role="member"))
    scene.run()
    assert str(seen(scene.desk, request_id).items[0].cause) == "requester_without_role"
    assert scene.files("tom") == []


def test_a_requester_who_was_deactivated_gets_no_file(scene: Scene) -> None:
    request_id = forwarded(scene)
    deactivate(scene.desk, scene.example.ana)
    scene.run()
    assert str(seen(scene.desk, request_id).items[0].cause) == "requester_inactive"


def test_an_environment_released_after_the_decision_gets_no_file(scene: Scene) -> None:
    request_id = forwarded(scene)
    releases.release(scene.desk, Actor(scene.example.tom), _registration(scene), "gone")
    scene.run()
    assert str(seen(scene.desk, request_id).items[0].cause) == "released"
    assert scene.files("ana") == []


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"state": "suspended"}, "suspended"),
        ({"ends_at": TERM_START + timedelta(days=30), "grace_days": 14}, "term_ended"),
    ],
)
def test_a_subscription_that_is_no_longer_good_delivers_nothing(
    scene: Scene, values: dict[str, object], cause: str
) -> None:
    request_id = forwarded(scene)
    change(scene.desk, update(subscriptions).values(values))
    scene.run()
    assert str(seen(scene.desk, request_id).items[0].cause) == cause


def test_a_file_in_grace_is_delivered(scene: Scene) -> None:
    forwarded(scene)
    change(scene.desk, update(subscriptions).values(ends_at=scene.clock.now - timedelta(days=1)))
    scene.run()
    assert len(scene.files("ana")) == 1


def test_a_file_before_the_start_of_the_term_waits_for_it_and_is_not_late(scene: Scene) -> None:
    request_id = forwarded(scene)
    start = scene.clock.now + timedelta(days=3)
    change(scene.desk, update(subscriptions).values(starts_at=start, unbroken_since=start))
    scene.run()
    scene.clock.advance(timedelta(days=1))
    assert tell_late(scene.desk) == 0
    assert seen(scene.desk, request_id).items[0].undelivered
    scene.clock.now = start
    scene.run()
    assert len(scene.files("ana")) == 1


def test_retries_send_the_same_bytes_even_when_the_registration_would_give_others(scene: Scene) -> None:
    request_id = forwarded(scene)
    scene.people.weather(fault="server_error", method="files.getUploadURLExternal", calls=1)
    scene.courier.send_due()
    first = stored_bytes(scene, request_id)
    change(scene.desk, update(registrations).values(platform_version="11.18.0 (Build 40000)"))
    scene.run()
    assert downloads(scene, "ana") == [first]
    assert scene.total(license_rows) == 1


def test_sending_again_sends_the_same_bytes_without_a_new_decision(scene: Scene) -> None:
    request_id = forwarded(scene)
    scene.run()
    item = seen(scene.desk, request_id).items[0]
    requests.send_again(scene.desk, Actor(scene.example.ana), item.id)
    scene.run()
    assert downloads(scene, "ana") == [stored_bytes(scene, request_id)] * 2
    assert scene.total(license_rows) == 1


def test_after_five_minutes_requester_and_decider_are_told_once(scene: Scene) -> None:
    forwarded(scene)
    scene.people.weather(never_shared=True)
    scene.run(timedelta(minutes=4))
    assert tell_late(scene.desk) == 0
    scene.run(timedelta(minutes=2))
    assert tell_late(scene.desk) == 1
    assert tell_late(scene.desk) == 0
    scene.run(timedelta(minutes=1))
    for name in ("ana", "rui"):
        assert len([text for text in scene.direct(name) if "not_delivered" in text]) == 1, name


def test_a_file_that_slack_never_shows_is_given_up_and_the_operators_are_told(scene: Scene) -> None:
    request_id = forwarded(scene)
    scene.people.weather(never_shared=True)
    scene.run(timedelta(minutes=20))
    assert [row.error for row in scene.rows(kind="file")] == ["never_shared"]
    assert any("delivery_failed" in text for text in scene.direct("olga"))
    assert any("not_delivered" in text for text in scene.direct("ana"))
    assert seen(scene.desk, request_id).items[0].undelivered


def test_a_serial_change_sends_the_file_of_the_new_serial_number(scene: Scene) -> None:
    registration = registered_and_quiet(scene, scene.example.ana, scene.example.quality[0])
    outcome = requests.ask_serial_change(
        scene.desk, Actor(scene.example.ana), registration, serial(77), "new server"
    )
    assert outcome.request_id is not None
    decisions.forward(scene.desk, Actor(scene.example.rui), outcome.request_id)
    scene.run()
    with scene.desk.database.read() as connection:
        newest = connection.execute(
            select(registrations.c.id).where(
                registrations.c.serial == serial(77), registrations.c.state == "open"
            )
        ).scalar_one()
        made = connection.execute(select(license_rows.c.registration_id)).scalar_one()
    assert made == newest
    assert len(scene.files("ana")) == 1


def test_a_file_whose_buttons_slack_refuses_goes_with_its_words(scene: Scene) -> None:
    taken(scene)
    scene.people.weather(
        fault="refused", method="files.completeUploadExternal", error="invalid_blocks", calls=1
    )
    scene.run()
    [message] = scene.files("tom")
    assert message.text == "License file of Quality 1"


def _registration(scene: Scene) -> int:
    with scene.desk.database.read() as connection:
        return int(connection.execute(select(request_items.c.registration_id).limit(1)).scalar_one())
