"""Infrastructures whose license files the vendor makes: asked for, waited for and delivered; nothing is ever signed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from store import (
    decisions,
    deliverability,
    delivery_claims,
    licenses,
    registrations,
    releases,
    renewals,
    requests,
    slots,
)
from store.deliverability import Awaited, Undeliverable
from store.delivery_claims import COURIER
from store.desk import Actor, Desk, intention
from store.escalation import ITSELF
from store.rules.registration_errors import CannotUndo
from store.rules.renewing import Renewal
from store.rules.request_errors import FilesHeld
from store.tables import infrastructures, subscriptions
from store.tables import licenses as license_rows
from store.undelivered import tell_late
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.store.holding import contents, hold, made_for, send_files, upload, waiting_files
from tests.store.requesting import (
    ask,
    change,
    deactivate,
    entries,
    make_key,
    put,
    queued,
    registered,
    replies,
    rest_roles,
    seen,
    states,
    told,
)

UPLOADERS = ["rui", "fiona", "tom", "eva", "olga"]


@pytest.fixture
def registration(desk: Desk, example: Example) -> int:
    """Quality 1 of `core`, registered by Ana, with files that the vendor makes."""
    hold(desk, example)
    return registered(desk, example.ana, example.quality[0])


def made(desk: Desk) -> int:
    with desk.database.read() as connection:
        return connection.execute(select(func.count()).select_from(license_rows)).scalar_one()


def wanted(desk: Desk) -> set[int | None]:
    return set(told(desk, "held_file_wanted"))


def of(example: Example, *names: str) -> set[int | None]:
    return {getattr(example, each) for each in names}


@pytest.mark.parametrize("who", UPLOADERS)
def test_who_gets_files_directly_gets_the_newest_at_once(
    desk: Desk, example: Example, registration: int, who: str
) -> None:
    for content in (made_for(1), made_for(1, "edition = 2")):
        upload(desk, example.olga, registration, content)
    assert ask(desk, getattr(example, who), registration).direct
    assert contents(send_files(desk)) == [made_for(1, "edition = 2")]
    assert wanted(desk) == set()
    assert made(desk) == 0


@pytest.mark.parametrize("who", ["ana", "ada"])
def test_others_get_it_when_it_is_forwarded(
    desk: Desk, example: Example, registration: int, who: str
) -> None:
    upload(desk, example.olga, registration, made_for(1))
    request = put(desk, getattr(example, who), registration)
    assert contents(send_files(desk)) == []
    decisions.forward(desk, Actor(example.rui), request)
    assert contents(send_files(desk)) == [made_for(1)]
    assert seen(desk, request).items[0].delivered_at is not None


def test_a_file_that_is_not_there_is_asked_for_all_the_same_and_those_who_may_upload_are_told(
    desk: Desk, example: Example, registration: int
) -> None:
    outcome = ask(desk, example.ana, registration)
    assert [each.file_missing for each in outcome.put] == [True]
    assert wanted(desk) == of(example, *UPLOADERS)
    assert outcome.request_id is not None
    decisions.forward(desk, Actor(example.rui), outcome.request_id)
    assert wanted(desk) == of(example, *UPLOADERS)
    assert len(told(desk, "held_file_wanted")) == len(UPLOADERS)
    assert example.ana in told(desk, "forwarded")


def test_who_takes_it_is_not_told_that_it_is_missing(desk: Desk, example: Example, registration: int) -> None:
    ask(desk, example.rui, registration)
    assert wanted(desk) == of(example, *UPLOADERS) - {example.rui}


def test_what_waits_is_delivered_after_the_upload_and_not_told_of_as_late(
    desk: Desk, example: Example, registration: int, clock: Clock
) -> None:
    ask(desk, example.rui, registration)
    request = put(desk, example.ana, registration)
    decisions.forward(desk, Actor(example.rui), request)
    assert send_files(desk) == [Awaited(), Awaited()]
    assert waiting_files(desk) == 2
    clock.advance(timedelta(minutes=30))
    assert (tell_late(desk), send_files(desk)) == (0, [])
    assert upload(desk, example.olga, registration, made_for(1)).sent == 2
    assert contents(send_files(desk)) == [made_for(1)] * 2
    assert states(desk, request) == ["forwarded"]


def test_one_missing_file_holds_up_no_other_of_the_request(
    desk: Desk, example: Example, registration: int
) -> None:
    other = registered(desk, example.ana, example.quality[1], 2)
    upload(desk, example.olga, other, made_for(2))
    ask(desk, example.rui, registration, other)
    send_files(desk)
    assert contents(send_files(desk)) == [made_for(2)]
    assert waiting_files(desk) == 1


def test_what_still_waits_for_an_answer_is_not_delivered_by_an_upload(
    desk: Desk, example: Example, registration: int
) -> None:
    request = put(desk, example.ana, registration)
    version = seen(desk, request).version
    assert upload(desk, example.olga, registration, made_for(1)).sent == 0
    assert send_files(desk) == []
    assert seen(desk, request).version == version + 1
    assert [each.file_missing for each in seen(desk, request).items] == [False]


def test_attempts_after_the_first_send_the_same_file(desk: Desk, example: Example, registration: int) -> None:
    upload(desk, example.olga, registration, made_for(1))
    ask(desk, example.rui, registration)
    [delivery] = [each for each in delivery_claims.claim(desk, "lease", 100, 60) if each.kind == "file"]
    first = deliverability.prepare(desk, COURIER, delivery)
    upload(desk, example.olga, registration, made_for(1, "second"))
    assert contents([first, deliverability.prepare(desk, COURIER, delivery)]) == [made_for(1)] * 2


def test_sending_again_sends_the_newest(
    desk: Desk, example: Example, registration: int, clock: Clock
) -> None:
    upload(desk, example.olga, registration, made_for(1))
    [item] = ask(desk, example.rui, registration).direct
    send_files(desk)
    upload(desk, example.olga, registration, made_for(1, "second"))
    clock.advance(timedelta(hours=1))
    requests.send_again(desk, Actor(example.rui), item.id)
    assert contents(send_files(desk)) == [made_for(1, "second")]


def test_sending_again_what_is_not_there_waits(desk: Desk, example: Example, registration: int) -> None:
    [item] = ask(desk, example.rui, registration).direct
    sent = requests.send_again(desk, Actor(example.rui), item.id)
    assert (sent.on_its_way, sent.item.file_missing) == (True, True)


@pytest.mark.parametrize("how", ["release", "undo", "serial"])
def test_what_waits_for_a_file_is_closed_when_its_environment_ends(
    desk: Desk, example: Example, registration: int, how: str
) -> None:
    request = put(desk, example.ben, registration)
    decisions.forward(desk, Actor(example.rui), request)
    assert send_files(desk) == [Awaited()]
    if how == "release":
        releases.release(desk, Actor(example.tom), registration, "gone")
    elif how == "undo":
        registrations.undo(desk, Actor(example.ana), registration)
    else:
        registrations.change_serial(desk, Actor(example.tom), registration, serial(2))
    [ended] = send_files(desk)
    assert isinstance(ended, Undeliverable)
    assert [str(each.cause) for each in seen(desk, request).items] == [
        "serial_changed" if how == "serial" else "released"
    ]
    assert "closed" in replies(desk, request)


@pytest.mark.parametrize(
    "statement",
    [
        update(subscriptions).values(state="suspended"),
        update(subscriptions).values(ends_at=TERM_END - timedelta(days=365)),
    ],
    ids=["suspended", "ended"],
)
def test_what_waits_for_a_file_is_closed_within_the_hour_when_the_subscription_is_not_good(
    desk: Desk, example: Example, registration: int, clock: Clock, statement: object
) -> None:
    ask(desk, example.rui, registration)
    send_files(desk)
    change(desk, statement)  # type: ignore[arg-type] # a table row keeps statements as objects
    clock.advance(timedelta(hours=1))
    assert [type(each) for each in send_files(desk)] == [Undeliverable]


@pytest.mark.parametrize("lose", [deactivate, rest_roles])
def test_who_lost_the_right_meanwhile_gets_nothing(
    desk: Desk, example: Example, registration: int, lose: object
) -> None:
    ask(desk, example.rui, registration)
    send_files(desk)
    lose(desk, example.rui)  # type: ignore[operator] # a table row keeps functions as objects
    upload(desk, example.olga, registration, made_for(1))
    assert [type(each) for each in send_files(desk)] == [Undeliverable]


def test_a_new_serial_number_needs_a_new_file_and_says_so(
    desk: Desk, example: Example, registration: int
) -> None:
    upload(desk, example.olga, registration, made_for(1))
    changed = registrations.change_serial(desk, Actor(example.tom), registration, serial(2)).environment
    assert changed.registration is not None
    assert wanted(desk) == of(example, *UPLOADERS) - {example.tom}
    ask(desk, example.rui, changed.registration.id)
    assert send_files(desk) == [Awaited()]
    upload(desk, example.olga, changed.registration.id, made_for(2))
    assert contents(send_files(desk)) == [made_for(2)]
    assert made(desk) == 0


def test_a_serial_change_by_request_ends_in_the_file_for_the_new_serial_number(
    desk: Desk, example: Example, registration: int
) -> None:
    upload(desk, example.olga, registration, made_for(1))
    asked = requests.ask_serial_change(desk, Actor(example.ana), registration, serial(2), "moved")
    assert asked.request_id is not None
    assert wanted(desk) == set()
    decisions.forward(desk, Actor(example.rui), asked.request_id)
    assert wanted(desk) == of(example, *UPLOADERS) - {example.rui}
    assert send_files(desk) == [Awaited()]
    with desk.database.read() as connection:
        reserved = slots.of_infrastructure(connection, example.core)
    [new] = [each.registration.id for each in reserved if each.registration]
    assert upload(desk, example.olga, new, made_for(2)).sent == 1
    assert contents(send_files(desk)) == [made_for(2)]
    assert made(desk) == 0


def test_a_registration_with_a_file_cannot_be_undone(desk: Desk, example: Example, registration: int) -> None:
    upload(desk, example.olga, registration, made_for(1))
    with pytest.raises(CannotUndo) as refused:
        registrations.undo(desk, Actor(example.ana), registration)
    assert refused.value.why == "licensed"


def test_a_delivery_is_recorded_with_the_file_and_its_checksum(
    desk: Desk, example: Example, registration: int
) -> None:
    held = upload(desk, example.olga, registration, made_for(1)).file
    request = put(desk, example.ana, registration)
    decisions.forward(desk, Actor(example.rui), request)
    send_files(desk)
    [entry] = entries(desk, "deliver")
    assert entry.facts == {
        "items": [seen(desk, request).items[0].id],
        "held_file": held.id,
        "version": 1,
        "sha256": held.sha256,
        "recipient": example.ana,
        "decider": example.rui,
    }


def test_what_was_asked_for_before_the_vendor_made_the_files_waits_for_them(
    desk: Desk, example: Example
) -> None:
    make_key(desk)
    registration = registered(desk, example.ana, example.quality[0])
    request = put(desk, example.ana, registration)
    decisions.forward(desk, Actor(example.rui), request)
    hold(desk, example)
    assert send_files(desk) == [Awaited()]
    upload(desk, example.olga, registration, made_for(1))
    assert contents(send_files(desk)) == [made_for(1)]
    assert made(desk) == 0


def test_what_waits_is_signed_when_the_files_are_made_here_again(
    desk: Desk, example: Example, registration: int, clock: Clock
) -> None:
    make_key(desk)
    ask(desk, example.rui, registration)
    assert send_files(desk) == [Awaited()]
    change(desk, update(infrastructures).values(files="signed"))
    clock.advance(timedelta(hours=1))
    assert len(contents(send_files(desk))) == 1
    assert made(desk) == 1


def test_a_renewal_makes_no_license_and_tells_those_who_may_upload(
    desk: Desk, example: Example, registration: int
) -> None:
    make_key(desk)
    renewal = Renewal(ends_at=TERM_END + timedelta(days=365))
    done = renewals.renew(desk, Actor(example.olga), example.core, renewal)
    assert done.reissue_id is None
    assert set(told(desk, "held_files_renewal")) == of(example, *UPLOADERS) - {example.olga}
    renewals.renew(desk, Actor(example.olga), example.core, renewal)
    assert len(told(desk, "held_files_renewal")) == len(UPLOADERS) - 1


def test_no_way_leads_to_a_signature(desk: Desk, example: Example, registration: int) -> None:
    make_key(desk)
    with pytest.raises(FilesHeld) as refused:
        intention(licenses.issue)(desk, ITSELF, registration)
    assert (refused.value.name, refused.value.account_manager[0]) == ("Acme Core", "Jo Park")
    assert made(desk) == 0
    assert queued(desk, "file") == []
