import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.rules.claim_reader import read_facts
from store.rules.claims import LicenseFacts, Verdict, claims, sameness, unbroken_start, unchanged
from store.rules.environments import EnvironmentType
from store.rules.license_errors import ClaimMalformed, UnknownFormatVersion
from store.rules.terms import Term

NOW = datetime(2026, 12, 1, 10, 15, tzinfo=UTC)
DAY = timedelta(days=1)

FACTS = LicenseFacts(
    issuer="Acme Vendor",
    audience="platform",
    slot_id=17,
    jti="0f3c1d7e-7a51-4f6a-9d0e-5f1f4f1c2b3a",
    issued_at=NOW,
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    expires_at=datetime(2027, 1, 15, tzinfo=UTC),
    license_end=datetime(2027, 1, 1, tzinfo=UTC),
    serial="ABC-D1E-F2G-H3I-J4K-L5M-N6O-P7Q",
    environment_type=EnvironmentType.NON_PRODUCTION,
    environment_name="Quality 2",
    activation_code="ABC.D1E.F2G.H3I.J4K.L5M.N6O.P7Q",
    company="Acme",
    infrastructure="Acme Logistics",
    edition="Standard",
    features=("mobile", "workflow"),
    limits={"users": 500, "objects": 0},
    declared="11.17.0",
    highest="11",
    seq=3,
    replaces="5b0d8c2e-0c1b-4a43-8f0c-0c7a1f3e9d10",
)
PERPETUAL = replace(FACTS, license_end=None, expires_at=None)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
moments = st.integers(-(10**9), 7 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
facts = st.builds(
    replace,
    st.sampled_from([FACTS, PERPETUAL]),
    issuer=texts,
    slot_id=st.integers(1, 2**63 - 1),
    issued_at=moments,
    environment_type=st.sampled_from(EnvironmentType),
    environment_name=texts,
    company=texts,
    features=st.lists(texts, max_size=4).map(tuple),
    limits=st.dictionaries(texts, st.integers(0, 2**53), max_size=4),
    seq=st.integers(1, 2**31),
    replaces=st.none() | texts,
)


def test_a_license_says_exactly_what_the_format_lists() -> None:
    assert claims(FACTS) == {
        "iss": "Acme Vendor",
        "aud": "platform",
        "sub": "17",
        "jti": "0f3c1d7e-7a51-4f6a-9d0e-5f1f4f1c2b3a",
        "iat": 1796120100,
        "nbf": 1767225600,
        "exp": 1799971200,
        "license_end": 1798761600,
        "ver": 1,
        "serial": "ABC-D1E-F2G-H3I-J4K-L5M-N6O-P7Q",
        "environment_type": "non_production",
        "environment_name": "Quality 2",
        "activation_code": "ABC.D1E.F2G.H3I.J4K.L5M.N6O.P7Q",
        "company": "Acme",
        "infrastructure": "Acme Logistics",
        "edition": "Standard",
        "features": ["mobile", "workflow"],
        "limits": {"users": 500, "objects": 0},
        "platform": {"declared": "11.17.0", "highest": "11"},
        "seq": 3,
        "replaces": "5b0d8c2e-0c1b-4a43-8f0c-0c7a1f3e9d10",
    }


def test_a_perpetual_license_has_no_end_and_a_first_one_replaces_none() -> None:
    said = claims(replace(PERPETUAL, replaces=None))
    assert set(claims(FACTS)) - set(said) == {"exp", "license_end", "replaces"}


def test_a_moment_without_a_time_zone_is_never_put_into_a_license() -> None:
    with pytest.raises(ValueError, match="time zone"):
        claims(replace(FACTS, issued_at=datetime(2026, 1, 1)))  # noqa: DTZ001 # The naive moment is the point.


def test_moments_are_whole_seconds_rounded_down_whatever_their_zone() -> None:
    lisbon = timezone(timedelta(hours=1))
    moment = datetime(2026, 12, 1, 11, 15, 0, 999_999, tzinfo=lisbon)
    assert claims(replace(FACTS, issued_at=moment))["iat"] == int(NOW.timestamp())


@given(facts)
def test_what_a_license_says_is_read_back_as_it_was(written: LicenseFacts) -> None:
    assert read_facts(json.loads(json.dumps(claims(written)))) == written


def test_claims_of_other_makers_are_overlooked() -> None:
    assert read_facts(claims(FACTS) | {"color": "blue", "features_next": None}) == FACTS


@pytest.mark.parametrize("version", [0, 2, "1", 1.0, True, None, [1]])
def test_another_version_of_the_format_is_not_read(version: object) -> None:
    with pytest.raises(UnknownFormatVersion):
        read_facts(claims(FACTS) | {"ver": version})


@pytest.mark.parametrize("claim", sorted(set(claims(FACTS)) - {"ver", "replaces"}))
def test_a_missing_claim_is_named(claim: str) -> None:
    said = claims(FACTS)
    del said[claim]
    with pytest.raises(ClaimMalformed) as caught:
        read_facts(said)
    assert caught.value.claim == claim


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", ""),
        ("aud", ["platform"]),
        ("sub", 17),
        ("sub", "seventeen"),
        ("sub", "٤"),
        ("sub", "9" * 5000),
        ("iat", "1796120100"),
        ("iat", 1796120100.5),
        ("nbf", True),
        ("exp", None),
        ("exp", 10**30),
        ("exp", -(10**15)),
        ("license_end", 10**12),
        ("license_end", 1767225600),  # not after the start
        ("exp", 1798761599),  # grace ends before the term
        ("environment_type", "test"),
        ("features", "mobile"),
        ("features", [1]),
        ("limits", []),
        ("limits", {"users": "many"}),
        ("limits", {"users": -1}),
        ("limits", {"users": True}),
        ("platform", "11"),
        ("seq", "3"),
        ("replaces", 2),
    ],
)
def test_a_claim_of_a_wrong_form_is_named(claim: str, value: object) -> None:
    with pytest.raises(ClaimMalformed) as caught:
        read_facts(claims(FACTS) | {claim: value})
    assert caught.value.claim == claim


@pytest.mark.parametrize("part", ["declared", "highest"])
def test_a_platform_without_its_parts_is_not_read(part: str) -> None:
    platform = {"declared": "11.17.0", "highest": "11"}
    del platform[part]
    with pytest.raises(ClaimMalformed):
        read_facts(claims(FACTS) | {"platform": platform})


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), Verdict.NOT_YET_VALID),
        (datetime(2026, 1, 1, tzinfo=UTC), Verdict.VALID),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), Verdict.VALID),
        (datetime(2027, 1, 1, tzinfo=UTC), Verdict.IN_GRACE),
        (datetime(2027, 1, 14, 23, 59, 59, tzinfo=UTC), Verdict.IN_GRACE),
        (datetime(2027, 1, 15, tzinfo=UTC), Verdict.EXPIRED),
    ],
)
def test_the_verdict_changes_exactly_at_each_boundary(now: datetime, verdict: Verdict) -> None:
    assert FACTS.verdict(now) is verdict


def test_a_perpetual_license_is_valid_from_its_start_for_ever() -> None:
    assert PERPETUAL.verdict(PERPETUAL.not_before - DAY) is Verdict.NOT_YET_VALID
    assert PERPETUAL.verdict(datetime(9999, 1, 1, tzinfo=UTC)) is Verdict.VALID


def test_without_grace_a_license_expires_with_its_term() -> None:
    strict = replace(FACTS, expires_at=FACTS.license_end)
    assert strict.verdict(datetime(2027, 1, 1, tzinfo=UTC)) is Verdict.EXPIRED


@pytest.mark.parametrize(
    "other",
    [
        replace(FACTS, environment_name="Quality 3"),
        replace(FACTS, infrastructure="Acme Transport", company="Acme Group"),
        replace(FACTS, issued_at=NOW + DAY, seq=4, jti="another", replaces=FACTS.jti),
        replace(FACTS, issuer="Acme Vendor Inc."),
        replace(FACTS, features=("workflow", "mobile", "mobile")),
        replace(FACTS, limits={"objects": 0, "users": 500}),
    ],
)
def test_a_rename_or_a_new_issue_alone_makes_no_new_file(other: LicenseFacts) -> None:
    assert sameness(other) == sameness(FACTS)
    assert unchanged(sameness(other), sameness(FACTS), key_compromised=False)


CHANGES: list[Callable[[LicenseFacts], LicenseFacts]] = [
    lambda each: replace(each, serial="ABC-D1E-F2G-H3I-J4K-L5M-N6O-P7R"),
    lambda each: replace(each, environment_type=EnvironmentType.PRODUCTION),
    lambda each: replace(each, declared="11.18.0"),
    lambda each: replace(each, not_before=each.not_before - DAY),
    lambda each: replace(each, license_end=datetime(2028, 1, 1, tzinfo=UTC)),
    lambda each: replace(each, expires_at=datetime(2027, 1, 31, tzinfo=UTC)),
    lambda each: replace(each, license_end=None, expires_at=None),
    lambda each: replace(each, edition="Enterprise"),
    lambda each: replace(each, features=("mobile",)),
    lambda each: replace(each, limits={"users": 501, "objects": 0}),
    lambda each: replace(each, limits={"users": 500}),
    lambda each: replace(each, highest="12"),
    lambda each: replace(each, activation_code="ABC.D1E.F2G.H3I.J4K.L5M.N6O.P7R"),
]


def test_each_decisive_change_makes_a_file_of_its_own() -> None:
    fingerprints = {sameness(FACTS)} | {sameness(change(FACTS)) for change in CHANGES}
    assert len(fingerprints) == len(CHANGES) + 1
    assert not any(
        unchanged(sameness(change(FACTS)), sameness(FACTS), key_compromised=False) for change in CHANGES
    )


def test_a_compromised_key_makes_a_new_file_even_when_nothing_else_changed() -> None:
    assert not unchanged(sameness(FACTS), sameness(FACTS), key_compromised=True)


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _term(since: str, starts: str, ends: str | None, *, suspended: bool = False) -> Term:
    return Term(_day(starts), _day(ends) if ends else None, _day(since), 14, suspended)


LAST_YEAR = _term("2024-01-01", "2026-01-01", "2027-01-01")
RENEWED_EARLY = _term("2024-01-01", "2027-01-01", "2028-01-01")
NOT_BEGUN = _term("2027-01-01", "2027-01-01", "2028-01-01")
BEGINS_TODAY = _term("2026-12-01", "2026-12-01", "2027-12-01")
WITHOUT_END = _term("2024-01-01", "2024-01-01", None)
SUSPENDED = _term("2024-01-01", "2026-01-01", "2027-01-01", suspended=True)


@pytest.mark.parametrize(
    ("previous", "starts", "now", "start", "why"),
    [
        (None, "2027-01-01", "2026-12-01", "2027-01-01", "the first term of all"),
        (LAST_YEAR, "2027-01-01", "2026-12-01", "2024-01-01", "renewed in time"),
        (LAST_YEAR, "2026-06-01", "2026-12-01", "2024-01-01", "terms overlap"),
        (LAST_YEAR, "2027-01-01", "2027-06-01", "2024-01-01", "renewed late, backdated"),
        (LAST_YEAR, "2027-02-01", "2026-12-01", "2024-01-01", "gap ahead, licensed today"),
        (LAST_YEAR, "2027-02-01", "2027-01-10", "2024-01-01", "gap ahead, in grace today"),
        (LAST_YEAR, "2027-02-01", "2027-01-15", "2027-02-01", "gap ahead, grace is over"),
        (LAST_YEAR, "2027-01-05", "2027-01-10", "2027-01-05", "a gap behind breaks the run"),
        (LAST_YEAR, "2023-06-01", "2026-12-01", "2023-06-01", "the run was found to be longer"),
        (RENEWED_EARLY, "2028-02-01", "2026-12-01", "2024-01-01", "renewed early, and licensed by that"),
        (NOT_BEGUN, "2027-02-01", "2026-12-01", "2027-02-01", "corrected before it began"),
        (BEGINS_TODAY, "2027-02-01", "2026-12-01", "2026-12-01", "begun at this moment"),
        (WITHOUT_END, "2027-02-01", "2026-12-01", "2024-01-01", "a perpetual license becomes a term"),
        (SUSPENDED, "2027-02-01", "2026-12-01", "2027-02-01", "suspended, so not licensed today"),
        (SUSPENDED, "2027-01-01", "2026-12-01", "2024-01-01", "suspended, but the terms are unbroken"),
    ],
)
def test_a_license_begins_with_the_unbroken_run_of_terms(
    previous: Term | None, starts: str, now: str, start: str, why: str
) -> None:
    assert unbroken_start(previous, _day(starts), _day(now)) == _day(start), why


days = st.integers(0, 2000).map(lambda days: datetime(2024, 1, 1, tzinfo=UTC) + days * DAY)


@given(days, st.integers(1, 800), days, days)
def test_no_renewal_takes_the_license_away_from_an_environment_that_has_one(
    began: datetime, length: int, starts: datetime, now: datetime
) -> None:
    previous = Term(began, began + length * DAY, began, 14, suspended=False)
    start = unbroken_start(previous, starts, now)
    assert start <= now or not previous.delivers(now)
    assert start in {began, starts}
