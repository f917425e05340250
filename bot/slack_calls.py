"""Calls to Slack for the couriers: one attempt each, with an error that says what may be done next.

Waiting is not done here. A call that Slack asked us to put off is refused until then, for the same method and,
where Slack counts by conversation, the same conversation.
"""

import http.client
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.logs import slack_logger
from bot.retry_after import retry_after

TIMEOUT = 10
"""Seconds that one call may take to connect or to answer."""
_UNSAID = 30.0
"""Seconds to wait when Slack wants a call later and does not say when."""

R = TypeVar("R")
OnCall = Callable[[str, str, float], None]
"""Told of each call: method, outcome (`ok`, Slack's code, or `no_answer`), seconds."""

_CODE = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_BY_CONVERSATION = frozenset({"chat.postMessage"})
_UNCERTAIN = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed"}
)
_PASSING = frozenset(
    {
        "access_denied",
        "accesslimited",
        "account_inactive",
        "ekm_access_denied",
        "external_channel_migrating",
        "fetch_members_failed",
        "file_update_failed",
        "invalid_auth",
        "message_limit_exceeded",
        "not_authed",
        "org_login_required",
        "team_added_to_org",
        "token_expired",
        "token_revoked",
    }
)
"""Codes that speak of the workspace, the token or Slack itself, and may pass when somebody puts it right."""


class CallFailed(Exception):
    """A call to Slack had no success. `code` is Slack's, or one of ours where Slack gave none."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RateLimited(CallFailed):
    """Slack did nothing and wants the call again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds


class NotDone(CallFailed):
    """The call had no effect, and the same call may succeed later."""


class AnswerLost(CallFailed):
    """Nobody knows whether the call had its effect; it may succeed later."""


class Refused(CallFailed):
    """Slack refuses this call and would refuse it again."""


class SlackCalls:
    """One workspace's Web API with one token; safe to share between threads.

    `url` is the Web API's address with a slash at its end. `timeout` and what `monotonic` gives are seconds.
    """

    def __init__(
        self,
        token: str,
        url: str,
        *,
        on_call: OnCall | None = None,
        timeout: int = TIMEOUT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = WebClient(
            token, base_url=url, timeout=timeout, retry_handlers=[], logger=slack_logger()
        )
        self._on_call = on_call
        self._monotonic = monotonic
        self._timeout = timeout
        self._pauses = _Pauses()

    def call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method with these arguments; give Slack's answer. Raises `CallFailed`."""
        key = _pause_key(method, arguments)
        left = self._pauses.left(key, self._monotonic())
        if left > 0:
            raise RateLimited(left)
        try:
            return self._timed(method, lambda: self._once(method, arguments))
        except RateLimited as limited:
            self._pauses.keep(key, self._monotonic() + limited.seconds)
            raise

    def upload(self, url: str, content: bytes) -> None:
        """Send the bytes of a file to the address that Slack gave for it. Raises `CallFailed`."""
        self._timed("upload", lambda: _upload(url, content, self._timeout))

    def answers(self) -> bool:
        """Tell whether Slack answers this token at all."""
        try:
            self.call("auth.test")
        except CallFailed:
            return False
        return True

    def _once(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        sent = {name: _encoded(value) for name, value in arguments.items() if value is not None}
        try:
            answer = self._client.api_call(method, data=sent)
        except SlackApiError as error:
            raise _classified(error) from None
        except SlackRequestError:
            raise AnswerLost("no_answer") from None
        except (AttributeError, ValueError):
            # The SDK stumbles over an answer that is no JSON object, or no text.
            raise AnswerLost("garbage") from None
        except (OSError, http.client.HTTPException) as error:
            raise _unanswered(error) from None
        if not isinstance(answer.data, dict):
            raise AnswerLost("garbage")
        return answer.data

    def _timed(self, method: str, act: Callable[[], R]) -> R:
        begun = self._monotonic()
        outcome = "ok"
        try:
            return act()
        except CallFailed as failed:
            outcome = failed.code if isinstance(failed, Refused | RateLimited) else "no_answer"
            raise
        finally:
            if self._on_call is not None:
                self._on_call(method, outcome, self._monotonic() - begun)


class _Pauses:
    """Until when Slack wants no more of a call."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def left(self, key: tuple[str, str], now: float) -> float:
        with self._lock:
            return self._until.get(key, now) - now

    def keep(self, key: tuple[str, str], until: float) -> None:
        with self._lock:
            self._until = {each: moment for each, moment in self._until.items() if moment > until - 3600}
            self._until[key] = max(until, self._until.get(key, until))


def _pause_key(method: str, arguments: Mapping[str, Any]) -> tuple[str, str]:
    return method, str(arguments.get("channel", "")) if method in _BY_CONVERSATION else ""


def _encoded(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _classified(error: SlackApiError) -> CallFailed:
    response = error.response
    status = int(response.status_code)
    if status == 429:
        return RateLimited(retry_after(response.headers, _UNSAID))
    code = response.get("error") if isinstance(response.data, dict) else None
    if status >= 500:
        return AnswerLost(f"http_{status}")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        # Where the body is no JSON, the SDK puts words about it in the place of the code.
        return AnswerLost("garbage")
    if code in {"ratelimited", "rate_limited"}:
        return RateLimited(retry_after(response.headers, _UNSAID))
    if code in _UNCERTAIN:
        return AnswerLost(code)
    return NotDone(code) if code in _PASSING else Refused(code)


def _unanswered(error: Exception) -> CallFailed:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    # Without a connection nothing was sent, so nothing can have happened.
    return NotDone("no_connection") if isinstance(reason, ConnectionRefusedError) else AnswerLost("no_answer")


def _upload(url: str, content: bytes, timeout: int) -> None:
    if not url.startswith(("https://", "http://")):
        raise Refused("upload_address")
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at just above.
        url, data=content, headers={"Content-Type": "application/octet-stream"}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310 - as above.
            answer.read()
    except urllib.error.HTTPError as error:
        with error:
            raise _refused_upload(error) from None
    except (OSError, http.client.HTTPException) as error:
        raise _unanswered(error) from None


def _refused_upload(error: urllib.error.HTTPError) -> CallFailed:
    if error.code == 429:
        return RateLimited(retry_after(dict(error.headers.items()), _UNSAID))
    return AnswerLost(f"http_{error.code}") if error.code >= 500 else NotDone(f"http_{error.code}")
