import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.rules.errors import FieldError
from store.rules.versions import (
    HighestVersionMalformed,
    PlatformVersion,
    ReleaseNameTyped,
    VersionMalformed,
    parse_highest,
    parse_version,
    within,
)

numbers = st.integers(0, 999_999_999)
versions = st.builds(
    PlatformVersion,
    st.lists(numbers, min_size=3, max_size=4).map(tuple),
    st.none() | numbers,
)
highest = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda each: ".".join(map(str, each)))


@pytest.mark.parametrize(
    ("typed", "normal", "declared"),
    [
        ("11.17.0 (Build 36348)", "11.17.0 (Build 36348)", "11.17.0"),
        ("Version 11.17.0 (Build 36348)", "11.17.0 (Build 36348)", "11.17.0"),
        ("version: 11.17.0 build 36348", "11.17.0 (Build 36348)", "11.17.0"),
        ("11.17.0(build 36348).", "11.17.0 (Build 36348)", "11.17.0"),
        ("Platform version 11.0.539.0", "11.0.539.0", "11.0.539.0"),
        ("11.0.539.0", "11.0.539.0", "11.0.539.0"),
        ("`v11.17.0`", "11.17.0", "11.17.0"),
        ("011.017.000", "11.17.0", "11.17.0"),
        ("\u200b11.17.0\u00a0(Build\u00a036348)", "11.17.0 (Build 36348)", "11.17.0"),
    ],
)
def test_a_version_is_read_as_consoles_show_it(typed: str, normal: str, declared: str) -> None:
    version = parse_version(typed)
    assert (str(version), version.declared) == (normal, declared)


@given(versions)
def test_a_version_written_and_read_is_the_same(version: PlatformVersion) -> None:
    assert parse_version(str(version)) == version
    assert parse_version(f"Version {version}".upper()) == version
    assert len(str(version)) <= 60


@given(st.text(max_size=40) | versions.map(str))
def test_any_text_is_a_version_or_an_error_at_its_field(text: str) -> None:
    try:
        version = parse_version(text)
        outcome = "the same" if parse_version(str(version)) == version else "another"
    except FieldError as error:
        outcome = error.field
    assert outcome in {"the same", "version"}


@pytest.mark.parametrize(
    "name",
    [
        "Oct.2019 CP2",
        "Platform Server Oct.2019 CP2",
        "October 2019",
        "11 CP2",
        "11.17 LTS",
        "Release 11",
        "sept 2024",
    ],
)
def test_the_name_of_a_release_is_told_from_a_version(name: str) -> None:
    with pytest.raises(ReleaseNameTyped) as caught:
        parse_version(name)
    assert caught.value.typed == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "version",
        "11",
        "11.17",
        "11.17.0.1.2",
        "11.17.0 (36348)",
        "11.17.0 (Build )",
        "11,17,0",
        "11.x.0",
        "1234567890.1.1",
        "11.17.-1",
        "١١.١٧.٠",
        "octopus",
    ],
)
def test_what_is_neither_a_version_nor_a_release_is_malformed(typed: str) -> None:
    with pytest.raises(VersionMalformed):
        parse_version(typed)


def test_versions_are_ordered_by_number_and_then_by_build() -> None:
    ascending = [
        "9.99.99",
        "11.0.539.0",
        "11.9.0",
        "11.17.0",
        "11.17.0 (Build 9)",
        "11.17.0 (Build 10)",
        "11.17.1",
    ]
    assert sorted(map(parse_version, reversed(ascending))) == list(map(parse_version, ascending))


@given(versions, versions)
def test_two_versions_are_equal_or_one_is_less(one: PlatformVersion, other: PlatformVersion) -> None:
    assert (one < other) + (other < one) + (one == other) == 1


@pytest.mark.parametrize(
    ("version", "limit", "entitled"),
    [
        ("11.17.0", "11", True),
        ("11.999.0 (Build 1)", "11", True),
        ("12.0.0", "11", False),
        ("10.99.0", "11", True),
        ("11.17.9 (Build 36348)", "11.17", True),
        ("11.16.0", "11.17", True),
        ("11.18.0", "11.17", False),
        ("11.9.0", "11.17", True),  # as numbers, not as text
        ("11.17.1", "11.17.0", False),
        ("11.17.0.5", "11.17.0", True),
        ("11.17.0", "11.17.0.5", True),  # three numbers say less than the limit asks
        ("11.17.0.6", "11.17.0.5", False),
    ],
)
def test_a_version_is_entitled_as_far_as_the_highest_goes(version: str, limit: str, entitled: bool) -> None:
    assert within(parse_version(version), parse_highest(limit)) is entitled


@given(versions, versions, highest)
def test_what_comes_before_an_entitled_version_is_entitled(
    one: PlatformVersion, other: PlatformVersion, limit: str
) -> None:
    earlier, later = sorted([one, other])
    assert within(earlier, limit) or not within(later, limit)


@given(versions)
def test_a_version_is_within_itself(version: PlatformVersion) -> None:
    assert within(version, version.declared)


@pytest.mark.parametrize(
    ("typed", "normal"), [("11", "11"), ("Version 11.17", "11.17"), (" 011.0 ", "11.0"), ("11.", "11")]
)
def test_the_highest_version_is_kept_in_one_form(typed: str, normal: str) -> None:
    assert parse_highest(typed) == normal


@pytest.mark.parametrize("typed", ["", "eleven", ".11", "11.1.1.1.1", "11.17.0 (Build 36348)", "11.x"])
def test_a_wrong_highest_version_is_refused(typed: str) -> None:
    with pytest.raises(HighestVersionMalformed):
        parse_highest(typed)
