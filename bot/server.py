"""The running program: one way in from Slack, the services beside it, and a stop that loses nothing.

Nothing here needs Slack to be reachable. A first SIGTERM or SIGINT asks for a clean stop; a second one ends the
process at once.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NoReturn

import structlog
from slack_bolt import App, BoltRequest, BoltResponse
from starlette.routing import BaseRoute

from bot.dispatch import Dispatcher
from bot.guard import Guard
from bot.health import Check, health_app, socket_check
from bot.http import HttpServer, SlackEndpoint, slack_app
from bot.metrics import Metrics
from bot.services import Service, Services
from bot.settings import Settings
from bot.site import site
from bot.sockets import DEAF_AFTER, SocketMode
from bot.web import web_client

log = structlog.get_logger(__name__)

_SERVICES_SHARE = 0.6
"""The part of the time for a stop that the services have in mode http; the rest is for running requests."""


@dataclass(frozen=True)
class Beside:
    """What runs beside the way in, all of it optional.

    `checks` join `/ready`; `names` are the names that metrics may carry; `quick` tells of a payload that a few
    short reads answer it; without `answers` the process takes nothing from Slack; `routes` join the HTTP
    application; `clock` gives the present as Unix time in seconds.
    """

    services: Sequence[Service] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    names: Collection[str] = ()
    quick: Callable[[Mapping[str, Any]], bool] = lambda _body: False
    answers: bool = True
    routes: Sequence[BaseRoute] = ()
    clock: Callable[[], float] = time.time


@dataclass(frozen=True)
class Running:
    """Where the started program answers; `http_port` is None in mode socket."""

    http_port: int | None
    health_port: int


class Program:
    """The whole program of one process, to be started and stopped; `serve` puts signals around it."""

    def __init__(self, app: App, settings: Settings, metrics: Metrics, beside: Beside) -> None:
        self._seconds = settings.stop_timeout.total_seconds()
        self._services = Services(beside.services)
        dispatcher = Dispatcher(app, metrics, beside.names, beside.quick)
        checks = dict(beside.checks)
        self._way_in: HttpServer | SocketMode | None = None
        self._pages: HttpServer | None = None
        parts: list[Service] = [self._services]
        if beside.answers and settings.mode == "http":
            # The application's lifespan starts and stops the services.
            self._way_in = _http(settings, dispatcher, metrics, beside, self._services)
            parts = [self._way_in]
        elif beside.answers:
            self._way_in = _socket(settings, dispatcher.answer, metrics)
            checks["slack"] = socket_check(self._way_in.pong_age, DEAF_AFTER)
            parts += [*self._own_pages(settings, beside.routes), self._way_in]
        health = health_app(checks, metrics)
        self._health = HttpServer(health, settings.health_host, settings.health_port, name="health")
        self._parts = Services([self._health, *parts])

    def _own_pages(self, settings: Settings, routes: Sequence[BaseRoute]) -> list[HttpServer]:
        """A server for pages alone, where Slack needs none."""
        if routes:
            self._pages = HttpServer(site(routes), settings.http_host, settings.http_port, name="pages")
        return [self._pages] if self._pages else []

    def start(self) -> Running:
        """Start everything. Raises PortTaken, or what a service raises, with nothing left running."""
        self._parts.start()
        pages = self._way_in if self._pages is None else self._pages
        running = Running(getattr(pages, "port", None), self._health.port)
        log.info("License Desk is running", http_port=running.http_port, health_port=running.health_port)
        return running

    @property
    def alive(self) -> bool:
        """Whether the way in and the health port still run."""
        return self._health.alive and (self._way_in is None or self._way_in.alive)

    def stop(self) -> bool:
        """Stop the way in, then what runs beside it; tell whether all finished in the time of the settings."""
        log.info("License Desk is stopping", seconds=self._seconds)
        finished = self._parts.stop(self._seconds) and self._services.finished
        log.info("License Desk has stopped", finished=finished)
        return finished


def serve(
    app: App,
    settings: Settings,
    metrics: Metrics,
    beside: Beside,
    *,
    stop: threading.Event | None = None,
    ready: Callable[[Running], None] = lambda _running: None,
) -> int:
    """Run until SIGTERM or SIGINT (or until `stop` is set) and give the exit status.

    0 after a stop in which everything finished; 1 when something had to be left, or when the way in ended by
    itself. `ready` is called once, with where the program answers. Raises PortTaken.
    """
    program = Program(app, settings, metrics, beside)
    with _signals(stop) as asked:
        ready(program.start())
        while program.alive and not asked.wait(1.0):
            pass
        died = not program.alive
        if died:
            log.error("The way in from Slack has ended by itself; stopping")
        return 0 if program.stop() and not died else 1


def end_process(status: int) -> NoReturn:
    """End the process with `status`; after a stop that left something running, without waiting for its threads."""
    if status == 0:
        raise SystemExit(0)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _http(
    settings: Settings,
    dispatcher: Dispatcher,
    metrics: Metrics,
    beside: Beside,
    services: Services,
) -> HttpServer:
    guard = Guard(settings.slack_signing_secret.get_secret_value(), beside.clock)
    endpoint = SlackEndpoint(guard, dispatcher, metrics, threads=settings.worker_threads)
    share = settings.stop_timeout.total_seconds() * _SERVICES_SHARE
    whole = slack_app(endpoint, [services], share, beside.routes)
    return HttpServer(whole, settings.http_host, settings.http_port, name="http")


def _socket(
    settings: Settings, answer: Callable[[BoltRequest], BoltResponse], metrics: Metrics
) -> SocketMode:
    return SocketMode(
        answer, settings.slack_app_token.get_secret_value(), web_client(settings, metrics), metrics
    )


@contextmanager
def _signals(stop: threading.Event | None) -> Iterator[threading.Event]:
    """Yield the event that asks for the stop: the given one, or one that signals set."""
    if stop is not None:
        yield stop
        return
    asked = threading.Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            os._exit(128 + number)
        asked.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
