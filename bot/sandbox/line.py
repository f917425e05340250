"""The line to the app: everything the sandbox sends it, over sockets or over HTTP, and the acks that return."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox import events
from bot.sandbox.pushes import Pushes
from bot.sandbox.sockets import Sockets
from bot.sandbox.traffic import Record
from bot.sandbox.world import World

Kind = Literal["slash_commands", "interactive", "events_api"]
TIMED_OUT = "operation_timeout"
UNREACHED = "dispatch_failed"
EVENT_ATTEMPTS = 2


@dataclass(frozen=True)
class Ack:
    """How the app answered one delivery: `error` is empty when it did so in time; `body` is what it said."""

    body: dict[str, Any]
    seconds: float
    error: str = ""


class Line:
    """Sends over HTTP when the app gave a request URL, over its sockets otherwise."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sockets = Sockets(world)
        self.pushes = Pushes(world)
        self._running: set[asyncio.Task[Any]] = set()

    async def deliver(self, kind: Kind, payload: dict[str, Any]) -> Ack:
        """Send a payload and wait for its ack; copies that the weather asks for follow at once."""
        first = asyncio.ensure_future(self._send(kind, payload, attempt=0))
        self._keep(first)
        for attempt in range(1, self.world.weather.redeliver + 1):
            self._keep(asyncio.ensure_future(self._send(kind, payload, attempt)))
        return await first

    def emit(self, event: dict[str, Any]) -> None:
        """Send an event to the app, if it subscribed to it; once more if it was not acked."""
        subscribed = self.world.app.events
        if subscribed is None or events.subscription(event) in subscribed:
            self.send_event(event)

    def send_event(self, event: dict[str, Any]) -> None:
        """Send an event to the app that nobody has to subscribe to; once more if it was not acked."""
        self._keep(asyncio.ensure_future(self._event(events.callback(self.world, event))))

    async def _event(self, payload: dict[str, Any]) -> None:
        ack = await self.deliver("events_api", payload)
        for attempt in range(1, EVENT_ATTEMPTS):
            if not ack.error:
                return
            if not self.pushes.request_url:
                await self.sockets.someone(self.world.weather.ack)
            ack = await self._send("events_api", payload, attempt)

    async def _send(self, kind: Kind, payload: dict[str, Any], attempt: int) -> Ack:
        started, at = time.perf_counter(), self.world.clock.now()
        error, body = "", {}
        try:
            async with asyncio.timeout(self.world.weather.ack):
                body = await self._way().send(kind, payload, attempt)
        except TimeoutError:
            error = TIMED_OUT
        except ConnectionError:
            error = UNREACHED
        ack = Ack(body, time.perf_counter() - started, error)
        self._record(kind, payload, ack, at)
        return ack

    def _way(self) -> Sockets | Pushes:
        return self.pushes if self.pushes.request_url else self.sockets

    def _record(self, kind: Kind, payload: dict[str, Any], ack: Ack, at: float) -> None:
        way = "push" if self.pushes.request_url else "envelope"
        outcome = ack.error or "ok"
        self.world.traffic.add(Record(way, kind, at, payload, ack.body, ack.seconds, outcome))

    def _keep(self, task: "asyncio.Task[Any]") -> None:
        """Hold the task until it ends; the event loop itself holds it only weakly."""
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """Stop everything that is under way."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self.sockets.cut()
