"""Socket Mode: the connections of the app, the envelopes sent through them, the acks that come back."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.traffic import Record
from bot.sandbox.wires import transport_of
from bot.sandbox.world import World

CONNECTION_LIMIT = 10
CUT_CODE = 1001


@dataclass(eq=False)
class Connection:
    """One WebSocket of the app, with a name for the record."""

    socket: WebSocket
    name: str
    waiting: dict[str, "asyncio.Future[dict[str, Any]]"] = field(default_factory=dict)


class Sockets:
    """All connections; each envelope goes through exactly one of them, in turn."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.connections: list[Connection] = []
        self._turn = count()
        self._names = count(1)
        self._arrived = asyncio.Event()

    async def serve(self, socket: WebSocket) -> None:
        """Hold one connection from its greeting to its end."""
        full = len(self.connections) >= CONNECTION_LIMIT
        known = self.world.tickets.pop(socket.query_params.get("ticket", ""), None)
        if known is None or full or self.world.weather.refuse_sockets:
            await socket.close(code=CUT_CODE)
            return
        await socket.accept()
        connection = Connection(socket, f"connection {next(self._names)}")
        self.connections.append(connection)
        self.world.watch.ring()
        await socket.send_text(json.dumps(self._hello()))
        self._arrived.set()
        try:
            await self._listen(connection)
        finally:
            self._drop(connection)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": self.world.app.id},
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": 18_060,
            },
        }

    async def _listen(self, connection: Connection) -> None:
        try:
            while True:
                self._acked(connection, await connection.socket.receive_text())
        except WebSocketDisconnect:
            return

    def _acked(self, connection: Connection, text: str) -> None:
        """Match an ack with its envelope; one that is late or unknown is recorded and has no effect."""
        try:
            ack = json.loads(text)
            envelope_id, body = ack["envelope_id"], ack.get("payload") or {}
        except (ValueError, KeyError, TypeError, AttributeError):
            self._note(connection, text, "malformed")
            return
        future = connection.waiting.pop(envelope_id, None)
        on_time = future is not None and not future.done()
        self._note(connection, ack, "ok" if on_time else "late or unknown")
        if future is not None and on_time:
            future.set_result(body if isinstance(body, dict) else {"text": str(body)})

    def _note(self, connection: Connection, sent: Any, outcome: str) -> None:
        at = self.world.clock.now()
        self.world.traffic.add(Record("ack", "socket", at, sent, outcome=outcome, connection=connection.name))

    def _drop(self, connection: Connection) -> None:
        self.connections.remove(connection)
        self.world.watch.ring()
        if not self.connections:
            self._arrived.clear()
        for future in connection.waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the app's connection ended"))

    async def send(self, kind: str, payload: dict[str, Any], attempt: int) -> dict[str, Any]:
        """Send an envelope through the next connection; gives the payload of its ack.

        `ConnectionError` when there is no connection, or when it ends before the ack.
        """
        if not self.connections:
            raise ConnectionRefusedError("the app has no connection")
        connection = self.connections[next(self._turn) % len(self.connections)]
        envelope = _envelope(kind, payload, attempt)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope["envelope_id"]] = future
        try:
            await connection.socket.send_text(json.dumps(envelope))
        except (WebSocketDisconnect, RuntimeError) as gone:
            raise ConnectionResetError("the app's connection ended") from gone
        return await future

    async def someone(self, seconds: float) -> None:
        """Wait so long, at the most, until there is a connection."""
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return

    def cut(self) -> int:
        """Cut the wire of every connection, without a warning; gives how many there were."""
        ending = list(self.connections)
        for connection in ending:
            transport_of(connection.socket).abort()
        return len(ending)

    def deafen(self) -> int:
        """Leave every connection open and dead: pings and acks are heard no more; gives how many there are."""
        for connection in self.connections:
            transport_of(connection.socket).pause_reading()
        return len(self.connections)

    async def warn(self) -> int:
        """Tell every connection that it will end soon, as Slack does every few hours."""
        notice = {"type": "disconnect", "reason": "warning", "debug_info": {"host": "sandbox"}}
        for connection in self.connections:
            await connection.socket.send_text(json.dumps(notice))
        return len(self.connections)


def _envelope(kind: str, payload: dict[str, Any], attempt: int) -> dict[str, Any]:
    envelope = {
        "envelope_id": str(uuid.uuid4()),
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind == "slash_commands" or payload.get("type") == "view_submission",
    }
    if kind == "events_api":
        envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
    return envelope
