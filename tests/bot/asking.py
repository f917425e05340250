"""A Bolt app set up as the product's, and real requests to send to it."""

import hmac
import http.client
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot import logs

SECRET = "a signing secret"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_count = itertools.count()


def bolt_app() -> App:
    """A Bolt app set up as the product's: it knows itself without asking Slack, and answers in the ack."""
    identity = AuthorizeResult(
        enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U0BOT"
    )
    app = App(
        authorize=lambda: identity,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        signing_secret=SECRET,
        logger=logs.slack_logger(),
        client=WebClient(logger=logs.slack_logger(), retry_handlers=[]),
    )

    @app.command("/license")
    def answer(ack: Ack, command: Mapping[str, str]) -> None:
        ack(f"You said {command['text']}.")

    return app


def slash(text: str, **more: str) -> bytes:
    """The form of a slash command, never the same twice."""
    form = {
        "team_id": "T1",
        "user_id": "U1",
        "channel_id": "C1",
        "command": "/license",
        "text": text,
        "trigger_id": f"1.2.{next(_count)}",
        **more,
    }
    return urlencode(form).encode()


@dataclass(frozen=True)
class Reply:
    """What came back over HTTP."""

    status: int
    body: str


def signed(body: bytes, *, at: float | None = None, kind: str = FORM, secret: str = SECRET) -> dict[str, str]:
    """The headers that Slack sends with a body."""
    stamp = f"{time.time() if at is None else at:.0f}"
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, "sha256").hexdigest()
    return {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def send(
    port: int, body: bytes, headers: Mapping[str, str], *, method: str = "POST", path: str = "/slack/events"
) -> Reply:
    """One request over a real connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return Reply(answer.status, answer.read().decode())
    finally:
        connection.close()
