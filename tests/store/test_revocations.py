"""What revokes a license, and what does not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import event, func, select, update

from store import (
    keys,
    licenses,
    registrations,
    reissuing,
    releases,
    renewals,
    revocation_lists,
    serial_changes,
    subscriptions,
)
from store.desk import Act, Actor, Desk, intention
from store.revocations import revocations
from store.rules.renewing import Renewal
from store.rules.revocations import listed
from store.tables import audit_entries, signing_keys
from store.tables import licenses as license_rows
from store.tables import revocation_lists as list_rows
from store.tables import subscriptions as subscription_rows
from tests.conftest import Clock
from tests.example import START, TERM_END, Example, serial
from tests.store.requesting import make_key

VERSION = "11.17.0"
ITSELF = Actor(None, "schedule")
GRACE_END = TERM_END + timedelta(days=14)


@intention
def issue(act: Act, registration_id: int) -> str:
    return licenses.issue(act, registration_id).jti


@pytest.fixture
def desk(desk: Desk, example: Example) -> Desk:
    make_key(desk)
    return desk


def licensed(desk: Desk, person: int, slot: int, number: int = 1) -> tuple[int, str]:
    """A registration with a license: its id, and the license's `jti`."""
    made = registrations.register(desk, Actor(person), slot, serial(number), VERSION)
    assert made.environment.registration
    registration_id = made.environment.registration.id
    return registration_id, issue(desk, ITSELF, registration_id)


def found(desk: Desk) -> dict[str, tuple[str, datetime]]:
    with desk.database.read() as connection:
        return {each.jti: (each.reason, each.revoked_at) for each in revocations(connection, desk.clock())}


def test_a_license_that_counts_is_not_revoked(desk: Desk, example: Example) -> None:
    licensed(desk, example.ana, example.quality[0])
    assert found(desk) == {}


def test_a_released_environment_s_licenses_are_revoked_from_then_on(
    desk: Desk, example: Example, clock: Clock
) -> None:
    registration, jti = licensed(desk, example.ana, example.quality[0])
    released_at = clock.advance(timedelta(days=1))
    releases.release(desk, Actor(example.rui), registration, "serial changed")
    clock.advance(timedelta(days=1))
    assert found(desk) == {jti: ("released", released_at)}


def test_a_serial_change_moves_the_license(desk: Desk, example: Example, clock: Clock) -> None:
    registration, jti = licensed(desk, example.ana, example.quality[0])
    moved_at = clock.advance(timedelta(days=1))
    moved = registrations.change_serial(desk, Actor(example.rui), registration, serial(2))
    assert moved.environment.registration
    new = issue(desk, ITSELF, moved.environment.registration.id)
    assert found(desk) == {jti: ("moved", moved_at)}
    assert new not in found(desk)


@intention
def reserve(act: Act, registration_id: int, number: int) -> int:
    return serial_changes.reserve_serial(act, registration_id, serial(number))


@intention
def drop(act: Act, reserved_id: int) -> None:
    serial_changes.drop_reserved(act, reserved_id)


def test_a_serial_number_that_was_reserved_and_given_back_moves_nothing(
    desk: Desk, example: Example, clock: Clock
) -> None:
    registration, jti = licensed(desk, example.ana, example.quality[0])
    drop(desk, Actor(example.ana), reserve(desk, Actor(example.ana), registration, 2))
    clock.advance(timedelta(hours=1))
    releases.release(desk, Actor(example.rui), registration, "not needed")
    assert found(desk) == {jti: ("released", clock.now)}


def test_a_new_version_or_a_renewal_revokes_nothing(desk: Desk, example: Example, clock: Clock) -> None:
    registration, _ = licensed(desk, example.ana, example.quality[0])
    registrations.change_version(desk, Actor(example.ana), registration, "11.18.0")
    issue(desk, ITSELF, registration)
    clock.advance(timedelta(days=1))
    renewal = Renewal(ends_at=TERM_END + timedelta(days=365))
    renewed = renewals.renew(desk, Actor(example.olga), example.core, renewal)
    assert reissuing.run(desk, ITSELF, renewed.reissue_id or 0) == 1
    assert found(desk) == {}


def test_a_suspension_revokes_until_the_subscription_is_reinstated(
    desk: Desk, example: Example, clock: Clock
) -> None:
    _, jti = licensed(desk, example.ana, example.quality[0])
    other = licensed(desk, example.otto, example.globex_production[0], 2)[1]
    suspended_at = clock.advance(timedelta(days=1))
    subscriptions.suspend(desk, Actor(example.olga), example.core, "not paid")
    assert found(desk) == {jti: ("suspended", suspended_at)}
    assert other not in found(desk)

    clock.advance(timedelta(days=1))
    reissue = subscriptions.reinstate(desk, Actor(example.olga), example.core)
    assert found(desk) == {}

    assert reissuing.run(desk, ITSELF, reissue or 0) == 1
    assert found(desk) == {jti: ("suspended", suspended_at)}


def test_of_a_reinstated_subscription_only_what_was_made_anew_stays_in_the_list(
    desk: Desk, example: Example, clock: Clock
) -> None:
    first, old = licensed(desk, example.ana, example.quality[0])
    licensed(desk, example.ana, example.quality[1], 2)
    subscriptions.suspend(desk, Actor(example.olga), example.core, "not paid")
    assert len(found(desk)) == 2
    subscriptions.reinstate(desk, Actor(example.olga), example.core)
    issue(desk, ITSELF, first)
    assert set(found(desk)) == {old}


def test_with_the_clock_standing_still_what_was_made_anew_counts(desk: Desk, example: Example) -> None:
    _, jti = licensed(desk, example.ana, example.quality[0])
    subscriptions.suspend(desk, Actor(example.olga), example.core, "not paid")
    reissuing.run(desk, ITSELF, subscriptions.reinstate(desk, Actor(example.olga), example.core) or 0)
    assert set(found(desk)) == {jti}


def test_each_license_is_revoked_by_the_first_suspension_that_ended_it(
    desk: Desk, example: Example, clock: Clock
) -> None:
    registration, first = licensed(desk, example.ana, example.quality[0])
    once = clock.advance(timedelta(days=1))
    subscriptions.suspend(desk, Actor(example.olga), example.core, "not paid")
    reissuing.run(desk, ITSELF, subscriptions.reinstate(desk, Actor(example.olga), example.core) or 0)
    second = issue(desk, ITSELF, registration)
    again = clock.advance(timedelta(days=1))
    subscriptions.suspend(desk, Actor(example.olga), example.core, "not paid again")
    assert found(desk) == {first: ("suspended", once), second: ("suspended", again)}


def test_a_suspension_that_nobody_noted_is_noted_with_the_next_list(
    desk: Desk, example: Example, clock: Clock
) -> None:
    _, jti = licensed(desk, example.ana, example.quality[0])
    own = subscription_rows.c.infrastructure_id == example.core
    with desk.database.write() as connection:
        connection.execute(update(subscription_rows).where(own).values(state="suspended"))
    assert revocation_lists.make(desk, ITSELF).count == 1
    assert found(desk) == {jti: ("suspended", clock.now)}
    with desk.database.write() as connection:
        connection.execute(update(subscription_rows).where(own).values(state="active"))
    assert revocation_lists.make(desk, ITSELF).count == 0


@intention
def replace_key(act: Act) -> None:
    """Compromise the active key and let a new one sign."""
    kid = act.desk.keys.active(act.connection).kid
    keys.compromise(act.connection, kid, act.now)
    keys.init(act.connection, act.desk.vault, act.now)


def test_all_that_a_compromised_key_signed_is_revoked(desk: Desk, example: Example, clock: Clock) -> None:
    registration, jti = licensed(desk, example.ana, example.quality[0])
    compromised_at = clock.advance(timedelta(days=1))
    replace_key(desk, ITSELF)
    assert found(desk) == {jti: ("compromised", compromised_at)}
    new = issue(desk, ITSELF, registration)
    assert new != jti
    assert set(found(desk)) == {jti}


def test_what_came_first_is_the_reason(desk: Desk, example: Example, clock: Clock) -> None:
    registration, jti = licensed(desk, example.ana, example.quality[0])
    released_at = clock.advance(timedelta(days=1))
    releases.release(desk, Actor(example.rui), registration, "not needed")
    clock.advance(timedelta(days=1))
    replace_key(desk, ITSELF)
    subscriptions.suspend(desk, Actor(example.olga), example.core, "not paid")
    assert found(desk) == {jti: ("released", released_at)}


def test_a_license_leaves_the_list_a_day_after_its_grace(desk: Desk, example: Example, clock: Clock) -> None:
    registration, jti = licensed(desk, example.ana, example.quality[0])
    releases.release(desk, Actor(example.rui), registration, "not needed")
    clock.now = GRACE_END + timedelta(hours=23)
    assert set(found(desk)) == {jti}
    clock.now = GRACE_END + timedelta(days=1)
    assert found(desk) == {}


def test_a_perpetual_license_never_leaves_the_list(desk: Desk, example: Example, clock: Clock) -> None:
    with desk.database.write() as connection:
        connection.execute(update(subscription_rows).values(ends_at=None))
    registration, jti = licensed(desk, example.ana, example.quality[0])
    releases.release(desk, Actor(example.rui), registration, "not needed")
    clock.advance(timedelta(days=36500))
    assert set(found(desk)) == {jti}


def test_the_list_is_in_the_order_of_its_ids(desk: Desk, example: Example, clock: Clock) -> None:
    jtis = []
    for number, slot in enumerate((*example.quality, *example.production)):
        registration, jti = licensed(desk, example.ana, slot, number)
        releases.release(desk, Actor(example.rui), registration, "not needed")
        clock.advance(timedelta(minutes=1))
        jtis.append(jti)
    assert list(found(desk)) == sorted(jtis)


def test_the_number_rises_when_the_content_changes_and_only_then(
    desk: Desk, example: Example, clock: Clock
) -> None:
    first, second = (
        licensed(desk, example.ana, example.quality[0]),
        licensed(desk, example.ana, example.quality[1], 2),
    )
    made = [revocation_lists.make(desk, ITSELF), revocation_lists.make(desk, ITSELF)]
    for registration, _ in (first, second):
        releases.release(desk, Actor(example.rui), registration, "not needed")
        made += [revocation_lists.make(desk, ITSELF), revocation_lists.make(desk, ITSELF)]
    clock.now = GRACE_END + timedelta(days=2)
    made.append(revocation_lists.make(desk, ITSELF))
    assert [(each.seq, each.count) for each in made] == [
        (1, 0),
        (1, 0),
        (2, 1),
        (2, 1),
        (3, 2),
        (3, 2),
        (4, 0),
    ]
    with desk.database.read() as connection:
        query = select(audit_entries.c.subject).where(audit_entries.c.action == "publish_revocations")
        assert list(connection.execute(query.order_by(audit_entries.c.id)).scalars()) == [
            f"revocation list {each}" for each in (1, 2, 3, 4)
        ]


def test_a_list_says_what_it_lists_and_is_signed_by_the_active_key(desk: Desk, example: Example) -> None:
    registration, jti = licensed(desk, example.ana, example.quality[0])
    releases.release(desk, Actor(example.rui), registration, "not needed")
    made = revocation_lists.make(desk, ITSELF)
    with desk.database.read() as connection:
        said = revocation_lists.read(made.text, keys.verifying_keys(connection))
        digest = revocation_lists.digest_of(connection, 1)
    assert (said.issuer, said.seq, said.issued_at) == ("Meridian", 1, START)
    assert said.expires_at == START + timedelta(days=30)
    assert [(each.jti, each.reason, each.revoked_at) for each in said.revocations] == [
        (jti, "released", START)
    ]
    assert said.digest == digest


def test_a_list_is_signed_anew_when_half_its_life_is_over(desk: Desk, example: Example, clock: Clock) -> None:
    made = revocation_lists.make(desk, ITSELF)
    clock.advance(timedelta(days=15) - timedelta(seconds=1))
    assert revocation_lists.is_fresh(desk, made)
    assert revocation_lists.make(desk, ITSELF).issued_at == START
    clock.advance(timedelta(seconds=1))
    assert not revocation_lists.is_fresh(desk, made)
    again = revocation_lists.make(desk, ITSELF)
    assert (again.seq, again.issued_at) == (1, START + timedelta(days=15))


def test_a_list_of_a_key_that_signs_no_more_is_not_fresh(desk: Desk, example: Example) -> None:
    made = revocation_lists.make(desk, ITSELF)
    replace_key(desk, ITSELF)
    assert not revocation_lists.is_fresh(desk, made)
    assert revocation_lists.make(desk, ITSELF).kid != made.kid


@pytest.fixture
def releasable(desk: Desk, example: Example) -> list[int]:
    places = (*example.development, *example.quality, *example.production, *example.management)
    return [licensed(desk, example.ana, slot, number)[0] for number, slot in enumerate(places)]


def test_lists_made_at_once_have_one_number_for_one_content_and_grow_with_it(
    desk: Desk, example: Example, releasable: list[int]
) -> None:
    start = Barrier(4)

    def lists() -> list[tuple[int, int]]:
        start.wait()
        made = [revocation_lists.make(desk, ITSELF) for _ in range(6)]
        return [(each.seq, each.count) for each in made]

    def release_all() -> list[tuple[int, int]]:
        start.wait()
        for each in releasable:
            releases.release(desk, Actor(example.rui), each, "not needed")
        return []

    with ThreadPoolExecutor(4) as pool:
        working = [*(pool.submit(lists) for _ in range(3)), pool.submit(release_all)]
        numbered = [pair for each in working for pair in each.result()]
    counts = dict(numbered)
    assert all(counts[seq] == count for seq, count in numbered)
    assert [counts[seq] for seq in sorted(counts)] == sorted(counts.values())
    assert revocation_lists.make(desk, ITSELF).count == len(releasable)
    with desk.database.read() as connection:
        seqs = list(connection.execute(select(list_rows.c.seq).order_by(list_rows.c.seq)).scalars())
    assert seqs == list(range(1, len(seqs) + 1))


def test_what_was_read_before_another_list_was_numbered_gets_no_greater_number(
    desk: Desk, example: Example
) -> None:
    first, _ = licensed(desk, example.ana, example.quality[0])
    second, _ = licensed(desk, example.ana, example.quality[1], 2)
    assert revocation_lists.make(desk, ITSELF).seq == 1
    releases.release(desk, Actor(example.rui), first, "not needed")
    meanwhile: list[tuple[int, int]] = []

    def release_and_list(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        # What is listed was read at this moment, and is written down afterwards.
        if "UNION ALL" in statement and not meanwhile:
            meanwhile.append((0, 0))
            releases.release(desk, Actor(example.rui), second, "not needed")
            made = revocation_lists.make(desk, ITSELF)
            meanwhile[0] = (made.seq, made.count)

    event.listen(desk.database.engine, "after_cursor_execute", release_and_list)
    made = revocation_lists.make(desk, ITSELF)
    event.remove(desk.database.engine, "after_cursor_execute", release_and_list)

    assert meanwhile == [(2, 2)]
    assert (made.seq, made.count) == (2, 2)


def test_no_two_lists_that_follow_each_other_say_the_same(
    desk: Desk, example: Example, releasable: list[int]
) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [
            each.result() for each in [pool.submit(revocation_lists.make, desk, ITSELF) for _ in range(8)]
        ]
    assert {each.seq for each in made} == {1}


def test_nothing_is_read_from_a_list_but_what_is_listed(desk: Desk, example: Example) -> None:
    registration, _ = licensed(desk, example.ana, example.quality[0])
    releases.release(desk, Actor(example.rui), registration, "a reason of ours")
    with desk.database.read() as connection:
        entries = listed(revocations(connection, START)).entries
        assert connection.execute(select(func.count()).select_from(license_rows)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(signing_keys)).scalar_one() == 1
    for secret in (b"a reason of ours", serial(1).encode(), b"Quality", b"U0ANA"):
        assert secret not in entries
