"""One way from a request of Slack to the desk's answer, shared by Socket Mode and HTTP, timed and counted."""

import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt import App, BoltRequest, BoltResponse

from bot.metrics import Metrics
from store.waiting import waiting_at_most, without_waiting

log = structlog.get_logger(__name__)

PATIENCE = 2.0
"""Seconds that an answer waits for others who write; after three, Slack tells the person that the app is away."""


@dataclass(frozen=True)
class Asked:
    """What a request asks for: its kind and its name, `other` when the name is none of ours."""

    kind: str
    name: str


class BadPayload(Exception):
    """A payload in no shape that Slack sends."""


class Dispatcher:
    """Runs the Bolt app for one request at a time and thread.

    `names` are the subcommands, action, callback and event names that may appear as metric labels: what
    people type after the command is theirs and stays out. `quick` tells of a payload that it takes a few short
    reads to answer.
    """

    def __init__(
        self,
        app: App,
        metrics: Metrics,
        names: Collection[str] = (),
        quick: Callable[[Mapping[str, Any]], bool] = lambda _body: False,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._names = frozenset(names)
        self._quick = quick

    def is_quick(self, request: BoltRequest) -> bool:
        """Whether it takes a few short reads to answer a request."""
        return self._quick(request.body)

    def answer_at_once(self, request: BoltRequest) -> BoltResponse:
        """Give the answer to a request without waiting for anything. Raises `WouldWait`, with nothing changed."""
        with without_waiting():
            return self.answer(request)

    def answer(self, request: BoltRequest) -> BoltResponse:
        """Give the answer to one request.

        An event for which there is no listener is answered with 200: sending it again would change nothing,
        and Slack switches the events of an app off when many of them fail.
        """
        started = time.perf_counter()
        with waiting_at_most(PATIENCE):
            response = self._dispatch(request)
        asked = what_is_asked(request.body, self._names)
        outcome = _outcome(response)
        self._metrics.answered(asked.kind, asked.name, outcome, time.perf_counter() - started)
        if outcome == "unheard" and asked.kind == "event":
            return BoltResponse(status=200)
        if outcome != "answered":
            log.warning(
                "A request of Slack has no good answer", kind=asked.kind, name=asked.name, outcome=outcome
            )
        return response

    def _dispatch(self, request: BoltRequest) -> BoltResponse:
        try:
            return self._app.dispatch(request)
        except Exception as error:  # noqa: BLE001 - the outermost edge of an answer; see below.
            # Errors of listeners end in `app.error`. What still arrives here is Bolt failing to look into a
            # payload, first for the listener and then again for `app.error`, so it is the payload that is bad.
            last = traceback.extract_tb(error.__traceback__)[-1]
            log.warning(
                "Bolt cannot read a payload", error=type(error).__name__, at=f"{last.name}:{last.lineno}"
            )
            return BoltResponse(status=400)


def to_bolt(payload: dict[str, Any], headers: Mapping[str, str | Sequence[str]]) -> BoltRequest:
    """Make Bolt's request of a payload that is parsed already.

    Nothing is parsed twice, so Bolt cannot see anything else than a guard saw. The mode tells Bolt just that;
    it is not looked at anywhere else once Bolt's own verification is off. Raises BadPayload.
    """
    try:
        return BoltRequest(body=payload, headers=dict(headers), mode="socket_mode")
    except (AttributeError, KeyError, TypeError, ValueError):
        # Bolt looks for ids in the payload and trusts their shapes.
        raise BadPayload("its payload is in no shape of Slack's") from None


def what_is_asked(body: Mapping[str, Any], names: Collection[str]) -> Asked:
    """Tell what a payload asks for, whatever its shape."""
    kind, name = _kind_and_name(body)
    if name in names:
        return Asked(kind, name)
    stem = name.partition(":")[0]
    return Asked(kind, stem if stem in names else "other")


def _kind_and_name(body: Mapping[str, Any]) -> tuple[str, str]:
    if "command" in body:
        return "command", (str(body.get("text") or "").split(maxsplit=1) or ["help"])[0].lower()
    kind = body.get("type")
    if kind == "event_callback":
        return "event", _text(body.get("event"), "type")
    if kind == "block_actions":
        actions = body.get("actions")
        return "action", _text(actions[0] if isinstance(actions, list) and actions else None, "action_id")
    if kind == "block_suggestion":
        return "suggestion", _text(body, "action_id")
    if kind in ("view_submission", "view_closed"):
        return "view", _text(body.get("view"), "callback_id")
    return ("shortcut", _text(body, "callback_id")) if kind == "shortcut" else ("other", "other")


def _text(thing: object, key: str) -> str:
    return str(thing.get(key)) if isinstance(thing, Mapping) else ""


def _outcome(response: BoltResponse) -> str:
    if response.status < 400:
        return "answered"
    return "unheard" if response.status == 404 else "failed"
