"""A compromised key: another one signs at once, and every license in use that it signed is made anew."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from store import deliverability, key_reissues, keys, reissuing, releases, renewals, signing
from store.deliverability import Deliverable
from store.desk import Actor, Desk, intention
from store.key_formats import EDDSA
from store.rules.key_states import KeyNotFound, KeyPurpose, KeyState
from store.rules.renewing import Renewal
from store.signing import Compromised
from store.tables import licenses, reissues, request_items, signing_keys
from tests.conftest import Clock
from tests.example import Example
from tests.store.renewing import (
    COMMAND,
    NEXT_END,
    files_for,
    forwarded,
    issued,
    licensed,
    made,
    newest,
    reinstate,
    renew,
    suspend,
)
from tests.store.requesting import entries, registered, told


def active(desk: Desk) -> str:
    with desk.database.read() as connection:
        found = keys.active_entry(connection)
    assert found is not None
    return found.kid


def compromise(desk: Desk, kid: str | None = None) -> Compromised:
    """Declare a key compromised (the active one), and make anew what it signed."""
    done = signing.compromise_key(desk, COMMAND, kid or active(desk))
    key_reissues.run(desk, COMMAND)
    return done


def signer(desk: Desk, registration_id: int) -> str:
    """The key that signed the newest license of a registration."""
    query = select(signing_keys.c.kid).join(licenses, licenses.c.key_id == signing_keys.c.id)
    with desk.database.read() as connection:
        wanted = licenses.c.id == newest(desk, registration_id).id
        return str(connection.execute(query.where(wanted)).scalar_one())


def under_way(desk: Desk) -> int:
    with desk.database.read() as connection:
        query = select(reissues.c.id).where(reissues.c.finished_at.is_(None))
        return len(connection.execute(query).all())


def beginnings(desk: Desk) -> list[int]:
    """The ids of every re-issue, in the order in which they began."""
    with desk.database.read() as connection:
        return list(connection.execute(select(reissues.c.id).order_by(reissues.c.id)).scalars())


def together(*acts: Callable[[], object]) -> None:
    """Do several things at the same time, each in a thread of its own; what one raises is raised."""
    barrier, failed = threading.Barrier(len(acts)), list[BaseException]()

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 # whatever it is, it is raised in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=[each]) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def test_the_next_key_that_was_published_for_the_longest_takes_the_place_of_a_compromised_one(
    desk: Desk, clock: Clock
) -> None:
    lost, following = signing.init_keys(desk, COMMAND), signing.add_key(desk, COMMAND)
    signing.add_key(desk, COMMAND)
    done = compromise(desk)

    assert (done.entry.kid, done.entry.state, done.entry.compromised_at) == (
        lost.kid,
        KeyState.COMPROMISED,
        clock.now,
    )
    assert done.active.kid == active(desk) == following.kid


@pytest.mark.parametrize("purpose", KeyPurpose)
def test_without_a_next_key_one_like_it_is_made_in_the_same_transaction(
    desk: Desk, purpose: KeyPurpose
) -> None:
    signing.init_keys(desk, COMMAND, EDDSA, purpose)
    done = compromise(desk)
    assert (done.active.algorithm, done.active.purpose, done.active.state) == (
        EDDSA,
        purpose,
        KeyState.ACTIVE,
    )


def test_a_test_key_does_not_take_the_place_of_a_production_key(desk: Desk) -> None:
    signing.init_keys(desk, COMMAND, purpose=KeyPurpose.TEST)
    spare = signing.add_key(desk, COMMAND, purpose=KeyPurpose.TEST)
    real = signing.add_key(desk, COMMAND)
    signing.activate_key(desk, COMMAND, real.kid, at_once=True)
    done = compromise(desk)
    assert done.active.purpose is KeyPurpose.PRODUCTION
    assert done.active.kid != spare.kid


def test_every_license_in_use_that_it_signed_is_made_anew_and_no_other(desk: Desk, example: Example) -> None:
    own = [licensed(desk, example.ana, slot, n) for n, slot in enumerate(example.quality, start=1)]
    gone = licensed(desk, example.ana, example.production[0], 9)
    releases.release(desk, Actor(example.tom), gone, "moved away")
    before, lost = made(desk), active(desk)
    done = compromise(desk)

    assert made(desk) == before + len(own)
    assert {signer(desk, each) for each in own} == {done.active.kid}
    assert signer(desk, gone) == lost
    assert done.infrastructures == 1
    assert [newest(desk, each).seq for each in own] == [2] * len(own)


def test_a_key_that_signs_no_more_takes_nothing_from_the_active_one(desk: Desk, example: Example) -> None:
    old = licensed(desk, example.ana, example.quality[0], 1)
    lost = active(desk)
    following = signing.add_key(desk, COMMAND)
    signing.activate_key(desk, COMMAND, following.kid, at_once=True)
    new = licensed(desk, example.ana, example.quality[1], 2)
    kept = newest(desk, new)
    done = compromise(desk, lost)

    assert done.active.kid == active(desk) == following.kid
    assert signer(desk, old) == following.kid
    assert newest(desk, new) == kept


def test_a_key_that_never_signed_leaves_every_license_as_it_is(desk: Desk, example: Example) -> None:
    licensed(desk, example.ana, example.quality[0])
    before = made(desk)
    done = compromise(desk, signing.add_key(desk, COMMAND).kid)
    assert (done.infrastructures, made(desk), under_way(desk)) == (0, before, 0)


def test_the_new_files_go_to_those_who_look_after_the_environments_and_those_who_have_the_old_ones(
    desk: Desk, example: Example
) -> None:
    forwarded(desk, example, licensed(desk, example.ana, example.quality[0], 1), example.ana)
    licensed(desk, example.ben, example.quality[1], 2)
    compromise(desk)
    assert sorted(person for people in files_for(desk) for person in people) == sorted(
        [example.rui, example.ana]
    )


def test_what_a_kill_left_behind_is_carried_on_by_the_schedule(desk: Desk, example: Example) -> None:
    own = [licensed(desk, example.ana, slot, n) for n, slot in enumerate(example.quality, start=1)]
    done = signing.compromise_key(desk, COMMAND, active(desk))
    with desk.database.read() as connection:
        [reissue_id] = connection.execute(select(reissues.c.id)).scalars()
        assert key_reissues.left(connection) == len(own)
    assert not reissuing.carry_on(desk, COMMAND, reissue_id, 1).finished
    with desk.database.read() as connection:
        assert key_reissues.left(connection) == len(own) - 1
    while reissuing.carry_on_due(desk):
        pass
    assert {signer(desk, each) for each in own} == {done.active.kid}
    assert made(desk) == 2 * len(own)


def test_the_same_command_again_goes_on_and_says_nothing_twice(desk: Desk, example: Example) -> None:
    own = licensed(desk, example.ana, example.quality[0])
    lost = active(desk)
    first = signing.compromise_key(desk, COMMAND, lost)
    again = compromise(desk, lost)

    assert (again.active, again.infrastructures) == (first.active, 1)
    assert signer(desk, own) == first.active.kid
    assert len(entries(desk, "key_compromised")) == 1
    assert compromise(desk, lost).infrastructures == 0
    assert made(desk) == 2


def test_operators_are_told_and_it_stands_in_the_record(desk: Desk, example: Example) -> None:
    licensed(desk, example.ana, example.quality[0])
    lost = active(desk)
    done = compromise(desk)

    [entry] = entries(desk, "key_compromised")
    assert entry.subject == f"key {lost}"
    assert entry.facts == {"successor": done.active.kid, "infrastructures": 1}
    assert told(desk, "key_compromised") == [example.olga]


def test_operators_are_told_once_when_the_last_license_is_made_anew(desk: Desk, example: Example) -> None:
    licensed(desk, example.ana, example.quality[0])
    licensed(desk, example.otto, example.globex_production[0], 2)
    signing.compromise_key(desk, COMMAND, active(desk))
    first, last = beginnings(desk)

    reissuing.run(desk, COMMAND, first)
    assert told(desk, "compromise_over") == []
    reissuing.run(desk, COMMAND, last)
    assert told(desk, "compromise_over") == [example.olga]
    key_reissues.run(desk, COMMAND)
    assert told(desk, "compromise_over") == [example.olga]


def test_of_two_processes_that_end_at_once_one_tells_the_operators(desk: Desk, example: Example) -> None:
    licensed(desk, example.ana, example.quality[0])
    licensed(desk, example.otto, example.globex_production[0], 2)
    signing.compromise_key(desk, COMMAND, active(desk))

    together(*[partial(reissuing.run, desk, COMMAND, each) for each in beginnings(desk)])

    assert told(desk, "compromise_over") == [example.olga]


def test_operators_are_told_too_when_what_was_left_is_suspended(desk: Desk, example: Example) -> None:
    licensed(desk, example.ana, example.quality[0])
    signing.compromise_key(desk, COMMAND, active(desk))
    suspend(desk, example.core)
    assert told(desk, "compromise_over") == [example.olga]


def test_of_a_renewal_that_ends_operators_are_told_nothing(desk: Desk, example: Example) -> None:
    licensed(desk, example.ana, example.quality[0])
    renew(desk, example.core)
    assert told(desk, "compromise_over") == []


def test_a_suspended_subscription_gets_its_licenses_when_it_is_reinstated(
    desk: Desk, example: Example
) -> None:
    own = licensed(desk, example.ana, example.quality[0])
    suspend(desk, example.core)
    lost = active(desk)
    done = compromise(desk)
    assert (signer(desk, own), under_way(desk)) == (lost, 0)
    reinstate(desk, example.core)
    assert signer(desk, own) == done.active.kid


def test_a_renewal_under_way_is_begun_again_with_the_new_key(desk: Desk, example: Example) -> None:
    own = [licensed(desk, example.ana, slot, n) for n, slot in enumerate(example.quality, start=1)]
    renewed = renewals.renew(desk, COMMAND, example.core, Renewal(ends_at=NEXT_END))
    assert renewed.reissue_id is not None
    reissuing.carry_on(desk, COMMAND, renewed.reissue_id, 1)
    done = compromise(desk)

    assert {signer(desk, each) for each in own} == {done.active.kid}
    assert under_way(desk) == 0
    assert len(files_for(desk)) >= 1


def test_an_unknown_key_is_said_to_be_unknown(desk: Desk) -> None:
    with pytest.raises(KeyNotFound):
        signing.compromise_key(desk, COMMAND, "nobody")


def test_of_two_who_find_it_compromised_at_once_both_are_answered_and_one_key_is_active(
    desk: Desk, example: Example
) -> None:
    own = licensed(desk, example.ana, example.quality[0])
    lost = active(desk)
    together(*[lambda: signing.compromise_key(desk, COMMAND, lost)] * 4)
    key_reissues.run(desk, COMMAND)

    with desk.database.read() as connection:
        states = [each.state for each in keys.list_keys(connection)]
    assert states == [KeyState.COMPROMISED, KeyState.ACTIVE]
    assert len(entries(desk, "key_compromised")) == 1
    assert signer(desk, own) == active(desk)


def test_nothing_that_is_signed_while_a_key_is_declared_compromised_is_left_behind(
    desk: Desk, example: Example
) -> None:
    """Two threads issue licenses of environments that have none, while another one declares the key."""
    own = [
        registered(desk, example.ana, slot, n)
        for n, slot in enumerate([*example.quality, *example.production], 1)
    ]
    lost = signing.init_keys(desk, COMMAND).kid
    half = len(own) // 2
    together(
        lambda: [issued(desk, COMMAND, each) for each in own[:half]],
        lambda: [issued(desk, COMMAND, each) for each in own[half:]],
        lambda: signing.compromise_key(desk, COMMAND, lost),
    )
    key_reissues.run(desk, COMMAND)
    assert {signer(desk, each) for each in own} == {active(desk)}


def test_a_file_that_is_sent_again_is_not_one_that_a_compromised_key_signed(
    desk: Desk, example: Example
) -> None:
    signing.init_keys(desk, COMMAND)
    own = registered(desk, example.ana, example.quality[0])
    forwarded(desk, example, own, example.ana)
    check = intention(deliverability.check)
    with desk.database.read() as connection:
        item_id = connection.execute(select(request_items.c.id)).scalar_one()
    first = check(desk, COMMAND, item_id)
    compromise(desk)
    again = check(desk, COMMAND, item_id)

    assert isinstance(first, Deliverable)
    assert isinstance(again, Deliverable)
    assert again.license == newest(desk, own) != first.license
    assert signer(desk, own) == active(desk)
    assert check(desk, COMMAND, item_id) == again
