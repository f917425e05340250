"""Issuing licenses: the same bytes while unchanged, a new file when something that it says has changed."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from sqlalchemy import LargeBinary, Text, select, update

from store import keys, licenses, registrations
from store.desk import Act, Actor, Desk, intention
from store.license_file import read
from store.licenses import License
from store.rules.registration_errors import NoSubscription
from store.tables import audit_entries, metadata, persons, signing_keys, slots, subscriptions
from store.tables import licenses as rows
from tests.conftest import Clock
from tests.example import Example, serial

VERSION = "11.17.0 (Build 36348)"


@intention
def issue(act: Act, registration_id: int) -> License:
    return licenses.issue(act, registration_id)


@pytest.fixture
def registration(desk: Desk, example: Example) -> int:
    with desk.database.write() as connection:
        keys.init(connection, desk.vault, desk.clock())
    made = registrations.register(desk, Actor(example.ana), example.quality[0], serial(1), VERSION)
    assert made.environment.registration is not None
    return made.environment.registration.id


def text(desk: Desk, issued: License) -> bytes:
    with desk.database.read() as connection:
        return licenses.text_of(desk, connection, issued.id)


def test_a_license_says_what_the_database_says(desk: Desk, example: Example, registration: int) -> None:
    issued = issue(desk, Actor(example.rui), registration)
    with desk.database.read() as connection:
        found = read(text(desk, issued), keys.verifying_keys(connection), audience="meridian-platform")
    facts = found.facts
    assert (facts.serial, facts.environment_name, facts.company) == (serial(1), "Quality 1", "Acme Logistics")
    assert facts.issuer == "Meridian"
    assert facts.not_before == datetime(2026, 1, 1, tzinfo=UTC)
    assert facts.license_end == datetime(2027, 1, 1, tzinfo=UTC)
    assert facts.expires_at == datetime(2027, 1, 15, tzinfo=UTC)
    assert (facts.declared, facts.highest) == ("11.17.0", "11")
    assert (facts.seq, facts.replaces, facts.jti) == (1, None, issued.jti)
    assert found.sha256 == issued.sha256


def test_an_unchanged_license_is_the_same_bytes_again(
    desk: Desk, example: Example, registration: int, clock: Clock
) -> None:
    first = issue(desk, Actor(example.rui), registration)
    clock.advance(timedelta(days=3))
    again = issue(desk, Actor(example.ana), registration)
    assert again == first
    assert text(desk, again) == text(desk, first)


def test_a_rename_alone_makes_no_new_file(desk: Desk, example: Example, registration: int) -> None:
    first = issue(desk, Actor(example.rui), registration)
    with desk.database.write() as connection:
        connection.execute(update(slots).where(slots.c.id == example.quality[0]).values(name="QA"))
    assert issue(desk, Actor(example.rui), registration) == first


def test_a_key_rotation_alone_makes_no_new_file(desk: Desk, example: Example, registration: int) -> None:
    first = issue(desk, Actor(example.rui), registration)
    with desk.database.write() as connection:
        keys.activate(connection, keys.add(connection, desk.vault, desk.clock()).kid, desk.clock())
    assert issue(desk, Actor(example.rui), registration) == first


def test_a_compromised_key_makes_a_new_file(desk: Desk, example: Example, registration: int) -> None:
    first = issue(desk, Actor(example.rui), registration)
    with desk.database.write() as connection:
        old = connection.execute(select(signing_keys.c.kid)).scalar_one()
        keys.compromise(connection, old, desk.clock())
        keys.activate(connection, keys.add(connection, desk.vault, desk.clock()).kid, desk.clock())
    second = issue(desk, Actor(example.rui), registration)
    assert (second.seq, second.jti != first.jti) == (2, True)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"ends_at": datetime(2028, 1, 1, tzinfo=UTC)}, id="renewed"),
        pytest.param({"grace_days": 30}, id="longer grace"),
        pytest.param({"edition": "Standard"}, id="other edition"),
        pytest.param({"limits": {"users": 900}}, id="other limits"),
    ],
)
def test_what_the_subscription_grants_makes_a_new_file(
    desk: Desk, example: Example, registration: int, change: dict[str, object]
) -> None:
    first = issue(desk, Actor(example.rui), registration)
    with desk.database.write() as connection:
        connection.execute(update(subscriptions).values(change))
    second = issue(desk, Actor(example.rui), registration)
    assert second.seq == 2
    with desk.database.read() as connection:
        assert (
            connection.execute(select(rows.c.replaces).where(rows.c.id == second.id)).scalar_one()
            == first.jti
        )


def test_another_version_or_serial_makes_a_new_file_in_the_same_slot(
    desk: Desk, example: Example, registration: int
) -> None:
    first = issue(desk, Actor(example.rui), registration)
    registrations.change_version(desk, Actor(example.ana), registration, "11.18.0 (Build 1)")
    second = issue(desk, Actor(example.rui), registration)
    changed = registrations.change_serial(desk, Actor(example.rui), registration, serial(2))
    assert changed.environment.registration is not None
    third = issue(desk, Actor(example.rui), changed.environment.registration.id)
    assert [each.seq for each in (first, second, third)] == [1, 2, 3]


def test_without_a_subscription_there_is_no_license(desk: Desk, example: Example, registration: int) -> None:
    with desk.database.write() as connection:
        connection.execute(subscriptions.delete())
    with pytest.raises(NoSubscription):
        issue(desk, Actor(example.rui), registration)


def test_a_stolen_database_shows_neither_license_texts_nor_private_keys(
    desk: Desk, example: Example, registration: int
) -> None:
    content = text(desk, issue(desk, Actor(example.rui), registration))
    signature = content.strip().rpartition(b".")[2]
    with desk.database.read() as connection:
        for table in metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, Text | LargeBinary):
                    for value in connection.execute(select(column)).scalars():
                        raw = value.encode() if isinstance(value, str) else value or b""
                        assert signature not in raw
                        assert b"PRIVATE KEY" not in raw


def test_an_issue_is_recorded_with_number_and_checksum(
    desk: Desk, example: Example, registration: int
) -> None:
    issued = issue(desk, Actor(example.rui), registration)
    with desk.database.read() as connection:
        query = select(audit_entries.c.facts).where(audit_entries.c.action == "issue_license")
        facts = connection.execute(query).scalar_one()
    assert (facts["jti"], facts["seq"], facts["sha256"]) == (issued.jti, 1, issued.sha256)


def test_names_of_people_are_in_no_license(desk: Desk, example: Example, registration: int) -> None:
    content = text(desk, issue(desk, Actor(example.rui), registration))
    with desk.database.read() as connection:
        for person in connection.execute(select(persons.c.name, persons.c.slack_id, persons.c.email)):
            assert not any(each and each.encode() in content for each in person)


def test_the_names_of_licenses_follow_the_order_in_which_they_were_made(
    desk: Desk, example: Example, registration: int, clock: Clock
) -> None:
    made = []
    for days in range(3):
        with desk.database.write() as connection:
            connection.execute(update(subscriptions).values(grace_days=20 + days))
        made.append(UUID(issue(desk, Actor(example.rui), registration).jti))
        clock.advance(timedelta(milliseconds=1))
    assert made == sorted(set(made))
    assert [(each.version, each.variant) for each in made] == [(7, RFC_4122)] * 3
