"""What Slack says of waiting, in every shape that a proxy makes of it."""

from typing import Any

import pytest

from bot.retry_after import LONGEST, retry_after


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": ["7"]}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": []}, 30.0),
        ({"Retry-After": "soon"}, 30.0),
        ({"Retry-After": "-1"}, 30.0),
        ({"Retry-After": "²"}, 30.0),
        ({"Retry-After": "Wed, 25 Nov 2026 10:15:00 GMT"}, 30.0),
        ({}, 30.0),
    ],
)
def test_the_seconds_are_taken_whatever_their_shape(headers: dict[str, Any], seconds: float) -> None:
    assert retry_after(headers, 30.0) == seconds


@pytest.mark.parametrize("digits", [5, 20, 400])
def test_no_header_stops_the_desk_for_longer_than_an_hour(digits: int) -> None:
    assert retry_after({"Retry-After": "9" * digits}, 30.0) == LONGEST
