"""Addresses that are no methods: uploads, downloads and `response_url`."""

import json
from email import message_from_bytes
from email.policy import HTTP
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox import answers
from bot.sandbox.errors import ApiError
from bot.sandbox.traffic import Record
from bot.sandbox.world import World

BEARER = "Bearer "


class Addresses:
    """The addresses that answers of the Web API and payloads hand out."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def upload(self, request: Request) -> Response:
        """Take the bytes of a file; they must be as many as were announced."""
        file = self.world.files.of_ticket(request.path_params["ticket"])
        if file is None or file.content is not None:
            return Response("no such upload", 404)
        content = _content(request.headers.get("content-type", ""), await request.body())
        wrong = "" if len(content) == file.length else f"expected {file.length} bytes, got {len(content)}"
        self._note("upload", file.id, {"bytes": len(content)}, wrong or "ok")
        if wrong:
            return Response(wrong, 400)
        file.content = content
        return Response(f"OK - {len(content)}")

    async def download(self, request: Request) -> Response:
        """Give the bytes of a file to whoever has the bot's token, as `url_private` does."""
        header = request.headers.get("authorization", "")
        file = self.world.files.by_id.get(request.path_params["place"].partition("-")[2])
        allowed = header == BEARER + self.world.app.bot_token and "files:read" in self.world.scopes()
        if file is None or file.deleted or file.content is None:
            return Response("no such file", 404)
        self._note("download", file.id, None, "ok" if allowed else "refused")
        if not allowed:
            return Response("sign in to see this file", 403)
        return Response(file.content, media_type="application/octet-stream")

    async def answer(self, request: Request) -> Response:
        """What the app says at a `response_url`: five times in thirty minutes."""
        try:
            body = json.loads(await request.body())
        except ValueError:
            return Response("invalid_payload", 400)
        try:
            address = self.world.response_urls.use(request.path_params["secret"])
            answers.at_address(self.world, address, body)
        except ApiError as refused:
            self._note("response_url", "", body, refused.code)
            return Response(json.dumps({"ok": False, "error": refused.code} | refused.facts), 404)
        self._note("response_url", "", body, "ok")
        return Response("ok")

    def _note(self, kind: str, name: str, sent: Any, outcome: str) -> None:
        self.world.traffic.add(Record(kind, name, self.world.clock.now(), sent, outcome=outcome))


def _content(content_type: str, body: bytes) -> bytes:
    """The bytes of the file, whether they came alone or as a part of a form."""
    if not content_type.startswith("multipart/"):
        return body
    whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=HTTP)
    parts = [part for part in whole.iter_parts() if part.get_filename()]
    content = parts[0].get_payload(decode=True) if parts else b""
    return content if isinstance(content, bytes) else b""
