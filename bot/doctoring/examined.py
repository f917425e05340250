"""What the checks look at: the settings, the database, Slack, and the present."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.doctoring.asking import Asking
from bot.settings import Settings
from store.database import Database

SOME = 200
"""How many people, channels and infrastructures are looked at one by one, unless all are wanted."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One installation of the desk, whose database is of this program's version.

    `clock` gives the present; `most` bounds what is looked at one by one.
    """

    settings: Settings
    database: Database
    slack: Asking
    clock: Callable[[], datetime]
    most: int | None = SOME


@dataclass(frozen=True, slots=True)
class Connected:
    """What the bot token gives: Slack's id of the workspace, and the scopes (absent when Slack told none)."""

    workspace_id: str
    scopes: frozenset[str] | None

    def may(self, scope: str) -> bool:
        """Whether a scope was granted, as far as is known."""
        return self.scopes is None or scope in self.scopes
