"""The sandbox ends at any moment of its connections."""

import asyncio
from typing import Any

from websockets.protocol import State
from websockets.server import ServerProtocol

from bot.sandbox.wires import Wire


class Transport:
    """Tells whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_a_connection_that_the_other_side_is_closing_is_ended_all_the_same() -> None:
    wire: Any = Wire.__new__(Wire)
    wire.stop_keepalive, wire.close_sent, wire.handshake_complete = lambda: None, False, True
    wire.queue, wire.conn, wire.transport = asyncio.Queue(), ServerProtocol(state=State.CLOSING), Transport()

    wire.shutdown()

    assert wire.transport.closed
