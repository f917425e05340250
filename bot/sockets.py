"""Socket Mode: one connection to Slack that is watched, renewed when it goes deaf, and let go of in order.

Measured with the SDK's defaults, a cut connection goes unnoticed for a minute while `is_connected()` says yes.
So a watchdog of our own judges by the last pong and is the only one that connects, with backoff and jitter.
"""

import json
import math
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from slack_bolt import BoltRequest, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.dispatch import BadPayload, to_bolt
from bot.metrics import Metrics
from bot.retry_after import retry_after
from bot.socket_client import WatchedClient
from bot.work import Work

log = structlog.get_logger(__name__)

PING_INTERVAL = 2.0
"""Seconds between pings."""
DEAF_AFTER = 5.0
"""Seconds without a pong after which a connection is given up: two pings went unanswered."""
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds between attempts to connect, at first and at most."""
_LOOK_EVERY = 0.5
_SETTLE = 2.0
"""Seconds that an exchange of connections waits for running listeners, whose answers the old one is owed."""
_TOKEN_ERRORS = {"invalid_auth", "not_authed", "not_allowed_token_type", "account_inactive", "missing_scope"}


class SocketMode:
    """Keeps one connection to Slack and answers each envelope with `answer`, on 32 threads.

    `web` opens connections with `app_token`. Times are in seconds.
    """

    def __init__(
        self,
        answer: Callable[[BoltRequest], BoltResponse],
        app_token: str,
        web: WebClient,
        metrics: Metrics,
        *,
        ping_interval: float = PING_INTERVAL,
        deaf_after: float = DEAF_AFTER,
    ) -> None:
        self._answer = answer
        self._app_token = app_token
        self._web = web
        self._ping_interval = ping_interval
        self._metrics = metrics
        self._deaf_after = deaf_after
        self._client: WatchedClient | None = None
        self._work = Work()
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="socket-watchdog", daemon=True)

    def start(self) -> None:
        """Begin to connect and to watch. Returns at once, whether Slack can be reached or not."""
        self._client = WatchedClient(
            self._app_token,
            self._web,
            ping_interval=self._ping_interval,
            lost=self._wanted.set,
            settle=lambda: self._work.idle(_SETTLE),
        )
        self._client.socket_mode_request_listeners.append(self._take)
        self._client.message_listeners.append(self._hear)
        self._watchdog.start()

    def stop(self, seconds: float) -> bool:
        """Take no new work, let listeners finish and answer, then close; tell whether all finished in time."""
        if self._client is None:
            return True
        finished = self._work.drain(seconds)
        self._stopped.set()
        self._wanted.set()
        self._client.close()
        self._watchdog.join(1.0)
        return finished

    @property
    def alive(self) -> bool:
        """Whether the watchdog runs."""
        return self._watchdog.is_alive()

    def pong_age(self) -> float | None:
        """Give the seconds since Slack's last sign of life; None when there is no connection."""
        connection = self._client.connection if self._client else None
        return None if connection is None else max(0.0, time.time() - connection.heard_at)

    def _take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        with self._work.one() as taken:
            if taken:
                self._answer_envelope(client, request)
            else:
                log.info("An envelope came after the stop began and is left to Slack", kind=request.type)

    def _answer_envelope(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            response = self._answer(to_bolt(request.payload, _retry_headers(request)))
        except BadPayload:
            log.warning("An envelope is not in any shape of Slack's", kind=request.type)
            return
        if response.status != 200:
            log.warning("An envelope stays without an answer", kind=request.type, status=response.status)
            return
        try:
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id, _payload(response)))
        except SlackClientError:
            log.warning("An answer could not be sent: the connection has ended", kind=request.type)

    def _hear(self, _client: BaseSocketModeClient, message: Mapping[str, Any], _raw: str | None) -> None:
        if message.get("type") != "hello":
            return
        number = int(message.get("num_connections") or 1)
        self._metrics.connections(number)
        log.info("Slack has said hello", connections=number)
        if number > 1:
            log.warning(
                "Slack deals this app's requests among several connections. Unless the others are old ones about"
                " to end, another program uses the same app token and takes part of the requests",
                connections=number,
            )

    def _watch(self) -> None:
        attempts = 0
        while not self._stopped.is_set():
            if self._hears():
                attempts = 0 if self._has_answered() else attempts
                self._wanted.wait(_LOOK_EVERY)
                continue
            self._wanted.clear()
            self._stopped.wait(backoff(attempts))
            attempts += 1
            self._stopped.wait(self._connect())

    def _hears(self) -> bool:
        age = self.pong_age()
        self._metrics.pong_age(math.inf if age is None else age)
        return age is not None and age <= self._deaf_after and not self._wanted.is_set()

    def _has_answered(self) -> bool:
        # A server that takes connections and drops them at once must not be asked again without a pause.
        connection = self._client.connection if self._client else None
        return connection is not None and connection.last_ping_pong_time is not None

    def _connect(self) -> float:
        """Try once; give the seconds that Slack asks to wait before the next attempt."""
        if self._stopped.is_set() or self._client is None:
            return 0.0
        try:
            self._client.connect()
        except SlackApiError as error:
            return _refused(error)
        except Exception as error:  # noqa: BLE001 - the watchdog's outermost edge: it must try again.
            log.warning("Slack cannot be reached; trying again", error=type(error).__name__)
        return 0.0


def backoff(attempts: int) -> float:
    """Give the seconds to pause after so many attempts: none, then doubling up to 30, less up to half by chance."""
    if attempts == 0:
        return 0.0
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads attempts, guards nothing.


def _refused(error: SlackApiError) -> float:
    code = error.response.get("error", "")
    if code in _TOKEN_ERRORS:
        log.error("Slack does not accept the app token; check LICENSE_DESK_SLACK_APP_TOKEN", error=code)
    else:
        log.warning("Slack gives no connection; trying again", error=code)
    return retry_after(error.response.headers, 0.0)


def _retry_headers(request: SocketModeRequest) -> dict[str, str | Sequence[str]]:
    headers: dict[str, str | Sequence[str]] = {}
    if request.retry_attempt is not None:
        headers["x-slack-retry-num"] = str(request.retry_attempt)
    if request.retry_reason is not None:
        headers["x-slack-retry-reason"] = request.retry_reason
    return headers


def _payload(response: BoltResponse) -> dict[str, Any] | None:
    if not response.body:
        return None
    if response.headers["content-type"][0].startswith("application/json"):
        return dict(json.loads(response.body))
    return {"text": response.body}
