"""The roll call: everybody in the workspace as Slack knows them, once a day and after each start.

Slack says a few times that somebody was deactivated, came back or became a guest, and then never again. What it
said while nobody listened is found here.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import structlog

from bot.slack_calls import CallFailed, RateLimited, SlackCalls
from handlers.blocks.state import BadPayload
from handlers.person_events import note_user
from store.desk import Desk

FIRST_AFTER = 30.0
"""Seconds from the start to the first roll call, so that people who wait are answered first."""
EVERY = 24 * 3600.0
"""Seconds between roll calls."""
AGAIN_AFTER = 600.0
"""Seconds until a roll call that failed is begun again."""
PAGE = 200
BETWEEN_PAGES = 3.0
"""Seconds; Slack takes about twenty of these calls a minute."""

log = structlog.get_logger(__name__)


class RollCall:
    """A service: `start` and `stop`.

    `workspace` gives Slack's id of our workspace, empty until it is known. People are read in pages of `page`,
    with `between` seconds from one to the next.
    """

    def __init__(
        self,
        desk: Desk,
        slack: SlackCalls,
        workspace: Callable[[], str],
        *,
        page: int = PAGE,
        between: float = BETWEEN_PAGES,
    ) -> None:
        self._desk, self._slack, self._workspace = desk, slack, workspace
        self._size, self._between = page, between
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="roll-call", daemon=True)

    def start(self) -> None:
        """Begin to wait for the first roll call; returns at once."""
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """Call nobody any more; tell whether it ended within `seconds`."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def call(self) -> None:
        """Go through everybody once, and note what is news. Raises `CallFailed`."""
        workspace = self._workspace()
        for user in self._everybody():
            if self._stopped.is_set():
                return
            try:
                note_user(self._desk, workspace, user)
            except BadPayload as error:
                # One person in an odd shape must not keep all others from being called.
                log.warning("Slack describes somebody in an unknown shape", problem=str(error))

    def _everybody(self) -> Iterator[Mapping[str, Any]]:
        cursor: str | None = None
        while True:
            page = self._page(cursor)
            yield from page.get("members") or []
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None or self._stopped.wait(self._between):
                return

    def _page(self, cursor: str | None) -> Mapping[str, Any]:
        while True:
            try:
                return self._slack.call("users.list", limit=self._size, cursor=cursor)
            except RateLimited as limited:
                if self._stopped.wait(limited.seconds):
                    raise

    def _run(self) -> None:
        pause = FIRST_AFTER
        while not self._stopped.wait(pause):
            pause = self._tried()

    def _tried(self) -> float:
        """Call the roll if it is known whose; give the seconds until the next time."""
        if not self._workspace():
            return FIRST_AFTER
        try:
            self.call()
        except CallFailed as failed:
            log.warning("The roll call failed; it is begun again later", code=failed.code)
            return AGAIN_AFTER
        except Exception:
            # The outermost edge of this thread, which has to go on when the database is back.
            log.exception("The roll call failed; it is begun again later")
            return AGAIN_AFTER
        return EVERY
