"""Writing head and body of an answer in one piece, which uvicorn writes one after the other."""

import asyncio
from typing import Any, cast


class JoinedWrites:
    """A transport that holds what is written until more comes, or to the end of this turn of the event loop.

    Each write is a call of the kernel, and that of a head wakes up whoever waits for an answer with half of it.
    Everything else is as the transport does it.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write together with what is held, or hold it."""
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held + data)
        else:
            self._held = data
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Write what is held, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)


def joined(transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> asyncio.Transport:
    """The transport, which joins what is written."""
    return cast("asyncio.Transport", JoinedWrites(transport, loop))
