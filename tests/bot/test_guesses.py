"""Guessing links ends soon, for who guesses alone, and takes little memory."""

import pytest

from bot.guesses import MOST, MOST_ADDRESSES, WITHIN_SECONDS, Guesses
from tests.bot.test_well_known import ticks

__all__ = ["ticks"]


@pytest.fixture
def guesses(ticks: list[float]) -> Guesses:
    return Guesses(lambda: ticks[0])


def test_a_few_are_looked_at_and_then_none_until_the_time_is_over(
    guesses: Guesses, ticks: list[float]
) -> None:
    assert {guesses.wait("192.0.2.1") for _ in range(MOST)} == {0.0}
    ticks[0] = 15.0
    assert guesses.wait("192.0.2.1") == WITHIN_SECONDS - 15.0
    ticks[0] = WITHIN_SECONDS + 1.0
    assert guesses.wait("192.0.2.1") == 0.0


def test_trying_on_does_not_make_the_time_longer(guesses: Guesses, ticks: list[float]) -> None:
    for ticks[0] in range(int(WITHIN_SECONDS) - 1):
        guesses.wait("192.0.2.1")
    ticks[0] = WITHIN_SECONDS - 1.0
    assert guesses.wait("192.0.2.1") == 1.0


def test_one_address_does_not_count_for_another(guesses: Guesses) -> None:
    for _ in range(2 * MOST):
        guesses.wait("192.0.2.1")
    assert guesses.wait("192.0.2.2") == 0.0


def test_no_more_addresses_are_remembered_than_fit_and_none_for_longer_than_it_counts(
    guesses: Guesses, ticks: list[float]
) -> None:
    for number in range(MOST_ADDRESSES + 10):
        guesses.wait(str(number))
    assert len(guesses) == MOST_ADDRESSES
    ticks[0] = WITHIN_SECONDS
    guesses.wait("192.0.2.1")
    assert len(guesses) == 1
