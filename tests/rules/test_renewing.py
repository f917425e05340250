"""How a renewal continues a term."""

from datetime import UTC, datetime, timedelta

import pytest

from store.rules.renewing import Renewal, renewed
from store.rules.subscription_errors import RenewalEndsTooEarly
from store.rules.terms import Term, TermState

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
NEXT = datetime(2028, 1, 1, tzinfo=UTC)
BEFORE = datetime(2026, 11, 25, 9, tzinfo=UTC)
IN_GRACE = datetime(2027, 1, 10, 9, tzinfo=UTC)
LATER = datetime(2027, 6, 15, 9, tzinfo=UTC)
PRESENT = Term(START, END, START, 14, suspended=False)


def test_a_renewal_before_the_end_prolongs_the_term_without_a_gap() -> None:
    term = renewed(PRESENT, Renewal(NEXT), BEFORE)
    assert (term.starts_at, term.ends_at, term.unbroken_since) == (START, NEXT, START)
    assert term.state(BEFORE) is TermState.CURRENT


def test_a_renewal_in_grace_follows_the_old_end() -> None:
    term = renewed(PRESENT, Renewal(NEXT), IN_GRACE)
    assert (term.starts_at, term.unbroken_since) == (END, START)


def test_a_renewal_after_grace_begins_that_day_with_a_new_run() -> None:
    term = renewed(PRESENT, Renewal(NEXT), LATER)
    assert term.starts_at == term.unbroken_since == datetime(2027, 6, 15, tzinfo=UTC)


def test_a_start_that_is_named_can_close_the_gap() -> None:
    term = renewed(PRESENT, Renewal(NEXT, starts_at=END), LATER)
    assert (term.starts_at, term.unbroken_since) == (END, START)


def test_a_start_in_the_future_takes_nothing_from_who_is_licensed_today() -> None:
    term = renewed(PRESENT, Renewal(NEXT, starts_at=END + timedelta(days=30)), BEFORE)
    assert term.unbroken_since == START
    assert term.delivers(BEFORE)
    assert term.state(BEFORE) is TermState.CURRENT


def test_a_term_that_has_not_begun_keeps_its_start() -> None:
    coming = Term(NEXT, NEXT + timedelta(days=365), NEXT, 14, suspended=False)
    term = renewed(coming, Renewal(NEXT + timedelta(days=730)), BEFORE)
    assert (term.starts_at, term.unbroken_since) == (NEXT, NEXT)


def test_the_same_renewal_again_changes_nothing() -> None:
    term = renewed(PRESENT, Renewal(NEXT), BEFORE)
    assert renewed(term, Renewal(NEXT), BEFORE) == term


def test_a_renewal_can_be_perpetual_and_again() -> None:
    term = renewed(PRESENT, Renewal(None), BEFORE)
    assert term.ends_at is None
    assert renewed(term, Renewal(None), LATER) == term


def test_grace_stays_unless_the_renewal_has_its_own() -> None:
    assert renewed(PRESENT, Renewal(NEXT), BEFORE).grace_days == 14
    assert renewed(PRESENT, Renewal(NEXT, values={"grace_days": 0}), BEFORE).grace_days == 0


@pytest.mark.parametrize(
    ("present", "ends_at", "now", "reason"),
    [
        (PRESENT, END - timedelta(days=1), BEFORE, "it would shorten the term"),
        (PRESENT, END, LATER, "the end has passed already"),
        (PRESENT, LATER - timedelta(days=1), LATER, "it would be over at once"),
        (Term(START, None, START, 14, suspended=False), NEXT, BEFORE, "a perpetual one has no end"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_renewal_that_ends_too_early_is_refused(
    present: Term, ends_at: datetime, now: datetime, reason: str
) -> None:
    with pytest.raises(RenewalEndsTooEarly) as refused:
        renewed(present, Renewal(ends_at), now)
    assert str(refused.value)


def test_a_suspended_subscription_stays_suspended() -> None:
    suspended = Term(START, END, START, 14, suspended=True)
    term = renewed(suspended, Renewal(NEXT), BEFORE)
    assert term.suspended
    assert term.unbroken_since == START
