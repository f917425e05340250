"""HTTP: the real server, the real Bolt app, real connections."""

import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.dispatch import BadPayload, Dispatcher, to_bolt
from bot.guard import MAX_BYTES, Guard
from bot.http import HttpServer, PortTaken, SlackEndpoint, slack_app
from bot.metrics import Metrics
from store.database import Database
from tests.bot.asking import JSON, SECRET, bolt_app, send, signed, slash


class Recorder:
    """A service that notes what happens to it."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def start(self) -> None:
        self.events.append("started")

    def stop(self, seconds: float) -> bool:
        self.events.append(f"stopped within {seconds:.1f}")
        return True


def hello(_request: Request) -> Response:
    return PlainTextResponse("hello")


class Desk:
    """A server with a Bolt app behind the guard."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.metrics = Metrics()
        self.service = Recorder()
        dispatcher = Dispatcher(app, self.metrics, {"slots"}, lambda body: body.get("text") == "slots")
        guard = Guard(SECRET, time.time)
        endpoint = SlackEndpoint(guard, dispatcher, self.metrics, threads=8, body_seconds=0.5)
        site = slack_app(endpoint, [self.service], 3.0, [Route("/hello", hello)])
        self.server = HttpServer(site, "127.0.0.1", 0, name="http")

    @property
    def port(self) -> int:
        return self.server.port


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk(bolt_app())
    desk.server.start()
    yield desk
    assert desk.server.stop(5.0)


def test_a_command_is_answered_in_the_ack(desk: Desk) -> None:
    body = slash("slots")
    reply = send(desk.port, body, signed(body))
    assert (reply.status, reply.body) == (200, "You said slots.")


def test_an_object_is_answered_as_json(desk: Desk) -> None:
    @desk.app.view("register")
    def refuse(ack: Ack) -> None:
        ack(response_action="errors", errors={"serial": "Too short."})

    view = {"type": "modal", "callback_id": "register"}
    body = urlencode({"payload": json.dumps({"type": "view_submission", "view": view})}).encode()
    reply = send(desk.port, body, signed(body))
    assert json.loads(reply.body) == {"response_action": "errors", "errors": {"serial": "Too short."}}


def test_slacks_check_of_the_address_is_answered(desk: Desk) -> None:
    body = b'{"type": "url_verification", "challenge": "abc"}'
    assert json.loads(send(desk.port, body, signed(body, kind=JSON)).body) == {"challenge": "abc"}


def test_an_event_that_nobody_hears_is_answered_all_the_same(desk: Desk) -> None:
    body = b'{"type": "event_callback", "event": {"type": "reaction_added"}}'
    assert send(desk.port, body, signed(body, kind=JSON)).status == 200


def test_retry_headers_are_passed_on(desk: Desk) -> None:
    seen: list[object] = []

    @desk.app.event("team_join")
    def note(request: BoltRequest) -> None:
        seen.append((request.headers["x-slack-retry-num"], request.headers["x-slack-retry-reason"]))

    body = b'{"type": "event_callback", "event": {"type": "team_join"}}'
    retry = {"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "http_timeout"}
    send(desk.port, body, signed(body, kind=JSON) | retry)
    assert seen == [(["2"], ["http_timeout"])]


def test_other_routes_are_served_beside(desk: Desk) -> None:
    assert send(desk.port, b"", {}, method="GET", path="/hello").body == "hello"
    assert send(desk.port, b"", {}, method="GET", path="/elsewhere").status == 404


def test_a_quick_request_is_answered_where_it_came_in_and_any_other_in_a_thread_of_the_pool(
    desk: Desk,
) -> None:
    seen: list[str] = []

    @desk.app.use
    def note(next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002 # the name is Bolt's
        seen.append(threading.current_thread().name)
        return next()

    for text in ("slots", "slots north"):
        body = slash(text)
        assert send(desk.port, body, signed(body)).body == f"You said {text}."

    assert seen[0] == "http"
    assert seen[1].startswith("listener")


def test_a_quick_request_that_would_have_to_wait_is_answered_once_in_a_thread_of_the_pool(
    desk: Desk, database: Database
) -> None:
    written: list[str] = []

    @desk.app.use
    def write(next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002 # the name is Bolt's
        with database.write():
            written.append(threading.current_thread().name)
        return next()

    body = slash("slots")
    reply = send(desk.port, body, signed(body))

    assert (reply.status, reply.body) == (200, "You said slots.")
    assert len(written) == 1
    assert written[0].startswith("listener")
    assert b'license_desk_answer_seconds_count{kind="command",name="slots",outcome="answered"} 1.0' in (
        desk.metrics.page()
    )


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_posts_are_taken(method: str, desk: Desk) -> None:
    body = slash("slots")
    assert send(desk.port, body, signed(body), method=method).status == 405


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"text=canary", {}, 401),
        (b"ssl_check=1&text=canary", {"Content-Type": "application/x-www-form-urlencoded"}, 401),
        (b'{"canary": ', {"Content-Type": "application/json"}, 401),
        (b'{"canary": ', signed(b'{"canary": ', kind=JSON), 400),
        (slash("canary"), signed(slash("other")), 401),
        (slash("canary"), signed(slash("canary"), at=1_000_000_000), 401),
        (b"canary" * 200_000, {}, 413),
    ],
    ids=["unsigned", "unsigned check", "unsigned broken", "signed broken", "tampered", "stale", "too large"],
)
def test_what_is_turned_away_is_told_without_its_body(
    body: bytes,
    headers: dict[str, str],
    status: int,
    desk: Desk,
    log_lines: Callable[..., io.StringIO],
) -> None:
    stream = log_lines(log_level="debug")
    reply = send(desk.port, body, headers)
    assert (reply.status, reply.body) == (status, "This request is not accepted.")
    assert "A request was turned away" in stream.getvalue()
    assert "canary" not in stream.getvalue()
    assert not any(value in stream.getvalue() for value in headers.values() if value.startswith("v0="))


def test_a_replay_is_turned_away_and_counted(desk: Desk) -> None:
    body = slash("slots")
    headers = signed(body)
    assert [send(desk.port, body, headers).status for _ in range(3)] == [200, 401, 401]
    assert b'license_desk_rejected_total{cause="repeated"} 2.0' in desk.metrics.page()


def test_the_limit_itself_passes_and_one_byte_more_does_not(desk: Desk) -> None:
    body = b'{"type": "url_verification", "challenge": "' + b"x" * (MAX_BYTES - 45) + b'"}'
    assert len(body) == MAX_BYTES
    assert send(desk.port, body, signed(body, kind=JSON)).status == 200
    longer = body.replace(b"xx", b"xxx", 1)
    assert send(desk.port, longer, signed(longer, kind=JSON)).status == 413


def test_a_body_of_unsaid_length_is_bounded_too(desk: Desk) -> None:
    with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as sender:
        sender.sendall(b"POST /slack/events HTTP/1.1\r\nHost: desk\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for _ in range(MAX_BYTES // 0x10000 + 1):
            sender.sendall(chunk)
        sender.sendall(b"0\r\n\r\n")
        assert sender.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come_is_not_waited_for(desk: Desk) -> None:
    with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as sender:
        sender.sendall(b"POST /slack/events HTTP/1.1\r\nHost: desk\r\nContent-Length: 10\r\n\r\nhalf")
        assert sender.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_sender_that_is_too_slow_is_hung_up_on(desk: Desk) -> None:
    with socket.create_connection(("127.0.0.1", desk.port), timeout=3) as sender:
        sender.sendall(b"POST /slack/events HTTP/1.1\r\nHost: desk\r\nContent-Length: 10\r\n\r\nhalf")
        while sender.recv(1000):
            pass


def test_five_slow_listeners_do_not_hold_up_a_fast_one(desk: Desk) -> None:
    release, running = threading.Event(), threading.Semaphore(0)

    @desk.app.command("/slow")
    def wait(ack: Ack) -> None:
        running.release()
        assert release.wait(10)
        ack("at last")

    with ThreadPoolExecutor(5) as senders:
        bodies = [slash("x", command="/slow") for _ in range(5)]
        slow = [senders.submit(send, desk.port, body, signed(body)) for body in bodies]
        assert all(running.acquire(timeout=5) for _ in slow)
        body, started = slash("slots"), time.perf_counter()
        assert send(desk.port, body, signed(body)).status == 200
        seconds = time.perf_counter() - started
        release.set()
        assert [each.result().body for each in slow] == ["at last"] * 5
    assert seconds < 0.1


def test_answers_are_timed_by_what_was_asked_and_typed_words_are_no_label(desk: Desk) -> None:
    for text in ("slots", "SLOTS now", "ana.silva", ""):
        body = slash(text)
        send(desk.port, body, signed(body))
    page = desk.metrics.page().decode()
    assert 'answer_seconds_count{kind="command",name="slots",outcome="answered"} 2.0' in page
    assert 'answer_seconds_count{kind="command",name="other",outcome="answered"} 2.0' in page
    assert "ana" not in page


SHAPES: list[object] = [None, 0, True, "", "text", [], [1], ["id"], {}, {"id": 1}, {"id": {"id": []}}]
KEYS = [
    "type", "event", "user", "team", "channel", "view", "actions", "message", "authorizations", "command",
    "text", "callback_id", "response_urls", "user_id", "team_id", "item", "function_data", "enterprise", "action",
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("kind", ["block_actions", "view_submission", "event_callback", "shortcut"])
def test_a_payload_in_a_shape_of_nobodys_never_becomes_an_error_of_ours(
    kind: str, key: str, log_lines: Callable[..., io.StringIO]
) -> None:
    log_lines()
    app = bolt_app()
    app.error(lambda: BoltResponse(status=200, body="in words"))
    dispatcher = Dispatcher(app, Metrics())
    for shape in SHAPES:
        base = {"type": kind, "view": {"type": "modal"}, "actions": [{}], "event": {"type": "message"}}
        try:
            request = to_bolt({**base, key: shape}, {})
        except BadPayload:
            continue
        assert dispatcher.answer(request).status in {200, 400, 404}


def test_a_payload_that_bolt_cannot_look_into_is_turned_away(desk: Desk) -> None:
    body = b'{"type": "event_callback", "user": 5}'
    assert send(desk.port, body, signed(body, kind=JSON)).status == 400


def test_services_start_before_and_stop_after_the_requests() -> None:
    desk = Desk(bolt_app())
    assert desk.service.events == []
    desk.server.start()
    assert desk.service.events == ["started"]
    assert desk.server.stop(5.0)
    assert desk.service.events == ["started", "stopped within 3.0"]


def test_a_running_request_is_answered_before_the_stop_and_services_wait_for_it() -> None:
    desk = Desk(bolt_app())
    running, release = threading.Event(), threading.Event()

    @desk.app.command("/slow")
    def wait(ack: Ack) -> None:
        running.set()
        assert release.wait(10)
        desk.service.events.append("answered")
        ack("at last")

    desk.server.start()
    with ThreadPoolExecutor(2) as threads:
        body = slash("x", command="/slow")
        slow = threads.submit(send, desk.port, body, signed(body))
        assert running.wait(5)
        stop = threads.submit(desk.server.stop, 10.0)
        release.set()
        assert slow.result().body == "at last"
        assert stop.result()
    assert desk.service.events == ["started", "answered", "stopped within 3.0"]


def test_a_taken_port_is_said_in_words(desk: Desk) -> None:
    second = HttpServer(PlainTextResponse("x"), "127.0.0.1", desk.port, name="http")
    with pytest.raises(PortTaken, match=f"Cannot listen on 127.0.0.1:{desk.port} .*choose another port"):
        second.start()


def test_a_service_that_does_not_start_keeps_the_server_from_starting() -> None:
    class Broken(Recorder):
        def start(self) -> None:
            raise ValueError("no database")

    endpoint = SlackEndpoint(
        Guard(SECRET, time.time), Dispatcher(bolt_app(), Metrics()), Metrics(), threads=1
    )
    first = Recorder()
    server = HttpServer(slack_app(endpoint, [first, Broken()], 1.0), "127.0.0.1", 0, name="http")
    with pytest.raises(RuntimeError, match="did not start"):
        server.start()
    assert first.events == ["started", "stopped within 0.5"]
