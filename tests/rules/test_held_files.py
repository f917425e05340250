"""What the vendor's files may be called, what they are, and which serial numbers they name."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.rules.held_file_errors import HeldFileEmpty, HeldFileEnding, HeldFileTooLarge, NotOneEnvironment
from store.rules.held_files import (
    ENDINGS,
    LONGEST_NAME,
    cleaned_name,
    media_type,
    names,
    require_taken,
    serials_in,
    text_of,
)

SERIAL = "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001"
OTHER = "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-002"


@pytest.mark.parametrize(
    ("given_name", "cleaned"),
    [
        ("vendor.lic", "vendor.lic"),
        ("../../etc/passwd.lic", "passwd.lic"),
        ("C:\\licenses\\acme.xml", "acme.xml"),
        ("a\x00b\r\nc\x1b[2J.lic", "abc[2J.lic"),
        ("invoice\u202ecil.exe", "invoicecil.exe"),
        ('a"<b>|c?*.lic', "abc.lic"),
        ("  spaced   out .lic", "spaced out.lic"),
        (".lic", "lic"),
        ("..", "license"),
        ("", "license"),
        ("no ending", "no ending"),
        ("cafe\u0301.lic", "caf\xe9.lic"),
    ],
)
def test_a_name_loses_its_folders_and_what_cannot_be_seen(given_name: str, cleaned: str) -> None:
    assert cleaned_name(given_name) == cleaned


@given(st.text(max_size=400))
def test_every_name_becomes_one_that_can_be_kept_and_stays_it(given_name: str) -> None:
    cleaned = cleaned_name(given_name)
    assert 0 < len(cleaned) <= LONGEST_NAME
    assert not set('/\\\x00\n\r"') & set(cleaned)
    assert cleaned_name(cleaned) == cleaned


def test_a_long_name_keeps_its_ending() -> None:
    cleaned = cleaned_name(f"{'a' * 300}.lic")
    assert (len(cleaned), cleaned[-5:]) == (LONGEST_NAME, "a.lic")


@pytest.mark.parametrize("name", ["a.exe", "a.lic.exe", "lic", "a.", "a.lic\u202e", "a.html"])
def test_only_names_with_a_known_ending_are_taken(name: str) -> None:
    with pytest.raises(HeldFileEnding):
        require_taken(name, 1, ENDINGS, 10)


def test_the_ending_may_be_in_capitals_and_the_size_may_be_the_largest() -> None:
    require_taken("A.LIC", 10, ENDINGS, 10)


def test_what_is_empty_or_too_large_is_not_taken() -> None:
    with pytest.raises(HeldFileEmpty):
        require_taken("a.lic", 0, ENDINGS, 10)
    with pytest.raises(HeldFileTooLarge):
        require_taken("a.lic", 11, ENDINGS, 10)


def test_the_media_type_follows_the_ending_alone() -> None:
    assert media_type("a.json") == "application/json"
    assert media_type("a.lic") == "application/octet-stream"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (SERIAL.encode(), SERIAL),
        (b"\xef\xbb\xbfserial", "serial"),
        (SERIAL.encode("utf-16"), SERIAL),
        (b"PK\x03\x04\x00\x00", None),
        (b"\xff\xfe\x00", None),
        (b"\x80\x81", None),
        (b"with\x00zero", None),
    ],
)
def test_text_is_told_from_what_is_none(content: bytes, text: str | None) -> None:
    assert text_of(content) == text


@pytest.mark.parametrize(
    "text",
    [
        f"serial={SERIAL}",
        f"<sn>{SERIAL.lower()}</sn>",
        SERIAL.replace("-", ""),
        SERIAL.replace("-", " "),
        SERIAL.replace("-", "\u2013"),
        f"{SERIAL[:15]}\n{SERIAL[15:]}",
    ],
)
def test_a_serial_number_is_found_however_it_is_written(text: str) -> None:
    assert names(text, SERIAL)
    assert not names(text, OTHER)


@pytest.mark.parametrize("written", [OTHER, OTHER.lower(), OTHER.replace("-", ""), OTHER.replace("-", " ")])
def test_every_serial_number_in_a_text_is_found(written: str) -> None:
    assert serials_in(f"a={SERIAL};SN-{written}, {SERIAL}") == {SERIAL, OTHER}


def test_what_only_looks_a_little_like_one_is_none() -> None:
    assert serials_in(f"A{SERIAL.replace('-', '')} {SERIAL[:-4]} {'A1B' * 9}") == frozenset()


def test_a_file_with_very_many_serial_numbers_is_not_of_one_environment() -> None:
    many = " / ".join(f"{SERIAL[:-7]}{number // 1000:03}-{number % 1000:03}" for number in range(1001))
    with pytest.raises(NotOneEnvironment):
        serials_in(many)


@pytest.mark.parametrize(
    "part", ["A1B-", "A1B", "A1B ", "A1B-A1B-A1B-A1B-A1B-A1B-A1B-", "-", "AAA-" * 7 + "AA "]
)
def test_a_large_text_is_looked_through_in_little_time(part: str) -> None:
    text = part * (2_000_000 // len(part))
    begun = time.process_time()
    serials_in(text)
    assert time.process_time() - begun < 5
