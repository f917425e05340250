"""The body of a request: read whole, within a size and a time."""

import asyncio
from typing import Final

from starlette.types import Receive, Scope

from bot.guard import Rejected

BODY_SECONDS: Final = 10.0
"""Seconds in which a request's body must arrive."""


async def read_body(scope: Scope, receive: Receive, most: int, seconds: float = BODY_SECONDS) -> bytes:
    """Give a request's body of at most so many bytes.

    Raises `Rejected` when it is larger (413; one that says so itself is not read), does not arrive in so many
    seconds (408), or ends early (400).
    """
    try:
        async with asyncio.timeout(seconds):
            return await _read(scope, receive, most)
    except TimeoutError:
        raise Rejected(408, "slow", "its body did not arrive in time") from None


async def _read(scope: Scope, receive: Receive, most: int) -> bytes:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > most:
        raise _too_large(most)
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Rejected(400, "broken", "its sender hung up before the end")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> Rejected:
    return Rejected(413, "too_large", f"it is larger than {most} bytes")
