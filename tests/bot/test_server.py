"""The whole program: both ways in, signals, exit status, and a stop that loses nothing."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.health import Finding
from bot.http import PortTaken
from bot.metrics import Metrics
from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.world import World
from bot.server import Beside, Program, Running, serve
from bot.settings import Settings
from tests.bot.asking import SECRET, bolt_app, send, signed, slash
from tests.bot.test_site import ask

ROOT = Path(__file__).parents[2]
ANA = "U0ANA"
CONFIG: dict[str, Any] = {
    "app": {"commands": ["/license"]},
    "people": [{"id": ANA, "name": "ana", "real_name": "Ana Silva", "email": "ana@example.com"}],
}
NOWHERE = "http://127.0.0.1:9/api/"
PROGRAM = """
import sys, time
from slack_bolt import Ack
from bot import logs
from bot.metrics import Metrics
from bot.server import Beside, end_process, serve
from bot.settings import load_settings
from tests.bot.asking import bolt_app

class Courier:
    def start(self): print("courier started", flush=True)
    def stop(self, seconds):
        print("courier stopped", flush=True)
        return sys.argv[1] != "unfinished"

app = bolt_app()

@app.command("/slow")
def slow(ack: Ack):
    print("listening", flush=True)
    time.sleep(60 if sys.argv[1] == "stuck" else 0.3)
    ack("at last")

settings = load_settings(None)
logs.configure(settings)
ready = lambda running: print(f"ready {running.http_port} {running.health_port}", flush=True)
end_process(serve(app, settings, Metrics(), Beside(services=[Courier()]), ready=ready))
"""


class Child:
    """The program in a process of its own."""

    def __init__(self, how: str, **settings: str) -> None:
        environment = {f"LICENSE_DESK_{name.upper()}": value for name, value in settings.items()}
        environment |= {"LICENSE_DESK_HEALTH_PORT": "0", "LICENSE_DESK_HTTP_PORT": "0"}
        environment |= {"LICENSE_DESK_SLACK_SIGNING_SECRET": SECRET, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROGRAM, how],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.http_port = self.health_port = 0

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def wait_until_ready(self) -> None:
        assert self.line() == "courier started"
        _ready, http_port, health_port = self.line().split()
        self.http_port = int(http_port) if http_port != "None" else 0
        self.health_port = int(health_port)

    def end(self, *numbers: signal.Signals) -> tuple[int, str, str]:
        """Send signals and give exit status, what is left of the output, and the log."""
        for number in numbers:
            self.process.send_signal(number)
            time.sleep(0.1)
        output, log = self.process.communicate(timeout=20)
        return self.process.returncode, output, log


@pytest.fixture
def child() -> Iterator[Callable[..., Child]]:
    children: list[Child] = []

    def start(how: str = "well", **settings: str) -> Child:
        children.append(Child(how, **settings))
        children[-1].wait_until_ready()
        return children[-1]

    yield start
    for each in children:
        each.process.kill()
        each.process.communicate()


def _settings(**more: Any) -> Settings:
    given = {
        "slack_signing_secret": SECRET,
        "slack_app_token": "xapp-sandbox-app-token",
        "health_port": 0,
        "http_port": 0,
        "stop_timeout": "5s",
        **more,
    }
    return Settings(_env_file=None, **given)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("mode", ["socket", "http"])
def test_a_signal_stops_the_program_cleanly_though_slack_is_away(
    mode: str, number: signal.Signals, child: Callable[..., Child]
) -> None:
    program = child(mode=mode, slack_api_url=NOWHERE, slack_app_token="xapp-1")
    status, output, log = program.end(number)
    assert (status, output) == (0, "courier stopped\n")
    assert "License Desk has stopped" in log
    assert "Traceback" not in log


def test_a_running_request_is_answered_before_the_program_ends(child: Callable[..., Child]) -> None:
    program = child(mode="http")
    body, replies = slash("x", command="/slow"), []
    slow = threading.Thread(target=lambda: replies.append(send(program.http_port, body, signed(body))))
    slow.start()
    assert program.line() == "listening"
    status, output, _log = program.end(signal.SIGTERM)
    slow.join()
    assert replies[0].body == "at last"
    assert (status, output) == (0, "courier stopped\n")


def test_what_does_not_finish_shows_in_the_exit_status(child: Callable[..., Child]) -> None:
    for mode in ("socket", "http"):
        program = child("unfinished", mode=mode, slack_api_url=NOWHERE, slack_app_token="xapp-1")
        status, _output, log = program.end(signal.SIGTERM)
        assert status == 1
        assert "A part of the program did not finish in time" in log


def test_a_second_signal_ends_the_program_at_once(child: Callable[..., Child]) -> None:
    program = child("stuck", mode="http", stop_timeout="60s")
    body = slash("x", command="/slow")
    slow = threading.Thread(target=_send_and_lose, args=(program.http_port, body))
    slow.start()
    assert program.line() == "listening"
    started = time.monotonic()
    status, _output, _log = program.end(signal.SIGTERM, signal.SIGTERM)
    slow.join()
    assert status == 128 + signal.SIGTERM
    assert time.monotonic() - started < 5.0


def _send_and_lose(port: int, body: bytes) -> None:
    with pytest.raises(OSError, match=r"closed|reset"):
        send(port, body, signed(body))


def test_a_stuck_listener_does_not_keep_the_process(child: Callable[..., Child]) -> None:
    program = child("stuck", mode="http", stop_timeout="1s")
    body = slash("x", command="/slow")
    slow = threading.Thread(target=_send_and_lose, args=(program.http_port, body))
    slow.start()
    assert program.line() == "listening"
    started = time.monotonic()
    status, _output, log = program.end(signal.SIGTERM)
    slow.join()
    assert status == 1
    assert '"finished": false' in log
    assert time.monotonic() - started < 5.0


def test_socket_mode_serves_and_tells_its_health() -> None:
    with Sandbox.start(World.from_config(CONFIG)) as sandbox:
        slack = SlackClient(sandbox.url)
        program = Program(bolt_app(), _settings(slack_api_url=sandbox.api_url), Metrics(), Beside())
        running = program.start()
        try:
            slack.wait_for(lambda: slack.connections() == 1)
            assert slack.command(ANA, "slots").text == "You said slots."
            reply = send(running.health_port, b"", {}, method="GET", path="/ready")
            assert reply.status == 200
            assert "Slack was last heard" in json.loads(reply.body)["checks"]["slack"]["says"]
            assert running.http_port is None
        finally:
            assert program.stop()
        assert slack.connections() == 0


def test_http_serves_what_slack_signs_and_pushes() -> None:
    with Sandbox.start(World.from_config(CONFIG)) as sandbox:
        slack = SlackClient(sandbox.url)
        settings = _settings(mode="http", slack_signing_secret=sandbox.world.app.signing_secret)
        program = Program(bolt_app(), settings, Metrics(), Beside())
        running = program.start()
        try:
            slack.set_request_url(f"http://127.0.0.1:{running.http_port}/slack/events")
            assert slack.command(ANA, "slots").text == "You said slots."
        finally:
            assert program.stop()


def test_without_slack_it_lives_but_is_not_ready() -> None:
    program = Program(bolt_app(), _settings(slack_api_url=NOWHERE), Metrics(), Beside())
    running = program.start()
    try:
        assert send(running.health_port, b"", {}, method="GET", path="/live").status == 200
        reply = send(running.health_port, b"", {}, method="GET", path="/ready")
        assert (reply.status, json.loads(reply.body)["checks"]["slack"]["says"]) == (
            503,
            "no connection to Slack; trying again",
        )
    finally:
        assert program.stop()


def test_checks_of_others_join_the_health() -> None:
    beside = Beside(checks={"courier": lambda: Finding(False, "asleep")})
    program = Program(bolt_app(), _settings(mode="http"), Metrics(), beside)
    running = program.start()
    try:
        reply = send(running.health_port, b"", {}, method="GET", path="/ready")
        assert json.loads(reply.body)["checks"] == {"courier": {"well": False, "says": "asleep"}}
    finally:
        assert program.stop()


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_whatever_is_asked_of_either_port_is_answered_with_safe_headers(
    mode: str, log_lines: Callable[..., io.StringIO]
) -> None:
    log_lines()

    def broken(_request: Request) -> Response:
        raise RuntimeError

    settings = _settings(mode=mode, slack_api_url=NOWHERE)
    program = Program(bolt_app(), settings, Metrics(), Beside(routes=[Route("/broken", broken)]))
    running = program.start()
    asked = [(running.health_port, path) for path in ("/live", "/ready", "/metrics", "/elsewhere")]
    asked += [(running.http_port or 0, path) for path in ("/broken", "/elsewhere", "/slack/events")]
    try:
        for port, path in asked:
            assert ask(port, path).is_safe, path
    finally:
        assert program.stop()


def test_a_taken_port_is_refused_with_nothing_left_running() -> None:
    first = Program(bolt_app(), _settings(mode="http"), Metrics(), Beside())
    running = first.start()
    try:
        second = Program(bolt_app(), _settings(mode="http", http_port=running.http_port), Metrics(), Beside())
        with pytest.raises(PortTaken):
            second.start()
        assert not second.alive
        assert not second._health.alive
    finally:
        assert first.stop()


def test_an_event_stops_it_as_a_signal_does() -> None:
    stop, seen = threading.Event(), list[Running]()

    def ready(running: Running) -> None:
        seen.append(running)
        stop.set()

    assert serve(bolt_app(), _settings(mode="http"), Metrics(), Beside(), stop=stop, ready=ready) == 0
    assert seen[0].http_port
