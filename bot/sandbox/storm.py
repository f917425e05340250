"""How the weather strikes a request: before anything is done, or after it was done."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from bot.sandbox.weather import Fault
from bot.sandbox.world import World

HOLD_STEP = 0.02


class BrokenOff(Response):
    """An answer that never comes to its end: the connection is closed after the first headers."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002  # ASGI's signature
        """Promise a body and send none."""
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


class Storm:
    """The weather at the door; `stopped` ends answers that are being held back."""

    def __init__(self, world: World, stopped: asyncio.Event) -> None:
        self.world = world
        self._stopped = stopped

    async def through(self, name: str, work: Callable[[str], Awaitable[Response]]) -> tuple[Response, str]:
        """The answer to a request called `name`, and what struck it (empty: nothing).

        `work` does what was asked and gets the Slack error that it must answer instead (empty: none).
        """
        weather = self.world.weather
        fault = weather.strike(name, self.world.clock.now())
        if weather.latency:
            await asyncio.sleep(weather.latency)
        if fault is None:
            return await work(""), ""
        if fault.kind == "refused":
            return await work(fault.error), ""
        if fault.kind == "lost":
            await work("")
        return await self._struck(fault), fault.kind

    async def _struck(self, fault: Fault) -> Response:
        if fault.kind == "ratelimited":
            headers = {"Retry-After": str(fault.retry_after)}
            answer = json.dumps({"ok": False, "error": "ratelimited"})
            return Response(answer, 429, headers, media_type="application/json")
        if fault.kind == "server_error":
            return Response("upstream connect error", fault.status, media_type="text/plain")
        if fault.kind == "garbage":
            return Response("<html>Something went wrong</html>", media_type="text/html")
        return await self._held(fault)

    async def _held(self, fault: Fault) -> Response:
        """Hold the connection, at most until the sandbox stops or the weather clears, and cut it."""
        self.world.weather.holding.append(fault)
        started = time.monotonic()
        while time.monotonic() - started < fault.hold and not self._stopped.is_set():
            await asyncio.sleep(HOLD_STEP)
        return BrokenOff()
