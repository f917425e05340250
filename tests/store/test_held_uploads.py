"""Uploading the vendor's files: by whom, what is taken and kept, and two at once."""

import io
import os
import zipfile
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from store import decisions, held_files, held_uploads, releases, sealed_files
from store.deliverability import Awaited
from store.desk import Actor, Desk
from store.held_uploads import Uploaded
from store.rules.errors import DeskError
from store.rules.held_file_errors import (
    FilesSigned,
    HeldFileEmpty,
    HeldFileEnding,
    HeldFileTooLarge,
    NamesAnother,
    NotOneEnvironment,
    SerialNotNamed,
)
from store.rules.registration_errors import CloudNeedsNothing, NotRegistered, Suspended, TermEnded
from store.rules.seeing_errors import NoRight, NotAssociated
from store.tables import held_files as rows
from store.tables import infrastructures, subscriptions
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.store.holding import contents, hold, made_for, send_files, upload, waiting_files
from tests.store.requesting import ask, change, count, entries, put, registered, rest_roles, told
from tests.store.test_races import at_once


@pytest.fixture
def registration(desk: Desk, example: Example) -> int:
    """Quality 1 of `core`, registered by Ana, with files that the vendor makes."""
    hold(desk, example)
    return registered(desk, example.ana, example.quality[0])


def newest(desk: Desk, registration: int) -> bytes:
    with desk.database.read() as connection:
        held = held_files.newest_of(connection, registration)
        assert held is not None
        return held_files.content_of(desk, connection, held.id)


@pytest.mark.parametrize("who", ["rui", "fiona", "tom", "eva", "olga"])
def test_operators_and_those_who_get_files_directly_upload(
    desk: Desk, example: Example, registration: int, who: str
) -> None:
    made = upload(desk, getattr(example, who), registration, made_for(1))
    assert (made.file.version, made.file.names_serial, made.again) == (1, True, False)
    assert made.file.uploaded_by == getattr(example, who)
    assert newest(desk, registration) == made_for(1)


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("ana", NoRight),
        ("ada", NoRight),
        ("max", NoRight),
        ("otto", NotAssociated),
        ("nina", NotAssociated),
        ("zoe", NotAssociated),
    ],
)
def test_nobody_else_does_and_the_attempt_is_recorded(
    desk: Desk, example: Example, registration: int, who: str, refusal: type[DeskError]
) -> None:
    person = getattr(example, who, example.otto)
    with pytest.raises(refusal):
        upload(desk, person, registration, made_for(1))
    assert count(desk, rows) == 0
    assert [each.actor_id for each in entries(desk, "refused:upload_file")] == [person]


def test_a_role_that_rests_uploads_nothing(desk: Desk, example: Example, registration: int) -> None:
    rest_roles(desk, example.rui)
    with pytest.raises(NotAssociated):
        upload(desk, example.rui, registration, made_for(1))


def test_a_registration_that_is_not_there_is_answered_like_one_that_is_not_seen(
    desk: Desk, example: Example, registration: int
) -> None:
    with pytest.raises(NotAssociated):
        upload(desk, example.rui, registration + 1000, made_for(1))


def test_it_is_kept_encrypted_with_what_is_known_of_it(
    desk: Desk, example: Example, registration: int, clock: Clock
) -> None:
    made = upload(desk, example.rui, registration, made_for(1), "../x/acme\r\n.xml").file
    assert (made.name, made.media_type, made.size) == ("acme.xml", "application/xml", len(made_for(1)))
    assert made.uploaded_at == clock.now
    with desk.database.read() as connection:
        sealed = connection.execute(select(rows.c.content_encrypted)).scalar_one()
    assert serial(1).encode() not in sealed
    [entry] = entries(desk, "upload_file")
    assert (entry.infrastructure_id, entry.actor_id) == (example.core, example.rui)
    assert entry.facts == {"registration": registration, "version": 1, "sha256": made.sha256, "named": True}


@pytest.mark.parametrize("size", [sealed_files.SMALL, sealed_files.SMALL + 1, 3_000_000])
def test_a_large_file_comes_back_byte_for_byte(
    desk: Desk, example: Example, registration: int, size: int
) -> None:
    content = os.urandom(size)
    upload(desk, example.rui, registration, content, "vendor.bin")
    assert newest(desk, registration) == content
    ask(desk, example.rui, registration)
    assert contents(send_files(desk)) == [content]


def test_earlier_files_are_kept_and_the_newest_counts(
    desk: Desk, example: Example, registration: int
) -> None:
    for number in range(3):
        assert upload(desk, example.rui, registration, made_for(1, str(number))).file.version == number + 1
    assert newest(desk, registration) == made_for(1, "2")
    with desk.database.read() as connection:
        found = held_files.listing(connection, "Acme Core")
        kept = [held_files.content_of(desk, connection, each.file.id) for each in found]
    assert kept == [made_for(1, "2"), made_for(1, "1"), made_for(1, "0")]
    assert {(each.serial, each.slot, each.uploaded_by) for each in found} == {
        (serial(1), "Quality 1", "Rui Costa")
    }


def test_the_same_file_again_changes_nothing(desk: Desk, example: Example, registration: int) -> None:
    upload(desk, example.rui, registration, made_for(1))
    again = upload(desk, example.tom, registration, made_for(1), "other name.lic")
    assert (again.again, again.file.version, again.file.name) == (True, 1, "vendor.lic")
    assert len(entries(desk, "upload_file")) == 1


def test_the_technical_contact_and_the_registrant_are_told_but_not_the_actor(
    desk: Desk, example: Example, registration: int
) -> None:
    upload(desk, example.olga, registration, made_for(1))
    assert set(told(desk, "held_file_uploaded")) == {example.rui, example.ana}
    upload(desk, example.rui, registration, made_for(1, "second"))
    assert told(desk, "held_file_uploaded").count(example.rui) == 1


def test_text_that_does_not_name_the_serial_number_needs_a_confirmation(
    desk: Desk, example: Example, registration: int
) -> None:
    content = b"<license>for the old server</license>"
    with pytest.raises(SerialNotNamed) as unsure:
        upload(desk, example.rui, registration, content)
    assert unsure.value.serial == serial(1)
    assert count(desk, rows) == 0
    made = upload(desk, example.rui, registration, content, confirmed=True)
    assert made.file.names_serial is False
    assert entries(desk, "upload_file")[0].facts["named"] is False


def test_what_is_no_text_is_taken_without_being_looked_into(
    desk: Desk, example: Example, registration: int
) -> None:
    assert upload(desk, example.rui, registration, b"\x00\x01\x02", "a.bin").file.names_serial is None


def test_the_serial_number_of_another_environment_is_refused_and_confirming_does_not_help(
    desk: Desk, example: Example, registration: int
) -> None:
    other = registered(desk, example.ana, example.quality[1], 2)
    for content in (made_for(2), made_for(1) + made_for(2)):
        for confirmed in (False, True):
            with pytest.raises(NamesAnother) as refused:
                upload(desk, example.rui, registration, content, confirmed=confirmed)
            assert refused.value.other is not None
            assert (refused.value.other.name, refused.value.serial) == ("Quality 2", serial(2))
    assert count(desk, rows) == 0
    assert entries(desk, "refused:upload_file")[0].facts["registration"] == other


def test_of_an_environment_elsewhere_nothing_is_told(desk: Desk, example: Example, registration: int) -> None:
    registered(desk, example.otto, example.globex_production[0], 2)
    with pytest.raises(NamesAnother) as refused:
        upload(desk, example.rui, registration, made_for(1) + made_for(2))
    assert refused.value.other is None


def test_a_serial_number_that_is_nobody_s_any_more_is_no_other_environment(
    desk: Desk, example: Example, registration: int
) -> None:
    other = registered(desk, example.ana, example.quality[1], 2)
    releases.release(desk, Actor(example.tom), other, "gone")
    assert upload(desk, example.rui, registration, made_for(1) + made_for(2)).file.names_serial


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("vendor.lic", b"", HeldFileEmpty),
        ("vendor.exe", made_for(1), HeldFileEnding),
        ("vendor", made_for(1), HeldFileEnding),
        ("vendor.lic/../x.sh", made_for(1), HeldFileEnding),
        ("vendor.lic", bytes(1025), HeldFileTooLarge),
        ("many.txt", "\n".join(map(serial, range(1, 1200))).encode(), HeldFileTooLarge),
    ],
)
def test_what_cannot_be_used_is_refused_and_not_kept(
    desk: Desk, example: Example, registration: int, name: str, content: bytes, refusal: type[DeskError]
) -> None:
    small = replace(desk, policy=replace(desk.policy, held_file_largest=1024))
    with pytest.raises(refusal):
        upload(small, example.rui, registration, content, name)
    assert count(desk, rows) == 0


def test_a_list_of_serial_numbers_is_not_the_file_of_one_environment(
    desk: Desk, example: Example, registration: int
) -> None:
    many = "\n".join(map(serial, range(1, 1200))).encode()
    with pytest.raises(NotOneEnvironment):
        upload(desk, example.rui, registration, many, "many.txt", confirmed=True)


def test_a_zip_bomb_stays_closed(desk: Desk, example: Example, registration: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("zeros.txt", bytes(50_000_000))
    content = packed.getvalue()
    made = upload(desk, example.rui, registration, content, "bomb.zip").file
    assert (made.size, made.names_serial) == (len(content), None)
    assert newest(desk, registration) == content


def test_where_files_are_signed_or_nothing_is_installed_none_is_taken(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ana, example.quality[0])
    with pytest.raises(FilesSigned):
        upload(desk, example.rui, registration, made_for(1))
    change(desk, update(infrastructures).values(files="held", hosting="cloud"))
    with pytest.raises(CloudNeedsNothing):
        upload(desk, example.rui, registration, made_for(1))


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (update(subscriptions).values(state="suspended"), Suspended),
        (update(subscriptions).values(ends_at=TERM_END - timedelta(days=365)), TermEnded),
    ],
    ids=["suspended", "ended"],
)
def test_where_the_subscription_is_not_good_none_is_taken(
    desk: Desk, example: Example, registration: int, statement: object, refusal: type[DeskError]
) -> None:
    change(desk, statement)  # type: ignore[arg-type] # a table row keeps statements as objects
    with pytest.raises(refusal):
        upload(desk, example.rui, registration, made_for(1))


def test_a_registration_that_ended_takes_no_file(desk: Desk, example: Example, registration: int) -> None:
    releases.release(desk, Actor(example.tom), registration, "gone")
    with pytest.raises(NotRegistered):
        upload(desk, example.rui, registration, made_for(1))


def test_the_registration_of_a_serial_number_is_found_by_those_who_see_it(
    desk: Desk, example: Example, registration: int
) -> None:
    assert held_uploads.registration_of(desk, Actor(example.rui), serial(1).lower()) == registration
    for who, number in ((example.otto, 1), (example.rui, 2)):
        with pytest.raises(NotAssociated):
            held_uploads.registration_of(desk, Actor(who), serial(number))


def test_two_files_at_once_are_two_versions(desk: Desk, example: Example, registration: int) -> None:
    steps = [
        partial(upload, desk, who, registration, made_for(1, str(who)))
        for who in (example.rui, example.tom, example.olga)
    ]
    answers = at_once(steps)
    assert sorted(each.file.version for each in answers if isinstance(each, Uploaded)) == [1, 2, 3]


def test_the_same_file_twice_at_once_is_one_version(desk: Desk, example: Example, registration: int) -> None:
    steps = [partial(upload, desk, example.rui, registration, made_for(1)) for _ in range(3)]
    answers = [each for each in at_once(steps) if isinstance(each, Uploaded)]
    assert sorted(each.again for each in answers) == [False, True, True]
    assert count(desk, rows) == 1


def test_an_upload_and_a_forward_at_once_end_in_a_delivery(
    desk: Desk, example: Example, registration: int
) -> None:
    for number in range(5):
        request = put(desk, example.ana, registration)
        content = made_for(1, str(number))
        at_once(
            [
                partial(decisions.forward, desk, Actor(example.rui), request),
                partial(upload, desk, example.olga, registration, content),
            ]
        )
        assert contents(send_files(desk)) == [content]


def test_an_upload_while_the_courier_finds_nothing_wakes_the_delivery(
    desk: Desk, example: Example, registration: int
) -> None:
    for number in range(5):
        slot = (*example.production, *example.development)[number]
        other = registered(desk, example.ana, slot, 10 + number)
        ask(desk, example.rui, other)
        first, _ = at_once(
            [partial(send_files, desk), partial(upload, desk, example.olga, other, made_for(10 + number))]
        )
        assert isinstance(first, list)
        sent = contents(first) or contents(send_files(desk))
        assert sent == [made_for(10 + number)]
    assert waiting_files(desk) == 0
    assert Awaited() == Awaited()
