"""What people send, signed as Slack signs it, with the time to the ack."""

import hmac
import http.client
import itertools
import json
import threading
import time
from typing import Any, Final
from urllib.parse import urlencode

from tests.bench.data import WORKSPACE
from tests.bench.load import SECRET

_OK: Final = 200


class WrongAnswer(Exception):
    """The desk answered with another status than 200."""


class Asker:
    """Sends over connections that stay open, one for each thread; times are in milliseconds."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._local = threading.local()
        self._numbers = itertools.count()

    def command(self, user: str, text: str) -> float:
        """Type `/license text`."""
        form = {"command": "/license", "team_id": WORKSPACE, "user_id": user, "text": text}
        return self.send(form | {"channel_id": "D1", "trigger_id": "1.1"})[0]

    def click(self, user: str, action_id: str, value: str) -> float:
        """Press a button of a message."""
        action = {
            "type": "button",
            "block_id": "b",
            "action_ts": "1.1",
            "action_id": action_id,
            "value": value,
        }
        container = {"type": "message", "channel_id": "D1"}
        who = {"team": {"id": WORKSPACE}, "user": {"id": user, "team_id": WORKSPACE}}
        payload = {**who, "type": "block_actions", "container": container, "channel": {"id": "D1"}}
        return self.send({"payload": json.dumps({**payload, "actions": [action]})})[0]

    def send(self, form: dict[str, str]) -> tuple[float, str]:
        """Send a form; the time to its ack, and the ack. Raises `WrongAnswer`."""
        body = urlencode(form | {"unique": str(next(self._numbers))}).encode()
        stamp = str(int(time.time()))
        digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, "sha256").hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
        }
        begun = time.perf_counter()
        self._connection.request("POST", "/slack/events", body, headers)
        answer = self._connection.getresponse()
        said = answer.read().decode()
        spent = (time.perf_counter() - begun) * 1000
        if answer.status != _OK:
            raise WrongAnswer(f"{answer.status} {said[:200]}")
        return spent, said

    @property
    def _connection(self) -> http.client.HTTPConnection:
        kept: Any = getattr(self._local, "connection", None)
        if kept is None:
            kept = self._local.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        return kept  # type: ignore[no-any-return] # set above
