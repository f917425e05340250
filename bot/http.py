"""HTTP: a small server in a thread of its own, and the application that answers Slack behind the guard."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
import uvicorn
from slack_bolt import BoltRequest, BoltResponse
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.bodies import BODY_SECONDS, read_body
from bot.dispatch import BadPayload, Dispatcher, to_bolt
from bot.guard import MAX_BYTES, Guard, Rejected
from bot.metrics import Metrics
from bot.services import Service, Services
from bot.site import COMMON, site
from store.waiting import WouldWait

log = structlog.get_logger(__name__)

SLACK_PATH = "/slack/events"
_PASSED_ON = {b"x-slack-retry-num": "x-slack-retry-num", b"x-slack-retry-reason": "x-slack-retry-reason"}
_REQUESTS_SHARE = 0.3
"""The part of the time for a stop that running requests have; the lifespan has the rest."""
_TEXT = b"text/plain;charset=utf-8"
_NO_HTTP = b"This is no request that can be read.\n"


class PortTaken(Exception):
    """The address to listen on cannot be had; the message says which, why and what to do."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        why = error.strerror or type(error).__name__
        super().__init__(
            f"Cannot listen on {host}:{port} ({why}). Stop what uses it, or choose another port."
        )


class SlackEndpoint:
    """The ASGI application at `/slack/events`: the guard, then Bolt, mostly in a thread of its own pool."""

    def __init__(
        self,
        guard: Guard,
        dispatcher: Dispatcher,
        metrics: Metrics,
        *,
        threads: int,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._guard = guard
        self._dispatcher = dispatcher
        self._metrics = metrics
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="listener")
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            request = await self._pass(scope, receive)
        except Rejected as rejected:
            log.warning("A request was turned away", because=rejected.words, status=rejected.status)
            self._metrics.rejected(rejected.cause)
            return await _send(send, rejected.status, _TEXT, b"This request is not accepted.")
        response = await self._answer(request)
        kind = response.headers["content-type"][0].encode()
        return await _send(send, response.status, kind, response.body.encode())

    async def _answer(self, request: BoltRequest) -> BoltResponse:
        if self._dispatcher.is_quick(request):
            # Handing such a request to another thread, and its answer back, takes longer than the answer itself: the
            # threads take turns at the interpreter, and each read gives somebody else the turn.
            with contextlib.suppress(WouldWait):
                return self._dispatcher.answer_at_once(request)
            # Bolt wrote into the first one what it found out.
            request = to_bolt(request.body, request.headers)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._dispatcher.answer, request)

    async def _pass(self, scope: Scope, receive: Receive) -> BoltRequest:
        if scope["method"] != "POST":
            raise Rejected(405, "method", "it is no POST")
        headers = dict(scope["headers"])
        body = await read_body(scope, receive, MAX_BYTES, self._body_seconds)
        payload = self._guard.check(headers, body)
        try:
            return to_bolt(payload, _retry_headers(headers))
        except BadPayload as bad:
            raise Rejected(400, "broken", str(bad)) from None

    def close(self) -> None:
        """End the threads once their listeners have finished."""
        self._pool.shutdown(wait=False)


def slack_app(
    endpoint: SlackEndpoint, services: Sequence[Service], seconds: float, routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """Make the application of mode http; its lifespan starts `services` and stops them within `seconds`."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        running = Services(services)
        await run_in_threadpool(running.start)
        yield
        endpoint.close()
        await run_in_threadpool(running.stop, seconds)

    return site([Route(SLACK_PATH, endpoint), *routes], lifespan)


class HttpServer:
    """Serves an ASGI application from a thread; the port is taken at `start`, 0 takes a free one."""

    def __init__(self, app: ASGIApp, host: str, port: int, *, name: str) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._name = name
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port in use."""
        return self._port

    @property
    def alive(self) -> bool:
        """Whether the server's thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Listen and serve. Raises PortTaken, or RuntimeError when the application does not start."""
        listener = _listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        self._server = _Server(_config(self._app))
        self._thread = threading.Thread(
            target=_run, args=(self._server, listener), name=self._name, daemon=True
        )
        self._thread.start()
        while not self._server.ready.wait(0.05):
            if not self._thread.is_alive():
                raise RuntimeError(
                    f"The {self._name} server did not start; the lines before this one say why."
                )

    def stop(self, seconds: float) -> bool:
        """Take no new connections, let running requests finish; tell whether all did within `seconds`."""
        if self._server is None or self._thread is None:
            return True
        self._server.config.timeout_graceful_shutdown = max(1, int(seconds * _REQUESTS_SHARE))
        self._server.should_exit = True
        self._thread.join(seconds)
        return not self._thread.is_alive()


class _Server(uvicorn.Server):
    """uvicorn's server with an event that tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready.set()


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which answers what is no HTTP, and reaches no application, like everything else."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 # uvicorn's signature
        """Answer what cannot be read, and hang up; uvicorn has logged it."""
        length = str(len(_NO_HTTP)).encode()
        own = [(b"content-type", _TEXT), (b"content-length", length), (b"connection", b"close")]
        lines = [b"HTTP/1.1 400 Bad Request", *(b"%b: %b" % each for each in [*own, *COMMON])]
        self.transport.write(b"\r\n".join([*lines, b"", _NO_HTTP]))
        self.transport.close()


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    # uvicorn wants to end the process when the application does not start; here it is the thread that ends.
    with listener, contextlib.suppress(SystemExit):
        server.run([listener])


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=_family(host), backlog=512)
    except OSError as error:
        raise PortTaken(host, port, error) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _retry_headers(headers: Mapping[bytes, bytes]) -> dict[str, str | Sequence[str]]:
    return {name: headers[raw].decode("latin-1") for raw, name in _PASSED_ON.items() if raw in headers}


async def _send(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    length = str(len(body)).encode()
    headers = [(b"content-type", content_type), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
