"""The revocation list over HTTP: made when something changed, and otherwise answered from memory."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.revocation_feed import LEAST_SECONDS, MOST_SECONDS, RevocationFeed
from bot.well_known import REVOCATIONS_PATH, well_known
from store import keys, licenses, registrations, releases, revocation_lists
from store.desk import Act, Actor, Desk, intention
from store.tables import revocation_lists as list_rows
from store.tables import signing_keys
from tests.bot.test_well_known import Site, served
from tests.conftest import Clock
from tests.example import TERM_END, Example, serial
from tests.store.requesting import make_key

ITSELF = Actor(None, "schedule")


@intention
def issue(act: Act, registration_id: int) -> None:
    licenses.issue(act, registration_id)


@pytest.fixture
def released(desk: Desk, example: Example) -> int:
    """A desk with a key and one released environment; gives a licensed one that is still registered."""
    make_key(desk)
    ids = []
    for number, slot in enumerate(example.quality):
        made = registrations.register(desk, Actor(example.ana), slot, serial(number), "11.17.0")
        assert made.environment.registration
        ids.append(made.environment.registration.id)
        issue(desk, ITSELF, ids[-1])
    releases.release(desk, Actor(example.rui), ids[0], "not needed")
    return ids[1]


@pytest.fixture
def site(desk: Desk, released: int) -> Iterator[Site]:
    yield from served(well_known(desk))


@pytest.fixture
def ticks() -> list[float]:
    return [0.0]


@pytest.fixture
def feed(desk: Desk, released: int, ticks: list[float]) -> RevocationFeed:
    return RevocationFeed(desk, lambda: ticks[0])


def seq(text: bytes) -> int:
    payload = text.split(b".")[1]
    return int(json.loads(urlsafe_b64decode(payload + b"=="))["seq"])


def test_anybody_reads_the_list_and_verifies_it_with_the_public_keys(desk: Desk, site: Site) -> None:
    reply = site(REVOCATIONS_PATH)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/jwt")
    assert reply.headers["cache-control"] == "public, max-age=900, must-revalidate"
    with desk.database.read() as connection:
        said = revocation_lists.read(reply.body, keys.verifying_keys(connection))
    assert [each.reason for each in said.revocations] == ["released"]


def test_who_has_the_newest_list_is_told_so(site: Site) -> None:
    first = site(REVOCATIONS_PATH)
    again = site(REVOCATIONS_PATH, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert site(REVOCATIONS_PATH, if_none_match='"another"').status == 200


def test_a_list_is_signed_once_as_long_as_nothing_changes(feed: RevocationFeed, ticks: list[float]) -> None:
    first = feed.text()
    for ticks[0] in (1.0, LEAST_SECONDS, MOST_SECONDS - 1, MOST_SECONDS + 1, 3 * MOST_SECONDS):
        assert feed.text() is first


def test_what_was_released_is_listed_within_a_minute(
    desk: Desk, example: Example, released: int, feed: RevocationFeed, ticks: list[float]
) -> None:
    first = feed.text()
    releases.release(desk, Actor(example.rui), released, "not needed")
    ticks[0] = LEAST_SECONDS - 1
    assert feed.text() is first
    ticks[0] = LEAST_SECONDS
    assert (seq(first), seq(feed.text())) == (1, 2)


def test_a_list_that_another_process_numbered_is_taken_up(
    desk: Desk, example: Example, released: int, feed: RevocationFeed, ticks: list[float]
) -> None:
    feed.text()
    releases.release(desk, Actor(example.rui), released, "not needed")
    other = revocation_lists.make(desk, ITSELF)
    ticks[0] = LEAST_SECONDS
    assert seq(feed.text()) == other.seq == 2


def test_what_expired_leaves_the_list_although_nothing_happens(
    desk: Desk, clock: Clock, feed: RevocationFeed, ticks: list[float]
) -> None:
    desk = replace(desk, policy=replace(desk.policy, revocation_list_life=timedelta(days=3650)))
    feed = RevocationFeed(desk, lambda: ticks[0])
    assert seq(feed.text()) == 1
    clock.now = TERM_END + timedelta(days=16)
    # The list's own number was recorded with it, which is looked at once.
    ticks[0] = LEAST_SECONDS
    assert seq(feed.text()) == 2


def test_a_list_is_signed_anew_when_half_its_life_is_over_or_its_key_signs_no_more(
    desk: Desk, clock: Clock, feed: RevocationFeed
) -> None:
    first = feed.text()
    clock.advance(timedelta(days=15))
    second = feed.text()
    assert second != first
    assert seq(second) == 1
    with desk.database.write() as connection:
        connection.execute(update(signing_keys).values(state="retired"))
        keys.init(connection, desk.vault, clock.now)
    assert feed.text() != second


def test_without_a_key_that_signs_nothing_is_numbered_and_others_are_asked_to_come_back(
    desk: Desk, site: Site
) -> None:
    with desk.database.write() as connection:
        connection.execute(update(signing_keys).values(state="compromised"))
    reply = site(REVOCATIONS_PATH)
    assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    with desk.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(list_rows)).scalar_one() == 0
