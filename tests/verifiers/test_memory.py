"""What the verifier in Python remembers, as a product would: the high-water mark, the running numbers, the list."""

import json
from typing import Any

import pytest

from tests.verifiers.make_vectors import (
    CLAIMS,
    DAY,
    END,
    GRACE_END,
    JWKS,
    LIST,
    NOW,
    REVOKING,
    SERIAL,
    STRANGER,
    license_of,
    list_of,
)
from tests.verifiers.verify import Known, Refused, take_list, verify

KEYS = {each["kid"]: each for each in json.loads(json.dumps(JWKS))["keys"]}
NEW = Known(audience="meridian-platform", serial=SERIAL, environment_type="production")


def seq(number: int, **more: Any) -> str:
    """The license with this number in its slot."""
    return license_of(CLAIMS | {"seq": number, "jti": f"license {number}"} | more)


def test_a_newer_license_takes_the_place_of_an_older_one() -> None:
    first = verify(seq(3), KEYS, NOW, NEW)
    second = verify(seq(4), KEYS, NOW, first.remembered)
    assert (first.verdict, second.verdict) == ("valid", "valid")
    assert verify(seq(3), KEYS, NOW, second.remembered).verdict == "OlderLicense"
    assert verify(seq(4), KEYS, NOW, second.remembered).verdict == "valid"


def test_a_license_for_later_leaves_the_present_one_its_place() -> None:
    known = verify(seq(3), KEYS, NOW, NEW).remembered
    later = verify(seq(4, nbf=NOW + DAY), KEYS, NOW, known)
    assert later.verdict == "not yet valid"
    assert verify(seq(3), KEYS, NOW, later.remembered).verdict == "valid"
    begun = verify(seq(4, nbf=NOW + DAY), KEYS, NOW + DAY, later.remembered)
    assert begun.verdict == "valid"
    assert verify(seq(3), KEYS, NOW + DAY, begun.remembered).verdict == "OlderLicense"


@pytest.mark.parametrize(
    "more",
    [{"serial": "ABC-D1E-F2G-H3I-J4K-L5M-N6O-P8R"}, {"aud": "other"}, {"exp": END, "license_end": NOW}],
)
def test_what_is_not_accepted_takes_no_place(more: dict[str, Any]) -> None:
    known = verify(seq(9, **more), KEYS, END, verify(seq(3), KEYS, NOW, NEW).remembered).remembered
    assert verify(seq(3), KEYS, NOW, known).verdict in ("valid", "in grace")


def test_a_server_that_moved_to_another_slot_counts_anew() -> None:
    known = verify(seq(9), KEYS, NOW, NEW).remembered
    assert verify(seq(1, sub="18"), KEYS, NOW, known).verdict == "valid"


def test_a_clock_that_is_set_back_brings_nothing_back() -> None:
    known = verify(seq(3), KEYS, GRACE_END, NEW).remembered
    again = verify(seq(3), KEYS, NOW, known)
    assert (again.verdict, again.clock) == ("expired", "behind")
    assert again.remembered.high_water == GRACE_END


def test_the_mark_follows_the_clock_and_never_goes_down() -> None:
    known = NEW
    marks = []
    for now in (NOW, NOW + DAY, NOW - DAY, NOW + 2 * DAY):
        known = verify(seq(3), KEYS, now, known).remembered
        marks.append(known.high_water)
    assert marks == [NOW, NOW + DAY, NOW + DAY, NOW + 2 * DAY]


def test_a_file_that_cannot_be_trusted_moves_nothing() -> None:
    forged = license_of(CLAIMS | {"seq": 99, "iat": GRACE_END}, STRANGER)
    assert verify(forged, KEYS, GRACE_END, NEW).remembered == NEW


def test_a_list_that_was_taken_revokes_from_then_on() -> None:
    known = take_list(list_of(REVOKING), KEYS, NEW)
    assert verify(license_of(), KEYS, NOW, known).verdict == "Revoked"


@pytest.mark.parametrize(
    ("offered", "name"),
    [
        (list_of(LIST | {"seq": 7}), "OlderRevocations"),
        (list_of(LIST | {"seq": 9}, STRANGER), "UnknownKey"),
        ("", "NotARevocationList"),
    ],
)
def test_a_bad_list_leaves_the_last_good_one(offered: str, name: str) -> None:
    known = take_list(list_of(REVOKING), KEYS, NEW)
    with pytest.raises(Refused, match=f"^{name}$"):
        take_list(offered, KEYS, known)
    assert verify(license_of(), KEYS, NOW, known)[:2] == ("Revoked", "current")
