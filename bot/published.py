"""Documents over HTTP that anybody may read, without a name or a password: made now and then, and cached.

Whoever asks often is answered from memory, so that the database is asked at most once in `KEPT_SECONDS`.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from store.database import may_pass
from store.rules.errors import DeskError

log = structlog.get_logger(__name__)

KEPT_SECONDS: Final = 5.0
"""How long a document is answered from memory."""
_HEADERS: Final = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
_AWAY: Final = "The desk cannot make this document at the moment. Try again in a few seconds.\n"


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at a path: `make` reads it, in a thread of its own; others may keep it for `max_age`."""

    path: str
    media_type: str
    make: Callable[[], bytes]
    max_age: timedelta


def published(document: Document, monotonic: Callable[[], float] = time.monotonic) -> BaseRoute:
    """Make the route of a document, for GET and HEAD; `monotonic`, in seconds, says when to read it anew."""
    return Route(document.path, _Published(document, monotonic).answer, methods=["GET"])


class _Published:
    def __init__(self, document: Document, monotonic: Callable[[], float]) -> None:
        self._document, self._monotonic = document, monotonic
        self._one_reads = asyncio.Lock()
        self._content, self._tag, self._until = b"", "", float("-inf")

    async def answer(self, request: Request) -> Response:
        """The document, or that the one which the sender has is still the newest."""
        try:
            content, tag = await self._read()
        except Exception as error:
            # Without a key that signs, for example, there is a document again once there is such a key.
            if not (may_pass(error) or isinstance(error, DeskError)):
                raise
            log.warning("A document could not be read", path=self._document.path, why=type(error).__name__)
            return PlainTextResponse(
                _AWAY, 503, {**_HEADERS, "cache-control": "no-store", "retry-after": "5"}
            )
        headers = {**_HEADERS, "etag": tag, "cache-control": self._cache_control()}
        if _has(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=self._document.media_type)

    async def _read(self) -> tuple[bytes, str]:
        """The document and what tells it from others."""
        async with self._one_reads:
            if self._monotonic() >= self._until:
                self._content, self._tag = await to_thread.run_sync(self._made)
                self._until = self._monotonic() + KEPT_SECONDS
            return self._content, self._tag

    def _made(self) -> tuple[bytes, str]:
        content = self._document.make()
        return content, self._tag if content is self._content else _tag(content)

    def _cache_control(self) -> str:
        seconds = int(self._document.max_age.total_seconds())
        return f"public, max-age={seconds}, must-revalidate"


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _has(named: str, tag: str) -> bool:
    """Whether `If-None-Match` names the document: compared weakly (RFC 9110, section 13.1.2)."""
    known = {each.strip().removeprefix("W/") for each in named.split(",")}
    return "*" in known or tag in known
