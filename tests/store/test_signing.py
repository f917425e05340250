"""Signing keys in the hands of operators: published before they sign, one active, tests and production apart."""

import json
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from store import audit_check, key_sets, keys, license_file, licenses, signing
from store.database import Database
from store.desk import Act, Actor, Desk, intention
from store.key_formats import VerifyingKey, keys_from_text
from store.licenses import License
from store.rules import license_errors
from store.rules.key_states import (
    ActiveKeyExists,
    KeyMoveRefused,
    KeyNotPublished,
    KeyPurpose,
    KeyState,
    NoTestKeys,
)
from store.tables import audit_entries
from tests.conftest import Clock
from tests.example import Example
from tests.store.requesting import entries, registered

COMMAND = Actor(None, "command")
TEST = KeyPurpose.TEST


def states(database: Database) -> dict[str, KeyState]:
    with database.read() as connection:
        return {each.kid: each.state for each in keys.list_keys(connection)}


def recorded(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.read() as connection:
        query = select(audit_entries.c.action, audit_entries.c.subject).order_by(audit_entries.c.id)
        return [(action, subject) for action, subject in connection.execute(query)]


@intention
def issue(act: Act, registration_id: int) -> License:
    return licenses.issue(act, registration_id)


def test_a_key_is_published_and_then_signs_and_the_one_before_verifies(desk: Desk, clock: Clock) -> None:
    first, following = signing.init_keys(desk, COMMAND), signing.add_key(desk, COMMAND)
    clock.advance(desk.policy.key_published_for)
    activated = signing.activate_key(desk, COMMAND, following.kid)

    assert (activated.state, activated.since) == (KeyState.ACTIVE, clock.now)
    assert states(desk.database) == {first.kid: KeyState.RETIRED, following.kid: KeyState.ACTIVE}
    with desk.database.read() as connection:
        assert len(json.loads(key_sets.jwks_text(connection))["keys"]) == 2


def test_a_key_that_products_may_not_know_yet_does_not_sign(desk: Desk, clock: Clock) -> None:
    first, following = signing.init_keys(desk, COMMAND), signing.add_key(desk, COMMAND)
    clock.advance(desk.policy.key_published_for - timedelta(seconds=1))
    with pytest.raises(KeyNotPublished, match=r"from 2026-11-26 09:00 UTC on, or at once with --at-once"):
        signing.activate_key(desk, COMMAND, following.kid)

    assert states(desk.database) == {first.kid: KeyState.ACTIVE, following.kid: KeyState.NEXT}
    assert recorded(desk)[-1] == ("refused:activate_key", "keys")


def test_at_once_does_not_wait_and_stands_in_the_record(desk: Desk) -> None:
    signing.init_keys(desk, COMMAND)
    following = signing.add_key(desk, COMMAND)
    signing.activate_key(desk, COMMAND, following.kid, at_once=True)

    assert states(desk.database)[following.kid] is KeyState.ACTIVE
    assert entries(desk, "key_activated")[-1].facts["at_once"] is True


def test_where_nobody_waits_a_key_signs_as_soon_as_it_is_there(desk: Desk) -> None:
    hasty = replace(desk, policy=replace(desk.policy, key_published_for=timedelta(0)))
    signing.init_keys(hasty, COMMAND)
    following = signing.add_key(hasty, COMMAND)
    assert signing.activate_key(hasty, COMMAND, following.kid).state is KeyState.ACTIVE


def test_a_key_that_never_signed_is_given_up_and_the_active_one_is_not(desk: Desk) -> None:
    first, following = signing.init_keys(desk, COMMAND), signing.add_key(desk, COMMAND)
    signing.retire_key(desk, COMMAND, following.kid)
    with pytest.raises(KeyMoveRefused):
        signing.retire_key(desk, COMMAND, first.kid)
    assert states(desk.database) == {first.kid: KeyState.ACTIVE, following.kid: KeyState.RETIRED}


def test_everything_that_is_done_with_keys_is_on_the_record(desk: Desk) -> None:
    first, second, third = (
        signing.init_keys(desk, COMMAND),
        signing.add_key(desk, COMMAND),
        signing.add_key(desk, COMMAND),
    )
    signing.activate_key(desk, COMMAND, second.kid, at_once=True)
    signing.retire_key(desk, COMMAND, third.kid)

    assert recorded(desk) == [
        *(("key_added", f"key {each.kid}") for each in (first, second, third)),
        ("key_activated", f"key {second.kid}"),
        ("key_retired", f"key {third.kid}"),
    ]
    with desk.database.read() as connection:
        assert list(audit_check.verify(connection)) == []


def test_whoever_signs_while_keys_take_over_always_finds_one_that_is_active(desk: Desk) -> None:
    signing.init_keys(desk, COMMAND)
    following = [signing.add_key(desk, COMMAND).kid for _ in range(5)]
    together, failed = threading.Barrier(len(following) + 3), list[BaseException]()

    def activate(kid: str) -> None:
        together.wait()
        # Another one may be faster on a database where both looked at the same moment.
        with suppress(ActiveKeyExists):
            signing.activate_key(desk, COMMAND, kid, at_once=True)

    def use() -> None:
        together.wait()
        try:
            for _ in range(20):
                with desk.database.write() as connection:
                    desk.keys.active(connection)
        except Exception as error:  # noqa: BLE001 # whatever it is, the test tells it in its own thread
            failed.append(error)

    threads = [threading.Thread(target=activate, args=[kid]) for kid in following]
    threads += [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert list(states(desk.database).values()).count(KeyState.ACTIVE) == 1


def test_a_key_is_not_moved_while_something_is_signed_with_it(
    postgresql_database: Database, desk: Desk
) -> None:
    desk = replace(desk, database=postgresql_database)
    first, following = signing.init_keys(desk, COMMAND), signing.add_key(desk, COMMAND)
    moved = threading.Event()

    def activate() -> None:
        signing.activate_key(desk, COMMAND, following.kid, at_once=True)
        moved.set()

    with postgresql_database.write() as connection:
        assert desk.keys.active(connection).kid == first.kid
        thread = threading.Thread(target=activate)
        thread.start()
        assert not moved.wait(0.2)
    thread.join()
    assert moved.is_set()


def test_test_keys_are_published_apart_and_say_so(desk: Desk) -> None:
    made = signing.init_keys(desk, COMMAND, purpose=TEST)
    with desk.database.read() as connection:
        production = key_sets.jwks_text(connection), key_sets.pem_text(connection)
        tests = key_sets.jwks_text(connection, TEST), key_sets.pem_text(connection, TEST)

    assert (json.loads(production[0]), production[1]) == ({"keys": []}, "")
    assert json.loads(tests[0])["keys"][0]["purpose"] == "test"
    for each in tests:
        assert {kid: key.purpose for kid, key in keys_from_text(each).items()} == {made.kid: TEST}


def test_a_production_key_says_nothing_of_its_purpose(desk: Desk) -> None:
    signing.init_keys(desk, COMMAND)
    with desk.database.read() as connection:
        assert "purpose" not in json.loads(key_sets.jwks_text(connection))["keys"][0]
        assert "Purpose" not in key_sets.pem_text(connection)


def test_a_license_of_a_test_key_is_taken_by_nobody_who_does_not_ask_for_it(
    desk: Desk, example: Example
) -> None:
    signing.init_keys(desk, COMMAND, purpose=TEST)
    issued = issue(desk, COMMAND, registered(desk, example.ana, example.quality[0]))
    with desk.database.read() as connection:
        content = licenses.text_of(desk, connection, issued.id)
        known = keys.verifying_keys(connection)
    production: dict[str, VerifyingKey] = {}

    with pytest.raises(license_errors.TestKey):
        license_file.read(content, known)
    with pytest.raises(license_errors.UnknownKey):
        license_file.read(content, production)
    assert license_file.read(content, known, test_keys=True).purpose is TEST


def test_from_its_first_production_key_on_a_desk_has_no_test_keys(desk: Desk) -> None:
    first, spare = (
        signing.init_keys(desk, COMMAND, purpose=TEST),
        signing.add_key(desk, COMMAND, purpose=TEST),
    )
    real = signing.add_key(desk, COMMAND)
    with pytest.raises(NoTestKeys):
        signing.add_key(desk, COMMAND, purpose=TEST)
    with pytest.raises(NoTestKeys):
        signing.activate_key(desk, COMMAND, spare.kid, at_once=True)
    signing.activate_key(desk, COMMAND, real.kid, at_once=True)

    assert states(desk.database) == {
        first.kid: KeyState.RETIRED,
        spare.kid: KeyState.NEXT,
        real.kid: KeyState.ACTIVE,
    }


def test_no_name_of_a_key_looks_like_an_option(desk: Desk) -> None:
    names = [signing.add_key(desk, COMMAND).kid for _ in range(150)]
    assert not [each for each in names if each.startswith("-")]
