"""Asking Slack: one question at a time, as often as Slack asks to wait, with a failure that has a code."""

import http.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.retry_after import retry_after

_ATTEMPTS = 3
_LONGEST_PAUSE = 60.0
_UNSAID = 1.0


class SlackFailed(Exception):
    """Slack refused to answer; `code` is Slack's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoAnswer(SlackFailed):
    """Slack could not be reached, or gave no answer that can be read."""

    def __init__(self) -> None:
        super().__init__("no_answer")


@dataclass(frozen=True, slots=True)
class Said:
    """What Slack answered, and the headers of the answer by their names in lower case."""

    facts: Mapping[str, Any]
    headers: Mapping[str, str]


class Asking:
    """Asks over a web client that repeats nothing by itself; `pause` waits so many seconds."""

    def __init__(self, client: WebClient, pause: Callable[[float], None]) -> None:
        self._client = client
        self._pause = pause

    def ask(self, method: str, *, token: str | None = None, **arguments: Any) -> Said:
        """Call a method, with another token than the bot's if given. Raises `SlackFailed`."""
        for left in reversed(range(_ATTEMPTS)):
            try:
                return self._once(method, token, arguments)
            except SlackApiError as error:
                if not (left and error.response.status_code == 429):
                    raise _failed(error) from None
                self._pause(min(retry_after(error.response.headers, _UNSAID), _LONGEST_PAUSE))
        raise NoAnswer

    def _once(self, method: str, token: str | None, arguments: Mapping[str, Any]) -> Said:
        sent = {**arguments, **({} if token is None else {"token": token})}
        try:
            answer = self._client.api_call(method, params=sent)
        except (SlackRequestError, OSError, http.client.HTTPException, AttributeError, ValueError):
            # The last two: the SDK stumbles over an answer that is no JSON object, or no text.
            raise NoAnswer from None
        if not isinstance(answer.data, dict):
            raise NoAnswer
        return Said(answer.data, _lower(answer.headers))


def _failed(error: SlackApiError) -> SlackFailed:
    facts = error.response.data
    code = facts.get("error") if isinstance(facts, dict) else None
    if error.response.status_code >= 500 or not isinstance(code, str) or " " in code:
        return NoAnswer()
    return SlackFailed(code)


def _lower(headers: Mapping[str, Any]) -> dict[str, str]:
    values = {name.lower(): value for name, value in headers.items()}
    return {name: str(value[0] if isinstance(value, list) else value) for name, value in values.items()}
