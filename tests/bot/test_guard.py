"""The guard: what Slack did not sign, in time, once, and in a shape we know, goes no further."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from bot import guard as guards
from bot.guard import Guard, Rejected
from tests.bot.asking import FORM, JSON, SECRET, signed, slash

NOW = 1_790_000_000.0


def _raw(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    return {name.lower().encode(): value.encode("latin-1") for name, value in headers.items()}


def _check(guard: Guard, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    return guard.check(_raw(headers), body)


@pytest.fixture
def guard() -> Guard:
    return Guard(SECRET, lambda: NOW)


def test_a_signed_command_passes_as_its_form(guard: Guard) -> None:
    body = slash("slots für Qualität")
    assert _check(guard, body, signed(body, at=NOW))["text"] == "slots für Qualität"


def test_a_signed_interaction_passes_as_its_payload(guard: Guard) -> None:
    body = urlencode({"payload": json.dumps({"type": "block_actions"})}).encode()
    assert _check(guard, body, signed(body, at=NOW)) == {"type": "block_actions"}


def test_a_signed_event_passes_as_its_object(guard: Guard) -> None:
    body = b'{"type": "event_callback"}'
    assert _check(guard, body, signed(body, at=NOW, kind=f"{JSON}; charset=utf-8")) == {
        "type": "event_callback"
    }


def test_slacks_own_example_passes() -> None:
    # The worked example of Slack's page "Verifying requests from Slack": secret, time, body and signature.
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = {
        "content-type": FORM,
        "x-slack-request-timestamp": "1531420618",
        "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }
    guard = Guard("8f742231b10e8888abcd99yyyzzz85a5", lambda: 1531420618.0)
    assert _check(guard, body, headers)["command"] == "/webhook-collect"


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
@pytest.mark.parametrize("body", [slash("slots"), b"ssl_check=1&token=x", b"{broken", b""])
def test_without_a_signature_nothing_passes(body: bytes, missing: str, guard: Guard) -> None:
    headers = signed(body, at=NOW)
    del headers[missing]
    with pytest.raises(Rejected) as rejected:
        _check(guard, body, headers)
    assert (rejected.value.status, rejected.value.cause) == (401, "unsigned")


@pytest.mark.parametrize(
    "stamp", ["", "soon", "1e9", "-1790000000", "1790000000.0", "١٧٩٠٠٠٠٠٠٠", "9" * 13, "nan"]
)
def test_a_timestamp_that_is_no_number_is_malformed(stamp: str, guard: Guard) -> None:
    body = slash("slots")
    headers = _raw(signed(body, at=NOW)) | {b"x-slack-request-timestamp": stamp.encode()}
    with pytest.raises(Rejected) as rejected:
        guard.check(headers, body)
    assert (rejected.value.status, rejected.value.cause) == (401, "malformed")


@pytest.mark.parametrize(
    "signature", ["", "v0=", "v0=" + "0" * 63, "v1=" + "0" * 64, "v0=" + "G" * 64, "v0=ü"]
)
def test_a_signature_of_another_form_is_malformed(signature: str, guard: Guard) -> None:
    body = slash("slots")
    with pytest.raises(Rejected) as rejected:
        _check(guard, body, signed(body, at=NOW) | {"X-Slack-Signature": signature})
    assert (rejected.value.status, rejected.value.cause) == (401, "malformed")


def test_one_changed_byte_of_the_body_is_a_mismatch(guard: Guard) -> None:
    body = slash("slots")
    with pytest.raises(Rejected) as rejected:
        _check(guard, body.replace(b"slots", b"slotz"), signed(body, at=NOW))
    assert (rejected.value.status, rejected.value.cause) == (401, "mismatch")


def test_another_secret_is_a_mismatch(guard: Guard) -> None:
    body = slash("slots")
    with pytest.raises(Rejected) as rejected:
        _check(guard, body, signed(body, at=NOW, secret="another"))
    assert (rejected.value.status, rejected.value.cause) == (401, "mismatch")


@pytest.mark.parametrize("skew", [-300, 300])
def test_five_minutes_of_skew_pass(skew: int, guard: Guard) -> None:
    body = slash("slots")
    assert _check(guard, body, signed(body, at=NOW + skew))


@pytest.mark.parametrize(
    ("skew", "words"),
    [(-301, "clock is 301 seconds ahead of Slack's"), (301, "clock is 301 seconds behind Slack's")],
)
def test_more_skew_is_stale_and_the_clock_is_named(skew: int, words: str, guard: Guard) -> None:
    body = slash("slots")
    with pytest.raises(Rejected) as rejected:
        _check(guard, body, signed(body, at=NOW + skew))
    assert (rejected.value.status, rejected.value.cause) == (401, "stale")
    assert words in rejected.value.words


def test_the_same_signature_passes_once(guard: Guard) -> None:
    body = slash("slots")
    headers = signed(body, at=NOW)
    _check(guard, body, headers)
    with pytest.raises(Rejected) as rejected:
        _check(guard, body, headers)
    assert (rejected.value.status, rejected.value.cause) == (401, "repeated")


def test_a_signature_is_remembered_for_as_long_as_its_timestamp_is_good() -> None:
    now = [NOW]
    guard = Guard(SECRET, lambda: now[0])
    body = slash("slots")
    from_ahead = signed(body, at=NOW + 300)
    _check(guard, body, from_ahead)
    now[0] = NOW + 600
    with pytest.raises(Rejected, match="came before"):
        _check(guard, body, from_ahead)


def test_signatures_past_their_time_are_forgotten() -> None:
    now = [NOW]
    guard = Guard(SECRET, lambda: now[0])
    for _ in range(20):
        body = slash("slots")
        _check(guard, body, signed(body, at=now[0]))
        now[0] += 100
    assert len(guard._seen) == 4


def test_no_more_signatures_are_remembered_than_the_bound(
    monkeypatch: pytest.MonkeyPatch, guard: Guard
) -> None:
    monkeypatch.setattr(guards, "MAX_REMEMBERED", 5)
    for _ in range(20):
        body = slash("slots")
        _check(guard, body, signed(body, at=NOW))
    assert len(guard._seen) == 5


def test_a_forged_request_is_not_remembered(guard: Guard) -> None:
    body = slash("slots")
    with pytest.raises(Rejected):
        _check(guard, body, signed(body, at=NOW, secret="another"))
    assert not guard._seen


BROKEN = [
    (b"{", JSON, "half an object"),
    (b"[]", JSON, "a list"),
    (b"null", JSON, "nothing"),
    (b'"text"', JSON, "a text"),
    (b"", JSON, "empty"),
    (b"[" * 100_000, JSON, "too deep"),
    (b'{"n": ' + b"9" * 5000 + b"}", JSON, "too long a number"),
    (b'{"text": "\\ud800"}', JSON, "half a character pair"),
    (b'{"\\uDFFF": 1}', JSON, "half a character pair in a name"),
    (b"\xff\xfe", JSON, "not UTF-8"),
    (b"payload=%7B", FORM, "a payload with half an object"),
    (b"payload=%5B%5D", FORM, "a payload with a list"),
    (b"payload=", FORM, "an empty payload"),
    (b"text=slots", FORM, "neither payload nor command"),
    (b"command=", FORM, "an empty command"),
    (b"ssl_check=1", FORM, "a check of the certificate"),
    (b"command=%2Flicense&text=%ff", FORM, "an escape that is not UTF-8"),
    (b"", FORM, "empty"),
    (b"{}", "text/plain", "another kind"),
    (b"{}", "", "no kind"),
    (b"{}", FORM, "an object that says it is a form"),
]


@pytest.mark.parametrize(("body", "kind"), [row[:2] for row in BROKEN], ids=[row[2] for row in BROKEN])
def test_a_signed_but_broken_body_is_refused_without_being_repeated(
    body: bytes, kind: str, guard: Guard
) -> None:
    with pytest.raises(Rejected) as rejected:
        _check(guard, body, signed(body, at=NOW, kind=kind))
    assert (rejected.value.status, rejected.value.cause) == (400, "broken")
    assert rejected.value.__cause__ is None


def test_whole_character_pairs_pass(guard: Guard) -> None:
    body = b'{"text": "\\ud83d\\ude00"}'
    assert _check(guard, body, signed(body, at=NOW, kind=JSON)) == {"text": "😀"}


def test_the_representation_shows_no_secret(guard: Guard) -> None:
    assert SECRET not in repr(guard)
