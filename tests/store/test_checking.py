"""What a license file or a serial number is, and why a server might refuse it; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from store import checking, keys, license_file, licenses, people, registrations, releases, requests
from store.checking import Checked
from store.desk import Act, Actor, Desk, intention
from store.rules.checking import NotOneOfYours, Trouble
from store.rules.claims import claims
from store.rules.license_errors import NotALicenseFile, SignatureMismatch, UntrustedKey
from store.tables import products, subscriptions
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.store.requesting import change, give_role, make_key, registered, take_roles

DESK = Actor(None, "schedule")


@intention
def issued(act: Act, registration_id: int) -> bytes:
    made = licenses.issue(act, registration_id)
    return licenses.text_of(act.desk, act.connection, made.id)


def file(desk: Desk, person: int, content: str | bytes) -> Checked:
    with desk.database.read() as connection:
        return checking.check_file(connection, people.held_roles(connection, person), content, desk.clock())


def number(desk: Desk, person: int, typed: str) -> Checked:
    with desk.database.read() as connection:
        return checking.check_serial(connection, people.held_roles(connection, person), typed, desk.clock())


@pytest.fixture
def own(desk: Desk, example: Example) -> int:
    """Ana's environment."""
    make_key(desk)
    return registered(desk, example.ana, example.quality[0])


@pytest.fixture
def content(desk: Desk, own: int) -> bytes:
    """Its license file."""
    return issued(desk, DESK, own)


def test_a_good_file_is_the_newest_and_has_no_trouble(desk: Desk, example: Example, content: bytes) -> None:
    checked = file(desk, example.ben, content)

    assert checked.environment.slot_name == "Quality 1"
    assert checked.infrastructure.name == "Acme Core"
    assert (checked.is_newest, checked.troubles) == (True, ())
    assert checked.license is not None
    assert checked.file is not None
    assert checked.file.sha256 == checked.license.sha256


def test_its_serial_number_tells_the_same(desk: Desk, example: Example, content: bytes) -> None:
    by_number, by_file = number(desk, example.ana, serial(1)), file(desk, example.ana, content)

    assert by_number.license == by_file.license
    assert by_number.troubles == by_file.troubles == ()


def test_white_space_makes_other_bytes(desk: Desk, example: Example, content: bytes) -> None:
    assert file(desk, example.ana, content.strip()).troubles == (Trouble.OTHER_BYTES,)


@pytest.mark.parametrize(
    ("after", "trouble"),
    [
        (timedelta(0), Trouble.IN_GRACE),
        (timedelta(days=14) - timedelta(seconds=1), Trouble.IN_GRACE),
        (timedelta(days=14), Trouble.EXPIRED),
    ],
)
def test_dates_speak_against_it(
    desk: Desk, example: Example, content: bytes, clock: Clock, after: timedelta, trouble: Trouble
) -> None:
    clock.now = TERM_END + after

    assert file(desk, example.ana, content).troubles == (trouble,)
    assert number(desk, example.ana, serial(1)).troubles == (trouble,)


def test_a_file_before_its_term_is_not_valid_yet(
    desk: Desk, example: Example, content: bytes, clock: Clock
) -> None:
    clock.now = datetime(2025, 12, 31, tzinfo=UTC)

    assert file(desk, example.ana, content).troubles == (Trouble.NOT_YET_VALID,)


def test_a_newer_license_replaces_it(desk: Desk, example: Example, own: int, content: bytes) -> None:
    one = subscriptions.c.infrastructure_id == example.core
    change(desk, update(subscriptions).where(one).values(edition="Premium"))
    newer = issued(desk, DESK, own)

    old, new = file(desk, example.ana, content), file(desk, example.ana, newer)

    assert (old.is_newest, old.troubles) == (False, (Trouble.REPLACED,))
    assert (new.is_newest, new.troubles) == (True, ())
    assert number(desk, example.ana, serial(1)).license == new.license


def test_after_a_serial_change_the_old_file_names_another_serial(
    desk: Desk, example: Example, own: int, content: bytes
) -> None:
    registrations.change_serial(desk, Actor(example.rui), own, serial(5))

    checked = file(desk, example.ana, content)

    assert checked.troubles == (Trouble.OTHER_SERIAL,)
    assert checked.present is not None
    assert checked.present.serial == serial(5)
    assert checked.ended_at is not None


def test_after_a_release_the_file_is_of_a_released_environment(
    desk: Desk, example: Example, own: int, content: bytes
) -> None:
    releases.release(desk, Actor(example.rui), own, "switched off")

    assert file(desk, example.ana, content).troubles == (Trouble.RELEASED,)
    assert number(desk, example.ana, serial(1)).present is None


def test_a_file_for_another_version_or_product_says_so(
    desk: Desk, example: Example, own: int, content: bytes
) -> None:
    registrations.change_version(desk, Actor(example.rui), own, "11.18.0")
    change(desk, update(products).values(audience="meridian-next"))

    assert file(desk, example.ana, content).troubles == (Trouble.OTHER_VERSION, Trouble.OTHER_PRODUCT)


def test_a_key_that_is_not_trusted_any_more_speaks_against_every_file(
    desk: Desk, example: Example, content: bytes
) -> None:
    with desk.database.write() as connection:
        [entry] = keys.list_keys(connection)
        keys.compromise(connection, entry.kid, desk.clock())

    with pytest.raises(UntrustedKey):
        file(desk, example.ana, content)
    assert number(desk, example.ana, serial(1)).troubles == (Trouble.UNTRUSTED,)


def test_a_registration_without_a_license_has_nothing_to_refuse(
    desk: Desk, example: Example, own: int
) -> None:
    checked = number(desk, example.ana, serial(1))

    assert (checked.license, checked.verdict, checked.troubles) == (None, None, ())


def test_a_serial_number_that_waits_in_a_change_is_told_as_reserved(
    desk: Desk, example: Example, own: int
) -> None:
    requests.ask_serial_change(desk, Actor(example.ana), own, serial(5), "new hardware", None)

    assert number(desk, example.ana, serial(5)).registration.state == "reserved"


def test_the_open_registration_of_a_serial_number_counts_before_older_ones(
    desk: Desk, example: Example, own: int
) -> None:
    releases.release(desk, Actor(example.rui), own, "moved")
    registered(desk, example.ana, example.production[0], 1)

    assert number(desk, example.ana, serial(1)).environment.slot_name == "Prod 1"


def test_what_belongs_to_others_is_not_one_of_yours_like_what_does_not_exist(
    desk: Desk, example: Example, content: bytes
) -> None:
    for typed in (serial(1), serial(999)):
        with pytest.raises(NotOneOfYours):
            number(desk, example.otto, typed)
    with pytest.raises(NotOneOfYours):
        file(desk, example.otto, content)

    take_roles(desk, example.ana)
    give_role(desk, example.ana, "member", example.globex)
    with pytest.raises(NotOneOfYours):
        file(desk, example.ana, content)


def test_a_license_that_the_database_does_not_have_is_nobodys(
    desk: Desk, example: Example, content: bytes
) -> None:
    with desk.database.read() as connection:
        read = license_file.read(content, keys.verifying_keys(connection))
        active = desk.keys.active(connection)
    forgotten = license_file.sign(claims(replace(read.facts, jti="another")), active)

    with pytest.raises(NotOneOfYours):
        file(desk, example.olga, forgotten)
    with desk.database.read() as connection:
        found = license_file.read(forgotten, keys.verifying_keys(connection))
        assert checking.standing_of(connection, found, desk.clock()) is None


def test_what_cannot_be_trusted_is_refused_before_anything_is_looked_up(
    desk: Desk, example: Example, content: bytes
) -> None:
    other = issued(desk, DESK, registered(desk, example.ana, example.quality[1], 2))
    said, signature = content.decode().rpartition(".")[0], other.decode().rpartition(".")[2]
    with pytest.raises(SignatureMismatch):
        file(desk, example.ana, f"{said}.{signature}")
    with pytest.raises(NotALicenseFile):
        file(desk, example.ana, b"hello")
