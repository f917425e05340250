"""When people are told of the end of a term."""

from datetime import UTC, datetime, timedelta

import pytest

from store.rules.term_moments import GRACE_BEGINS, GRACE_IS_OVER, days_left, in_the_day, moment_due
from store.rules.terms import Term

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
TERM = Term(START, END, START, 14, suspended=False)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("days", [90, 60, 30, 14, 7, 3, 1, 0, -14])
def test_each_moment_comes_exactly_at_its_time(days: int) -> None:
    at = END - timedelta(days=days)
    expected = {0: GRACE_BEGINS, -14: GRACE_IS_OVER}.get(days, days)
    assert moment_due(TERM, at) == expected
    assert moment_due(TERM, at - SECOND) != expected


def test_nothing_is_due_long_before_the_end() -> None:
    assert moment_due(TERM, END - timedelta(days=91)) is None


def test_a_moment_that_was_missed_is_made_up_for_within_a_week() -> None:
    assert moment_due(TERM, END - timedelta(days=30) + timedelta(days=7) - SECOND) == 30
    assert moment_due(TERM, END - timedelta(days=23)) is None


def test_of_several_missed_moments_the_latest_counts() -> None:
    assert moment_due(TERM, END - timedelta(days=2)) == 3
    assert moment_due(TERM, END + timedelta(days=2)) == GRACE_BEGINS


def test_without_grace_the_end_is_the_end() -> None:
    without = Term(START, END, START, 0, suspended=False)
    assert moment_due(without, END) == GRACE_IS_OVER


def test_an_end_that_is_long_over_is_not_told() -> None:
    assert moment_due(TERM, END + timedelta(days=40)) is None


@pytest.mark.parametrize(
    "term",
    [Term(START, None, START, 14, suspended=False), Term(START, END, START, 14, suspended=True)],
    ids=["perpetual", "suspended"],
)
def test_perpetual_and_suspended_subscriptions_have_no_moments(term: Term) -> None:
    assert moment_due(term, END - timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("before", "days"),
    [(timedelta(days=30), 30), (timedelta(days=29, hours=15), 30), (timedelta(hours=1), 1)],
)
def test_the_present_day_is_counted_in(before: timedelta, days: int) -> None:
    assert days_left(END, END - before) == days


@pytest.mark.parametrize(
    ("zone", "now", "at"),
    [
        ("Europe/Lisbon", "2026-12-02T00:00", "2026-12-02T09:00"),
        ("Europe/Berlin", "2026-07-02T00:00", "2026-07-02T07:00"),
        ("America/Montevideo", "2026-12-02T00:00", "2026-12-02T12:00"),
        ("Asia/Singapore", "2026-12-02T00:00", "2026-12-02T01:00"),
        ("Pacific/Auckland", "2026-12-02T00:00", "2026-12-02T00:00"),
        ("Europe/Lisbon", "2026-12-02T18:00", "2026-12-03T09:00"),
        ("Europe/Lisbon", "2026-12-02T17:59", "2026-12-02T17:59"),
        ("nowhere/at-all", "2026-12-02T00:00", "2026-12-02T09:00"),
        ("Europe/Berlin", "2026-10-24T20:00", "2026-10-25T08:00"),
    ],
)
def test_messages_wait_for_the_day_where_their_reader_is(zone: str, now: str, at: str) -> None:
    expected = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert in_the_day(datetime.fromisoformat(now).replace(tzinfo=UTC), zone) == expected
