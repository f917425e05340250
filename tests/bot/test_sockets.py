"""Socket Mode against a real socket: answers, watchdog, exchange, stop."""

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient
from websockets.utils import accept_key

from bot.dispatch import Dispatcher
from bot.logs import slack_logger
from bot.metrics import Metrics
from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.world import World
from bot.socket_client import WholeSocket
from bot.sockets import LONGEST_PAUSE, SocketMode, backoff
from tests.bot.asking import bolt_app

ANA = "U0ANA"
APP_TOKEN = "xapp-sandbox-app-token"
CONFIG: dict[str, Any] = {
    "app": {"commands": ["/license", "/slow"]},
    "people": [{"id": ANA, "name": "ana", "real_name": "Ana Silva", "email": "ana@example.com"}],
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(World.from_config(CONFIG)) as sandbox:
        yield sandbox


@pytest.fixture
def slack(sandbox: Sandbox) -> SlackClient:
    return SlackClient(sandbox.url)


def _web(api_url: str) -> WebClient:
    return WebClient(base_url=api_url, logger=slack_logger(), retry_handlers=[], timeout=5)


def _service(app: App, api_url: str, metrics: Metrics | None = None, **times: float) -> SocketMode:
    metrics = metrics or Metrics()
    return SocketMode(Dispatcher(app, metrics).answer, APP_TOKEN, _web(api_url), metrics, **times)


@pytest.fixture
def app() -> App:
    return bolt_app()


@pytest.fixture
def service(app: App, sandbox: Sandbox, slack: SlackClient) -> Iterator[SocketMode]:
    service = _service(app, sandbox.api_url, ping_interval=0.2, deaf_after=1.0)
    service.start()
    slack.wait_for(lambda: slack.connections() == 1)
    yield service
    service.stop(5.0)


def test_a_command_is_answered_in_the_ack(service: SocketMode, slack: SlackClient) -> None:
    answer = slack.command(ANA, "slots")
    assert (answer.ok, answer.text) == (True, "You said slots.")


def test_words_of_the_error_map_reach_the_person(service: SocketMode, app: App, slack: SlackClient) -> None:
    @app.command("/slow")
    def fail() -> None:
        raise ValueError("canary")

    app.error(lambda: BoltResponse(status=200, body="Something went wrong; nothing has changed."))
    answer = slack.command(ANA, "x", command="/slow")
    assert (answer.ok, answer.text) == (True, "Something went wrong; nothing has changed.")


def test_an_event_that_nobody_hears_is_acked(service: SocketMode, slack: SlackClient) -> None:
    assert slack.event({"type": "team_join", "user": {"id": ANA}}).ok


def test_an_event_that_was_left_to_slack_is_sent_again(
    service: SocketMode, app: App, slack: SlackClient
) -> None:
    heard = []

    @app.event("team_join")
    def hear(ack: Ack) -> BoltResponse | None:
        heard.append("team_join")
        if len(heard) == 1:
            return BoltResponse(status=503)
        ack()
        return None

    slack.weather(ack=0.3)
    slack.add_person(id="U0NEW", name="new")
    slack.wait_for(lambda: len(heard) == 2)


def test_an_answer_larger_than_the_socket_takes_at_once_arrives_whole(
    service: SocketMode, app: App, slack: SlackClient
) -> None:
    @app.command("/slow")
    def much(ack: Ack) -> None:
        ack("x" * 200_000)

    for _ in range(5):
        assert slack.command(ANA, "x", command="/slow").text == "x" * 200_000
    assert slack.command(ANA, "slots").text == "You said slots."


def test_a_send_is_whole_even_when_the_socket_takes_little_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        sent = ours.send(b"x" * 4_000_000)
        assert sent < 4_000_000
        theirs.recv(sent, socket.MSG_WAITALL)
        received: list[int] = []
        reader = threading.Thread(
            target=lambda: received.append(len(theirs.recv(4_000_000, socket.MSG_WAITALL)))
        )
        reader.start()
        assert WholeSocket(ours).send(b"x" * 4_000_000) == 4_000_000
        reader.join()
        assert received == [4_000_000]


def test_half_a_frame_ends_the_connection() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.05)
        with pytest.raises(TimeoutError):
            WholeSocket(ours).send(b"x" * 4_000_000)
        with pytest.raises(OSError, match="Broken pipe"):
            ours.send(b"more")


def test_the_end_of_the_stream_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        with pytest.raises(ConnectionResetError):
            WholeSocket(ours).recv(100)


def test_five_slow_listeners_do_not_hold_up_a_fast_one(
    service: SocketMode, app: App, slack: SlackClient
) -> None:
    release, running = threading.Event(), threading.Semaphore(0)

    @app.command("/slow")
    def wait(ack: Ack) -> None:
        running.release()
        release.wait(10)
        ack("at last")

    slow = [threading.Thread(target=slack.command, args=(ANA, "x", "/slow")) for _ in range(5)]
    for thread in slow:
        thread.start()
    assert all(running.acquire(timeout=5) for _ in slow)
    answer = slack.command(ANA, "slots")
    release.set()
    for thread in slow:
        thread.join()
    assert answer.ok
    assert answer.seconds < 0.1


def test_a_listener_slower_than_slack_waits_is_a_time_out_and_hurts_nobody_else(
    service: SocketMode, app: App, slack: SlackClient
) -> None:
    slack.weather(ack=0.2)

    @app.command("/slow")
    def wait(ack: Ack) -> None:
        time.sleep(0.4)
        ack("too late")

    assert slack.command(ANA, "x", command="/slow").error == "operation_timeout"
    assert slack.command(ANA, "slots").ok


def test_a_cut_connection_is_replaced_within_a_second(service: SocketMode, slack: SlackClient) -> None:
    assert slack.cut_sockets() == 1
    started = time.monotonic()
    slack.wait_for(lambda: slack.connections() == 1)
    assert slack.command(ANA, "slots").text == "You said slots."
    assert time.monotonic() - started < 1.0


def test_an_announced_exchange_loses_no_answer(service: SocketMode, app: App, slack: SlackClient) -> None:
    running, release, answers = threading.Event(), threading.Event(), []

    @app.command("/slow")
    def wait(ack: Ack) -> None:
        running.set()
        release.wait(10)
        ack("at last")

    slow = threading.Thread(target=lambda: answers.append(slack.command(ANA, "x", "/slow")))
    slow.start()
    assert running.wait(5)
    assert slack.warn_sockets() == 1
    slack.wait_for(lambda: slack.connections() == 2)
    release.set()
    slow.join()
    assert answers[0].text == "at last"
    slack.wait_for(lambda: slack.connections() == 1)
    assert slack.command(ANA, "slots").text == "You said slots."


def test_the_age_of_the_last_pong_is_known(service: SocketMode, slack: SlackClient) -> None:
    slack.wait_for(lambda: (service.pong_age() or 9.0) < 0.5)
    slack.weather(refuse_sockets=True)
    slack.cut_sockets()
    slack.wait_for(lambda: service.pong_age() is None)


class DeafSlack:
    """Takes connections, says hello, and then neither hears nor says anything: a cut that nobody announces."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.taken = 0
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/api/"

    def _serve(self) -> None:
        while True:
            try:
                taken, _ = self.listener.accept()
            except OSError:
                return
            self._answer(taken, taken.recv(65536).decode())

    def _answer(self, taken: socket.socket, request: str) -> None:
        if request.startswith("POST "):
            body = b'{"ok": true, "url": "ws://127.0.0.1:%d/?ticket=x"}' % self.listener.getsockname()[1]
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
            taken.sendall(head + body)
            taken.close()
        else:
            self.taken += 1
            self._held.append(taken)
            taken.sendall(_handshake(request))

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._thread.join(5)
        for held in self._held:
            held.close()


def _handshake(request: str) -> bytes:
    key = request.split("Sec-WebSocket-Key: ")[1].split("\r\n")[0].strip()
    accept = accept_key(key).encode()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


@pytest.fixture
def deaf_slack() -> Iterator[DeafSlack]:
    slack = DeafSlack()
    yield slack
    slack.close()


def _until(predicate: Callable[[], object], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not predicate():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_connection_that_went_deaf_is_given_up_though_it_looks_open(
    app: App, deaf_slack: DeafSlack
) -> None:
    service = _service(app, deaf_slack.url, ping_interval=0.1, deaf_after=0.3)
    service.start()
    _until(lambda: deaf_slack.taken >= 2)
    assert service.stop(1.0)


def test_starting_needs_no_slack_and_connects_when_it_is_there(app: App) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = _service(app, f"http://127.0.0.1:{port}/api/")
    started = time.monotonic()
    service.start()
    assert time.monotonic() - started < 0.5
    assert service.pong_age() is None
    with Sandbox.start(World.from_config(CONFIG), port=port) as sandbox:
        slack = SlackClient(sandbox.url)
        slack.wait_for(lambda: slack.connections() == 1, seconds=10.0)
        assert slack.command(ANA, "slots").text == "You said slots."
        assert service.stop(5.0)


def test_a_wrong_app_token_is_said_in_words_and_not_shown(
    app: App, sandbox: Sandbox, log_lines: Callable[..., io.StringIO]
) -> None:
    stream, metrics = log_lines(), Metrics()
    service = SocketMode(app.dispatch, "xapp-canary", _web(sandbox.api_url), metrics)
    service.start()
    _until(lambda: "check LICENSE_DESK_SLACK_APP_TOKEN" in stream.getvalue())
    assert service.stop(1.0)
    assert "canary" not in stream.getvalue()


def test_slacks_wish_to_wait_is_obeyed(app: App, sandbox: Sandbox, slack: SlackClient) -> None:
    slack.weather(fault="ratelimited", method="apps.connections.open", calls=1, retry_after=2)
    service = _service(app, sandbox.api_url)
    started = time.monotonic()
    service.start()
    slack.wait_for(lambda: slack.connections() == 1)
    assert time.monotonic() - started >= 2.0
    assert service.stop(5.0)


def test_the_number_of_connections_is_logged_and_a_second_one_warned_of(
    app: App, service: SocketMode, sandbox: Sandbox, log_lines: Callable[..., io.StringIO]
) -> None:
    stream, metrics = log_lines(log_format="json"), Metrics()
    second = _service(app, sandbox.api_url, metrics)
    second.start()
    _until(lambda: "another program uses the same app token" in stream.getvalue())
    assert '"connections": 2' in stream.getvalue()
    assert b"license_desk_slack_connections 2.0" in metrics.page()
    assert second.stop(5.0)


def test_a_stop_lets_a_running_listener_answer_before_the_socket_closes(
    service: SocketMode, app: App, slack: SlackClient
) -> None:
    running, answers = threading.Event(), []

    @app.command("/slow")
    def wait(ack: Ack) -> None:
        running.set()
        time.sleep(0.3)
        ack("at last")

    slow = threading.Thread(target=lambda: answers.append(slack.command(ANA, "x", "/slow")))
    slow.start()
    assert running.wait(5)
    assert service.stop(5.0)
    slow.join()
    assert answers[0].text == "at last"
    slack.wait_for(lambda: slack.connections() == 0)
    assert not service.alive


def test_after_the_stop_began_nothing_new_is_taken(service: SocketMode, app: App, slack: SlackClient) -> None:
    running, release, heard = threading.Event(), threading.Event(), []

    @app.command("/slow")
    def wait(ack: Ack, command: dict[str, str]) -> None:
        heard.append(command["text"])
        running.set()
        release.wait(10)
        ack("at last")

    first = threading.Thread(target=slack.command, args=(ANA, "first", "/slow"))
    first.start()
    assert running.wait(5)
    stop = threading.Thread(target=service.stop, args=(5.0,))
    stop.start()
    _until(lambda: service._work._closed)
    slack.weather(ack=0.3)
    late = slack.command(ANA, "second", command="/slow")
    release.set()
    stop.join()
    first.join()
    assert not late.ok
    assert heard == ["first"]


def test_a_stop_does_not_wait_for_ever_and_tells_of_the_lost_answer(
    service: SocketMode, app: App, slack: SlackClient, log_lines: Callable[..., io.StringIO]
) -> None:
    stream, running, release = log_lines(), threading.Event(), threading.Event()

    @app.command("/slow")
    def wait(ack: Ack) -> None:
        running.set()
        release.wait(10)
        ack("too late")

    slow = threading.Thread(target=slack.command, args=(ANA, "x", "/slow"))
    slow.start()
    assert running.wait(5)
    started = time.monotonic()
    assert not service.stop(0.2)
    assert time.monotonic() - started < 2.0
    release.set()
    slow.join()
    _until(lambda: "An answer could not be sent: the connection has ended" in stream.getvalue())


def test_no_thread_is_left_after_a_stop(service: SocketMode, slack: SlackClient) -> None:
    before = {thread.name for thread in threading.enumerate()}
    assert service.stop(5.0)
    _until(lambda: "socket-watchdog" not in {thread.name for thread in threading.enumerate()})
    assert "socket-watchdog" in before


def test_pauses_grow_to_a_bound_and_differ() -> None:
    assert backoff(0) == 0.0
    assert all(0.25 <= backoff(1) <= 0.5 for _ in range(100))
    assert all(LONGEST_PAUSE / 2 <= backoff(1000) <= LONGEST_PAUSE for _ in range(100))
    assert len({backoff(5) for _ in range(10)}) > 1
