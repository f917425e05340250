"""Calls to Slack: each outcome has the error that says what may be done next."""

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from bot.slack_calls import AnswerLost, CallFailed, NotDone, RateLimited, Refused, SlackCalls

Answer = tuple[int, dict[str, str], bytes]


class Server:
    """An HTTP server that gives the prepared answers, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer | None] = []
        self.seen: list[tuple[str, bytes]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.seen.append((self.path, body))
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                if answer is None:
                    time.sleep(1.5)
                    return
                status, headers, content = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/"
        self._thread = Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def outcomes() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def slack(server: Server, outcomes: list[tuple[str, str]]) -> SlackCalls:
    return SlackCalls(
        "xoxb-secret",
        server.url,
        on_call=lambda method, outcome, _: outcomes.append((method, outcome)),
        timeout=1,
    )


def said(content: object, status: int = 200, **headers: str) -> Answer:
    return (
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        json.dumps(content).encode(),
    )


def failure(act: Callable[[], object]) -> CallFailed:
    with pytest.raises(CallFailed) as raised:
        act()
    return raised.value


def test_an_answer_is_given_as_it_is_and_structures_are_sent_as_json(
    server: Server, slack: SlackCalls
) -> None:
    server.answers = [said({"ok": True, "ts": "1.2"})]
    assert (
        slack.call("chat.postMessage", channel="C1", blocks=[{"type": "divider"}], thread_ts=None)["ts"]
        == "1.2"
    )
    [(path, body)] = server.seen
    sent = parse_qs(body.decode())
    assert path == "/chat.postMessage"
    assert sent == {"channel": ["C1"], "blocks": ['[{"type": "divider"}]']}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (said({"ok": False, "error": "channel_not_found"}), Refused, "channel_not_found"),
        (said({"ok": False, "error": "a_code_of_tomorrow"}), Refused, "a_code_of_tomorrow"),
        (said({"ok": False, "error": "internal_error"}), AnswerLost, "internal_error"),
        (said({"ok": False, "error": "token_revoked"}), NotDone, "token_revoked"),
        (said({}, 503), AnswerLost, "http_503"),
        ((502, {}, b"<html>"), AnswerLost, "http_502"),
        ((200, {}, b"<html>xoxb-secret</html>"), AnswerLost, "garbage"),
        ((200, {}, b"[]"), AnswerLost, "garbage"),
        ((200, {}, b"7"), AnswerLost, "garbage"),
        ((200, {}, b"null"), AnswerLost, "garbage"),
        ((200, {}, b""), AnswerLost, "garbage"),
        ((200, {}, b"\xff\xfe"), AnswerLost, "garbage"),
        (None, AnswerLost, "no_answer"),
    ],
    ids=str,
)
def test_each_way_to_fail_is_told_apart(
    server: Server, slack: SlackCalls, answer: Answer | None, kind: type[CallFailed], code: str
) -> None:
    server.answers = [answer]
    failed = failure(lambda: slack.call("chat.update"))
    assert (type(failed), failed.code) == (kind, code)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "7"}, 7), ({"retry-after": "7"}, 7), ({"Retry-After": "soon"}, 30), ({}, 30)],
)
def test_the_seconds_of_retry_after_are_taken_whatever_its_shape(
    server: Server, slack: SlackCalls, headers: dict[str, str], seconds: float
) -> None:
    server.answers = [(429, headers, b'{"ok": false, "error": "ratelimited"}')]
    failed = failure(lambda: slack.call("chat.update"))
    assert isinstance(failed, RateLimited)
    assert failed.seconds == seconds


def test_slack_is_not_called_again_before_it_wants_to(
    server: Server, outcomes: list[tuple[str, str]]
) -> None:
    now = 100.0
    slack = SlackCalls("xoxb-secret", server.url, monotonic=lambda: now)
    server.answers = [(429, {"Retry-After": "7"}, b"{}"), said({"ok": True})]
    failure(lambda: slack.call("chat.postMessage", channel="C1"))
    now += 6
    failed = failure(lambda: slack.call("chat.postMessage", channel="C1"))
    assert isinstance(failed, RateLimited)
    assert failed.seconds == pytest.approx(1)
    assert slack.call("chat.postMessage", channel="C2")["ok"]
    assert slack.call("chat.update", channel="C1")["ok"]
    now += 1
    assert slack.call("chat.postMessage", channel="C1")["ok"]
    assert len(server.seen) == 4


def test_without_a_connection_nothing_was_done() -> None:
    failed = failure(lambda: SlackCalls("xoxb-secret", "http://127.0.0.1:9/").call("chat.postMessage"))
    assert (type(failed), failed.code) == (NotDone, "no_connection")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((500, {}, b""), AnswerLost),
        ((404, {}, b""), NotDone),
        ((429, {"Retry-After": "3"}, b""), RateLimited),
        (None, AnswerLost),
    ],
    ids=str,
)
def test_an_upload_that_fails_may_be_begun_anew(
    server: Server, slack: SlackCalls, answer: Answer | None, kind: type[CallFailed]
) -> None:
    server.answers = [answer]
    assert type(failure(lambda: slack.upload(server.url + "upload", b"bytes"))) is kind


def test_an_upload_sends_the_bytes_as_they_are(server: Server, slack: SlackCalls) -> None:
    server.answers = [(200, {}, b"OK")]
    slack.upload(server.url + "upload", b"\x00bytes\xff")
    assert server.seen == [("/upload", b"\x00bytes\xff")]


def test_bytes_go_to_no_address_but_http(slack: SlackCalls) -> None:
    assert isinstance(failure(lambda: slack.upload("file:///etc/passwd", b"bytes")), Refused)


def test_each_call_is_counted_with_its_outcome(
    server: Server, slack: SlackCalls, outcomes: list[tuple[str, str]]
) -> None:
    server.answers = [said({"ok": True}), said({"ok": False, "error": "not_in_channel"}), said({}, 503)]
    slack.call("auth.test")
    failure(lambda: slack.call("chat.update"))
    assert not slack.answers()
    assert outcomes == [("auth.test", "ok"), ("chat.update", "not_in_channel"), ("auth.test", "no_answer")]


def test_neither_token_nor_body_stands_in_an_error(server: Server, slack: SlackCalls) -> None:
    server.answers = [(200, {}, b"<html>xoxb-secret</html>")]
    failed = failure(lambda: slack.call("chat.postMessage", text="secret words"))
    assert "secret" not in repr(failed)
    assert "secret" not in repr(slack)
