"""What comes in over HTTP: only what Slack signed, now, once, whole and in a shape that we know."""

import gzip
import http.client
import io
import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest

from bot.dispatch import Dispatcher
from bot.guard import MAX_BYTES, MAX_SKEW, Guard
from bot.http import HttpServer, SlackEndpoint, slack_app
from bot.metrics import Metrics
from tests.attacks.aims import ADMIN, CLICKS
from tests.attacks.conftest import Stage
from tests.attacks.payloads import by
from tests.bot.asking import FORM, JSON, SECRET, Reply, send, signed
from tests.bot.conftest import log_lines
from tests.example import WORKSPACE
from tests.handlers.forging import Forge

__all__ = ["log_lines"]

COMMAND = {
    "command": "/license",
    "team_id": WORKSPACE,
    "user_id": "U0EVA",
    "text": "slots",
    "channel_id": "D1",
    "trigger_id": "1.2.forged",
}
BODY = urlencode(COMMAND).encode()
REFUSED = "This request is not accepted."


class Door:
    """The real app behind the real guard, on a port of its own."""

    def __init__(self, staged: Stage, forge: Forge) -> None:
        self.metrics = Metrics()
        self.now = time.time()
        guard = Guard(SECRET, lambda: self.now)
        endpoint = SlackEndpoint(guard, Dispatcher(forge.app, self.metrics), self.metrics, threads=2)
        self.server = HttpServer(slack_app(endpoint, [], 2.0), "127.0.0.1", 0, name="door")
        self.staged = staged

    def knock(self, body: bytes = BODY, headers: dict[str, str] | None = None, **more: str) -> Reply:
        """One request; without `headers` one that Slack signed now."""
        given = self.signed(body) if headers is None else headers
        return send(self.server.port, body, given, **more)

    def signed(self, body: bytes = BODY, late: float = 0.0, kind: str = FORM) -> dict[str, str]:
        """The headers that Slack sent with a body this many seconds ago."""
        return signed(body, at=self.now - late, kind=kind)


@pytest.fixture
def door(staged: Stage, stage_door: Forge) -> Iterator[Door]:
    opened = Door(staged, stage_door)
    opened.server.start()
    yield opened
    assert opened.server.stop(5.0)


@pytest.fixture
def shut(door: Door) -> Iterator[Door]:
    """A door behind which nothing may happen, and at which nothing may be told."""
    before = door.staged.state()
    yield door
    assert door.staged.state() == before


def turned_away(reply: Reply, status: int = 401) -> bool:
    return (reply.status, reply.body) == (status, REFUSED)


def test_what_slack_signed_comes_in(door: Door) -> None:
    assert "slots are free" in door.knock().body


def test_an_unsigned_command_is_turned_away(shut: Door) -> None:
    assert turned_away(shut.knock(headers={"Content-Type": FORM}))


def test_a_command_signed_with_a_guessed_secret_is_turned_away(shut: Door) -> None:
    assert turned_away(shut.knock(headers=signed(BODY, at=shut.now, secret="guessed")))


def test_a_command_signed_with_no_secret_at_all_is_turned_away(shut: Door) -> None:
    assert turned_away(shut.knock(headers=signed(BODY, at=shut.now, secret="")))


def test_another_persons_id_in_a_signed_command_is_turned_away(shut: Door) -> None:
    assert turned_away(shut.knock(BODY.replace(b"U0EVA", b"U0TOM"), shut.signed()))


def test_a_later_time_beside_an_old_signature_is_turned_away(shut: Door) -> None:
    headers = shut.signed(late=MAX_SKEW + 60) | {"X-Slack-Request-Timestamp": f"{shut.now:.0f}"}
    assert turned_away(shut.knock(headers=headers))


def test_a_signed_command_of_yesterday_is_turned_away(shut: Door) -> None:
    assert turned_away(shut.knock(headers=shut.signed(late=86_400)))


def test_a_command_signed_for_tomorrow_is_turned_away(shut: Door) -> None:
    assert turned_away(shut.knock(headers=shut.signed(late=-86_400)))


def test_a_click_that_is_sent_again_as_it_was_is_turned_away(door: Door) -> None:
    payload = by(CLICKS["request.forward"].payload(door.staged.acme), ADMIN)
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = door.signed(body)
    assert door.knock(body, headers).status == 200
    after = door.staged.state()
    assert turned_away(door.knock(body, headers))
    assert door.staged.state() == after


def test_a_click_that_is_sent_again_to_another_process_changes_nothing_more(
    door: Door, stage_door: Forge
) -> None:
    payload = by(CLICKS["request.forward"].payload(door.staged.acme), ADMIN)
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = door.signed(body)
    another = Door(door.staged, stage_door)
    another.now = door.now
    another.server.start()
    assert door.knock(body, headers).status == 200
    after = door.staged.state()
    assert another.knock(body, headers).status == 200
    assert door.staged.state() == after
    assert another.server.stop(5.0)


def test_a_signature_written_in_another_case_is_no_second_one(door: Door) -> None:
    headers = door.signed()
    assert door.knock(headers=headers).status == 200
    assert turned_away(
        door.knock(headers=headers | {"X-Slack-Signature": headers["X-Slack-Signature"].upper()})
    )


def test_a_time_written_with_a_zero_before_it_is_no_second_one(door: Door) -> None:
    headers = door.signed()
    assert door.knock(headers=headers).status == 200
    stamp = headers["X-Slack-Request-Timestamp"]
    assert turned_away(door.knock(headers=headers | {"X-Slack-Request-Timestamp": f"0{stamp}"}))


@pytest.mark.parametrize("body", [b"ssl_check=1", b"ssl_check=1&" + BODY], ids=["alone", "before a command"])
def test_an_unsigned_ssl_check_is_no_way_around_the_signature(shut: Door, body: bytes) -> None:
    assert turned_away(shut.knock(body, {"Content-Type": FORM}))


def test_a_signed_ssl_check_is_no_command(shut: Door) -> None:
    assert turned_away(shut.knock(b"ssl_check=1"), 400)


def test_an_unsigned_challenge_is_not_answered(shut: Door) -> None:
    body = b'{"type": "url_verification", "challenge": "canary"}'
    assert turned_away(shut.knock(body, {"Content-Type": JSON}))


def test_a_retry_that_says_so_needs_a_signature_too(shut: Door) -> None:
    headers = {"Content-Type": FORM, "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert turned_away(shut.knock(headers=headers))


def test_a_huge_body_is_turned_away_before_it_is_read(shut: Door) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shut.server.port, timeout=10)
    connection.putrequest("POST", "/slack/events")
    connection.putheader("Content-Length", "999999999999")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_that_says_it_is_small_and_is_not_is_no_command(shut: Door) -> None:
    headers = shut.signed() | {"Content-Length": "10"}
    assert shut.knock(headers=headers).status in {400, 401}


def test_a_negative_length_is_turned_away(shut: Door) -> None:
    assert shut.knock(headers=shut.signed() | {"Content-Length": "-1"}).status in {400, 413}


def test_a_compressed_body_is_not_unpacked(shut: Door) -> None:
    bomb = gzip.compress(BODY + b"&padding=" + b"x" * (50 * MAX_BYTES))
    assert len(bomb) < MAX_BYTES
    headers = shut.signed(bomb) | {"Content-Encoding": "gzip"}
    assert turned_away(shut.knock(bomb, headers), 400)


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/xml", "text/x-www-form-urlencoded"]
)
def test_a_body_of_another_kind_is_turned_away(shut: Door, kind: str) -> None:
    assert turned_away(shut.knock(headers=shut.signed(kind=kind)), 400)


def test_a_command_inside_json_that_is_too_deep_is_turned_away(shut: Door) -> None:
    body = b'{"type": "event_callback", "event": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert turned_away(shut.knock(body, shut.signed(body, kind=JSON)), 400)


def test_a_name_that_is_there_twice_means_the_same_to_the_guard_and_to_the_app(shut: Door) -> None:
    body = BODY + b"&user_id=U0OTTO"
    assert "Acme" not in shut.knock(body).body


def test_a_secret_in_the_address_is_no_signature(shut: Door) -> None:
    headers = shut.signed()
    address = urlencode({name.lower(): value for name, value in headers.items()})
    assert turned_away(shut.knock(headers={"Content-Type": FORM}, path=f"/slack/events?{address}"))


@pytest.mark.parametrize("path", ["/metrics", "/live", "/ready", "/", "/slack/events/../../metrics"])
def test_health_and_metrics_are_not_served_where_slack_comes_in(shut: Door, path: str) -> None:
    assert shut.knock(b"", {}, method="GET", path=path).status == 404


def test_forwarded_headers_make_nobody_trusted(shut: Door) -> None:
    headers = {"Content-Type": FORM, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    assert turned_away(shut.knock(headers=headers))


def test_what_is_turned_away_is_not_logged(shut: Door, log_lines: Callable[..., io.StringIO]) -> None:
    stream = log_lines(log_level="debug")
    shut.knock(BODY.replace(b"slots", b"canary"), shut.signed() | {"X-Canary": "canary"})
    assert "A request was turned away" in stream.getvalue()
    assert "canary" not in stream.getvalue()


def test_a_clock_that_is_wrong_is_told_in_words_only_where_the_signature_is_right(
    shut: Door, log_lines: Callable[..., io.StringIO]
) -> None:
    stream = log_lines(log_level="debug")
    shut.knock(headers=signed(BODY, at=shut.now - 3_600, secret="guessed"))
    assert "clock" not in stream.getvalue()
    shut.knock(headers=shut.signed(late=3_600))
    assert "this machine's clock is 3600 seconds ahead of Slack's" in stream.getvalue()
