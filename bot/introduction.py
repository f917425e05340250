"""Asks Slack who we are, keeps the answer in the database, and asks again until it is known."""

import threading

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.sockets import backoff
from store import identity
from store.desk import Actor, Desk
from store.identity import Workspace

log = structlog.get_logger(__name__)

_UNKNOWN = Workspace("", "", "", "", None, connected=False)
_DESK = Actor(None, "schedule")
FIRST_MEETING = 2.0
"""Seconds that the very first start waits for Slack, so that nobody who acts at once is taken for a stranger."""


class Introduction:
    """A service. Until Slack answers the first time in a desk's life, nobody is recognized."""

    def __init__(self, desk: Desk, client: WebClient) -> None:
        self._desk, self._client = desk, client
        with desk.database.read() as connection:
            self._known = identity.stored(connection) or _UNKNOWN
        self._stopped = threading.Event()
        self._met = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="introduction", daemon=True)

    def identity(self) -> Workspace:
        """Who we are, as last known; without ids before the first contact with Slack."""
        return self._known

    def start(self) -> None:
        """Begin to ask; returns at once, or where nothing is known yet with the answer or after two seconds."""
        self._thread.start()
        if not self._known.workspace_id:
            self._met.wait(FIRST_MEETING)

    def stop(self, seconds: float) -> bool:
        """Ask no more."""
        self._stopped.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _ask(self) -> None:
        attempts = 0
        while not self._stopped.is_set() and not self._asked_and_kept():
            attempts += 1
            self._stopped.wait(backoff(attempts))

    def _asked_and_kept(self) -> bool:
        try:
            return self._asked_once()
        except Exception:
            # The outermost edge of this thread, without which nobody would ever be recognized: also the database may
            # be away.
            log.exception("What Slack said of us could not be kept; asking again")
            return False

    def _asked_once(self) -> bool:
        try:
            said = self._client.auth_test()
        except (SlackClientError, OSError) as error:
            log.warning("Slack did not say who we are; asking again", error=type(error).__name__)
            return False
        found = Workspace(
            workspace_id=str(said["team_id"]),
            name=str(said.get("team") or ""),
            bot_id=str(said.get("bot_id") or ""),
            bot_user_id=str(said["user_id"]),
            app_id=None,
            connected=True,
        )
        identity.remember(self._desk, _DESK, found)
        self._known = found
        self._met.set()
        log.info("Connected to a workspace", workspace=found.workspace_id, name=found.name)
        return True
