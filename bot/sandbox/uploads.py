"""Addresses that are no methods: uploads, downloads and `response_url`."""

import json
import time
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.policy import HTTP
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox import answers
from bot.sandbox.errors import ApiError
from bot.sandbox.files import StoredFile
from bot.sandbox.storm import Storm
from bot.sandbox.traffic import Record
from bot.sandbox.world import World

BEARER = "Bearer "
OK = 200


class Addresses:
    """The addresses that answers of the Web API and payloads hand out.

    For the weather they are called `upload`, `download` and `response_url`.
    """

    def __init__(self, world: World, storm: Storm) -> None:
        self.world = world
        self._storm = storm

    async def upload(self, request: Request) -> Response:
        """Take the bytes of a file; they must be as many as were announced."""
        file = self.world.files.of_ticket(request.path_params["ticket"])
        content = _content(request.headers.get("content-type", ""), await request.body())

        async def work(refused_as: str) -> Response:
            wrong = refused_as or _objection(file, content)
            if file is not None and not wrong:
                file.content = content
            return Response(wrong or f"OK - {len(content)}", 400 if wrong else 200)

        return await self._weathered("upload", file.id if file else "", {"bytes": len(content)}, work)

    async def download(self, request: Request) -> Response:
        """Give the bytes of a file to whoever has the bot's token, as `url_private` does."""
        file = self.world.files.by_id.get(request.path_params["place"].partition("-")[2])
        allowed = self._may_read(request.headers.get("authorization", ""))

        async def work(refused_as: str) -> Response:
            if file is None or file.content is None:
                return Response("no such file", 404)
            if refused_as or not allowed:
                return Response("sign in to see this file", 403)
            return Response(file.content, media_type="application/octet-stream")

        return await self._weathered("download", file.id if file else "", None, work)

    def _may_read(self, header: str) -> bool:
        return header == BEARER + self.world.app.bot_token and "files:read" in self.world.scopes()

    async def answer(self, request: Request) -> Response:
        """What the app says at a `response_url`: five times in thirty minutes."""
        try:
            body = json.loads(await request.body())
        except ValueError:
            return Response("invalid_payload", 400)

        async def work(refused_as: str) -> Response:
            try:
                self._answered(request.path_params["secret"], body, refused_as)
            except ApiError as refused:
                answer = {"ok": False, "error": refused.code} | refused.facts
                return Response(json.dumps(answer), 404, media_type="application/json")
            return Response("ok")

        return await self._weathered("response_url", "", body, work)

    def _answered(self, secret: str, body: Any, refused_as: str) -> None:
        if refused_as or not isinstance(body, dict):
            raise ApiError(refused_as or "invalid_payload")
        answers.at_address(self.world, self.world.response_urls.use(secret), body)

    async def _weathered(
        self, kind: str, name: str, sent: Any, work: Callable[[str], Awaitable[Response]]
    ) -> Response:
        """Do the work in the present weather, and record it."""
        started, at = time.perf_counter(), self.world.clock.now()
        response, struck = await self._storm.through(kind, work)
        outcome = struck or ("ok" if response.status_code == OK else "refused")
        seconds = time.perf_counter() - started
        self.world.traffic.add(Record(kind, name, at, sent, None, seconds, outcome))
        return response


def _objection(file: StoredFile | None, content: bytes) -> str:
    if file is None or file.content is not None:
        return "no such upload"
    if len(content) != file.length:
        return f"expected {file.length} bytes, got {len(content)}"
    return ""


def _content(content_type: str, body: bytes) -> bytes:
    """The bytes of the file, whether they came alone or as a part of a form."""
    if not content_type.startswith("multipart/"):
        return body
    whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=HTTP)
    parts = [part for part in whole.iter_parts() if part.get_filename()]
    content = parts[0].get_payload(decode=True) if parts else b""
    return content if isinstance(content, bytes) else b""
