"""An answer is written in one piece, whole, and before its connection ends."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
import uvloop

from bot.joined_writes import JoinedWrites, joined


class Counted(asyncio.Protocol):
    """What answers each connection, and counts the writes that reach its transport."""

    def __init__(self, answer: Callable[[asyncio.Transport], None], writes: list[bytes]) -> None:
        self._answer, self._writes = answer, writes

    def connection_made(self, transport: Any) -> None:
        class Counting:
            def __getattr__(counting, name: str) -> Any:  # noqa: N805 # the outer one is self
                return getattr(transport, name)

            def write(counting, data: bytes) -> None:  # noqa: N805 # as above
                self._writes.append(data)
                transport.write(data)

        self._answer(joined(Counting(), asyncio.get_running_loop()))  # type: ignore[arg-type] # a transport that counts


async def _received(answer: Callable[[asyncio.Transport], None]) -> tuple[bytes, list[bytes]]:
    writes: list[bytes] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Counted(answer, writes), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    got = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    server.close()
    return got, writes


def _head_and_body(transport: asyncio.Transport) -> None:
    transport.write(b"head ")
    transport.write(b"body")
    transport.close()


def _later(transport: asyncio.Transport) -> None:
    transport.write(b"one ")
    transport.write(b"piece, ")

    def end() -> None:
        transport.write(b"another")
        transport.close()

    asyncio.get_running_loop().call_later(0.01, end)


@pytest.mark.parametrize(
    ("answer", "written"),
    [(_head_and_body, [b"head body"]), (_later, [b"one piece, ", b"another"])],
    ids=["at once", "in two turns"],
)
def test_what_is_written_in_one_turn_goes_out_as_one_piece_and_all_of_it_before_the_end(
    answer: Callable[[asyncio.Transport], None], written: list[bytes]
) -> None:
    got, writes = uvloop.run(_received(answer))
    assert (got, writes) == (b"".join(written), written)


def test_everything_else_is_the_transport_s() -> None:
    async def look() -> tuple[object, bool]:
        reader, writer = socket.socketpair()
        transport, _protocol = await asyncio.get_running_loop().create_connection(
            asyncio.Protocol, sock=writer
        )
        wrapped = JoinedWrites(transport, asyncio.get_running_loop())
        found = (
            wrapped.get_extra_info("sockname") == transport.get_extra_info("sockname"),
            wrapped.is_closing(),
        )
        wrapped.close()
        reader.close()
        return found

    assert uvloop.run(look()) == (True, False)
