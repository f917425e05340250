"""The WebSocket below the WebSocket: a protocol that lets a test cut the wire, or leave it dead."""

import asyncio
from typing import Any, cast

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.http11 import Request

EXTENSION = "bot.sandbox.wire"


class Wire(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which in addition shows its transport to the application."""

    def handle_connect(self, event: Request) -> None:
        """Begin as usual; the application starts only after this returns and then finds the transport."""
        super().handle_connect(event)
        scope: dict[str, Any] = cast("dict[str, Any]", getattr(self, "scope", {"extensions": {}}))
        scope["extensions"][EXTENSION] = self.transport

    def shutdown(self) -> None:
        """End as usual; uvicorn does not expect that the other side has begun to close a moment before."""
        try:
            super().shutdown()
        except InvalidState:
            self.transport.close()


def transport_of(socket: WebSocket) -> asyncio.Transport:
    """The wire below a connection: `abort()` cuts it, `pause_reading()` leaves it open and deaf."""
    found: asyncio.Transport = socket.scope["extensions"][EXTENSION]
    return found
