"""Signed HTTP: what is pushed to the app's request URL, and what it answers."""

import asyncio
import hashlib
import hmac
import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.sandbox.world import World

OK = 200
FORM = "application/x-www-form-urlencoded"


class Pushes:
    """Pushes to `request_url`; while that is empty the app is in Socket Mode."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.request_url = world.app.request_url

    async def send(self, kind: str, payload: dict[str, Any], attempt: int) -> dict[str, Any]:
        """Push a payload; gives the body of the answer, words alone as `{"text": words}`.

        `ConnectionError` when nobody answers or the answer is not 200.
        """
        body, content_type = _encoded(kind, payload)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0"}
        headers |= signature_headers(self.world.app.signing_secret, body, int(self.world.clock.now()))
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
        seconds = self.world.weather.ack
        return _decoded(*await asyncio.to_thread(_post, self.request_url, body, headers, seconds))


def signature_headers(secret: str, body: bytes, now: int) -> dict[str, str]:
    """The two headers by which an app knows that a push is Slack's."""
    signed = f"v0:{now}:".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": f"v0={digest}"}


def _encoded(kind: str, payload: dict[str, Any]) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    if kind == "interactive":
        return urlencode({"payload": json.dumps(payload)}).encode(), FORM
    fields = {name: str(value).lower() if value is False else value for name, value in payload.items()}
    return urlencode(fields).encode(), FORM


def _post(url: str, body: bytes, headers: dict[str, str], seconds: float) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=seconds)
    try:
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as broken:
        raise ConnectionAbortedError("the app's answer broke off") from broken
    finally:
        connection.close()


def _decoded(status: int, body: bytes) -> dict[str, Any]:
    if status != OK:
        raise ConnectionRefusedError(f"the app answered {status}")
    if not body.strip():
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        return {"text": body.decode(errors="replace")}
    return found if isinstance(found, dict) else {"text": str(found)}
