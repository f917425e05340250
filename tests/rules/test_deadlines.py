"""When a request is reminded of, when the company admins are asked, and when it expires."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.rules.deadlines import DAYS, Spans, WorkingHours, deadlines, minutes

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
OFFICE = WorkingHours("Europe/Lisbon", frozenset(range(5)), 8 * 60, 18 * 60)
ZONES = (
    "UTC",
    "Europe/Lisbon",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "Pacific/Apia",
)

moments = st.integers(0, 25 * 366 * 24 * 60 * 60).map(
    lambda each: datetime(2010, 1, 1, tzinfo=UTC) + each * SECOND
)
spans = st.timedeltas(timedelta(minutes=1), timedelta(days=9))


@st.composite
def hours(draw: st.DrawFn, earliest: int = 0) -> WorkingHours:
    begins = draw(st.integers(earliest, 23 * 60))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    return WorkingHours(draw(st.sampled_from(ZONES)), days, begins, draw(st.integers(begins + 30, 24 * 60)))


def test_without_working_hours_everything_comes_at_its_moment() -> None:
    found = deadlines(WEDNESDAY, WEDNESDAY + WEEK, Spans(), None, urgent=False)
    assert found.reminders == (WEDNESDAY + 4 * HOUR, WEDNESDAY + 24 * HOUR)
    assert (found.admins, found.expires_at) == (WEDNESDAY + 48 * HOUR, WEDNESDAY + WEEK)
    at_the_first = [found.reminders_due(found.reminders[0] - each) for each in (SECOND, 0 * SECOND)]
    assert at_the_first == [0, 1]


def test_working_hours_put_off_what_would_come_in_the_evening_or_on_a_weekend() -> None:
    friday = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
    found = deadlines(friday, friday + WEEK, Spans(), OFFICE, urgent=False)
    monday = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    assert (found.reminders, found.admins) == ((monday, monday), monday)
    assert found.expires_at == friday + WEEK


def test_what_is_urgent_does_not_wait_for_working_hours() -> None:
    night = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
    found = deadlines(night, night + WEEK, Spans(), OFFICE, urgent=True)
    assert found.admins == night + timedelta(minutes=15)
    assert found.reminders == (night + 4 * HOUR, night + 24 * HOUR)


def test_what_would_come_after_the_expiry_never_comes() -> None:
    found = deadlines(WEDNESDAY, WEDNESDAY + 10 * HOUR, Spans(), None, urgent=False)
    assert (found.reminders, found.admins) == ((WEDNESDAY + 4 * HOUR,), None)


def test_working_hours_do_not_put_anything_off_past_the_expiry() -> None:
    sundays = WorkingHours("UTC", frozenset({6}), 0, 60)
    found = deadlines(WEDNESDAY, WEDNESDAY + 3 * 24 * HOUR, Spans(), sundays, urgent=False)
    assert found.admins == WEDNESDAY + 48 * HOUR


@pytest.mark.parametrize(
    ("friday", "monday"),
    [("2026-03-27", "2026-03-30T07:00"), ("2026-10-23", "2026-10-26T08:00")],
    ids=["clocks go forward", "clocks go back"],
)
def test_work_begins_at_the_same_hour_by_the_clock_after_clocks_have_changed(
    friday: str, monday: str
) -> None:
    late = datetime.fromisoformat(f"{friday}T20:00+00:00")
    assert OFFICE.next(late) == datetime.fromisoformat(f"{monday}+00:00")
    assert OFFICE.next(late).astimezone(ZoneInfo(OFFICE.zone)).hour == 8


def test_spans_are_counted_in_real_hours_when_clocks_change() -> None:
    before = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    found = deadlines(before, before + WEEK, Spans(), None, urgent=False)
    assert found.reminders[1] - before == 24 * HOUR


def test_the_night_that_comes_twice_is_worked_twice() -> None:
    early = WorkingHours("Europe/Lisbon", frozenset(range(7)), 60 + 20, 60 + 40)
    first = datetime(2026, 10, 25, 0, 20, tzinfo=UTC)
    assert early.next(first - HOUR / 2) == first
    assert early.next(first + HOUR / 2) == first + HOUR


@given(hours(), moments)
def test_what_is_put_off_comes_in_working_hours_and_never_earlier(
    working: WorkingHours, moment: datetime
) -> None:
    later = working.next(moment)
    assert later >= moment
    assert working.include(later)
    assert working.next(later) == later


@given(hours(earliest=6 * 60), moments, st.floats(0, 1, exclude_max=True))
def test_nobody_works_between_a_moment_and_what_it_was_put_off_to(
    working: WorkingHours, moment: datetime, part: float
) -> None:
    later = working.next(moment)
    between = moment + (later - moment) * part  # which may be rounded to either end
    assert between in {moment, later} or not working.include(between)


@given(hours(earliest=6 * 60), moments, spans)
def test_what_is_later_is_not_put_off_to_something_earlier(
    working: WorkingHours, moment: datetime, span: timedelta
) -> None:
    assert working.next(moment) <= working.next(moment + span)


@given(moments, st.none() | hours(), st.booleans(), st.lists(spans, min_size=1, max_size=3), spans, spans)
def test_every_moment_lies_between_the_first_card_and_the_expiry(
    posted: datetime,
    working: WorkingHours | None,
    urgent: bool,
    reminders: list[timedelta],
    admins: timedelta,
    expiry: timedelta,
) -> None:
    asked = Spans(tuple(reminders), admins, admins / 2)
    found = deadlines(posted, posted + expiry, asked, working, urgent=urgent)
    every = [*found.reminders, *([found.admins] if found.admins else [])]
    assert all(posted < each < found.expires_at for each in every)
    assert list(found.reminders) == sorted(found.reminders)
    assert found.expires_at == posted + expiry


@given(st.integers(0, 24 * 60))
def test_a_time_of_day_is_read_as_it_is_written(minute: int) -> None:
    assert minutes(f"{minute // 60:02}:{minute % 60:02}") == minute


@pytest.mark.parametrize("written", ["", "8", "8:0", "24:01", "12:60", "-1:00", "12:00:00", "noon", "١٢:٠٠"])
def test_what_is_no_time_of_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not a time of day; write it as 08:30"):
        minutes(written)


def test_working_hours_are_made_of_what_is_kept() -> None:
    kept = {"zone": "Europe/Lisbon", "days": list(DAYS[:5]), "from": "08:00", "until": "18:00"}
    assert WorkingHours.of(kept) == OFFICE
