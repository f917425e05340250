"""The server of one workspace: on this machine alone, in a thread of its own."""

import asyncio
import contextlib
import socket
import threading
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from bot.sandbox import changes as changes  # The import adds its controls to the table of `control`.
from bot.sandbox import control, sharing
from bot.sandbox.line import Line
from bot.sandbox.page.routes import page_routes
from bot.sandbox.storm import Storm
from bot.sandbox.uploads import Addresses
from bot.sandbox.web_api.endpoint import Endpoint
from bot.sandbox.wires import Wire
from bot.sandbox.world import World

HOST = "127.0.0.1"
LOCAL_HOSTS = (HOST, "localhost")
START_SECONDS = 10.0
STOP_SECONDS = 5.0


class OnlyFromHere:
    """Refuses what a page of another site could send: a foreign `Origin`, a foreign `Host`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests that come from this machine's own pages or from no page at all."""
        headers = dict(scope.get("headers", []))
        host = headers.get(b"host", b"").decode("latin-1")
        origin = headers.get(b"origin", b"").decode("latin-1")
        local = host.partition(":")[0] in LOCAL_HOSTS
        if local and origin in ("", f"http://{host}"):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("only for this machine", 403)(scope, receive, send)


class Sandbox:
    """A running local Slack: `url` is its address, `api_url` the base address of its Web API.

    It lives in its own thread; everything but its addresses is read and changed through
    `bot.sandbox.client.SlackClient` or over the wire, because the workspace belongs to that thread.
    """

    def __init__(self, world: World, port: int = 0) -> None:
        self._socket = _listening(port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self.api_url = f"{self.url}/api/"
        self.world = world
        world.base_url = self.url
        self._ready = threading.Event()
        self._server: _Server | None = None
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    @classmethod
    def start(cls, world: World, port: int = 0) -> Self:
        """Start a server for a workspace; port 0 takes a free one. To be used with `with`, or stopped."""
        sandbox = cls(world, port)
        sandbox._thread.start()
        if not sandbox._ready.wait(START_SECONDS):
            raise RuntimeError(f"the sandbox did not start within {START_SECONDS} seconds")
        return sandbox

    def people(self) -> dict[str, str]:
        """Everybody's real name by id."""
        return self.world.names()

    def stop(self) -> None:
        """End all connections and the thread; a second time does nothing."""
        if self._server is not None:
            self._server.end()
        self._thread.join(STOP_SECONDS)
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        line = Line(self.world)
        stopped = asyncio.Event()
        self._wire(line)
        config = uvicorn.Config(
            OnlyFromHere(Starlette(routes=routes(self.world, line, stopped), exception_handlers=_HUNG_UP)),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws=Wire,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config, self._ready, stopped)
        serving = asyncio.ensure_future(self._server.serve(sockets=[self._socket]))
        await stopped.wait()
        await line.close()
        await serving

    def _wire(self, line: Line) -> None:
        loop = asyncio.get_running_loop()
        self.world.emit = line.emit
        self.world.wake = lambda seconds: _later(loop, seconds, self.world)


class _Server(uvicorn.Server):
    """A server that says when it listens, and ends at once when another thread says so."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event, stopped: asyncio.Event) -> None:
        super().__init__(config)
        self._listening = ready
        self._stopped = stopped
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """End, from any thread; a second time does nothing."""
        self.should_exit = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        """Wait for the end; the library looks for it only ten times a second."""
        await self._stopped.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then let the starting thread go on."""
        await super().startup(sockets)
        self._listening.set()


def _later(loop: asyncio.AbstractEventLoop, seconds: float, world: World) -> None:
    """Look a little after the moment, so that it has come by the clock, too."""
    loop.call_later(seconds + 0.001, sharing.settle, world)


def _loop_factory() -> Any:
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop
    return None


def _listening(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    return listening


def routes(world: World, line: Line, stopped: asyncio.Event) -> list[BaseRoute]:
    """Every address of the sandbox."""
    storm = Storm(world, stopped)
    addresses = Addresses(world, storm)
    controls = control.Controls(world, line)

    async def link(websocket: WebSocket) -> None:
        await line.sockets.serve(websocket)

    return [
        Route("/api/{method:str}", _endpoint(Endpoint(world, storm)), methods=["GET", "POST"]),
        WebSocketRoute("/link", link),
        Route("/sandbox/{verb:str}", _endpoint(controls), methods=["POST"]),
        Route("/upload/v1/{ticket:str}", addresses.upload, methods=["POST"]),
        Route("/answers/{secret:str}", addresses.answer, methods=["POST"]),
        Route("/files-pri/{place:str}/{name:path}", addresses.download, methods=["GET"]),
        *page_routes(controls),
    ]


def _endpoint(callee: Any) -> Any:
    async def answer(request: Request) -> Any:
        return await callee(request)

    return answer


async def _hung_up(_request: Request, _error: Exception) -> Response:
    """What nobody reads any more: who called went away before the body had come, as a killed program does."""
    return Response(status_code=400)


_HUNG_UP: dict[Any, Any] = {ClientDisconnect: _hung_up}
