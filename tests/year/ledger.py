"""What really happened in the town, as the calendar made it happen: the desk's own word for it is not taken."""

from dataclasses import dataclass, field
from datetime import datetime

Span = tuple[datetime, datetime | None]


@dataclass
class Ledger:
    """Spans of time, each open while it has no end.

    `away`: when somebody had no rights, by Slack id, because they had left or their roles were not confirmed yet.
    `silent`: when Slack answered nobody. `lost`: when a channel was archived, by Slack id.
    """

    away: dict[str, list[Span]] = field(default_factory=dict)
    silent: list[Span] = field(default_factory=list)
    lost: dict[str, list[Span]] = field(default_factory=dict)

    def left(self, slack_id: str, moment: datetime) -> None:
        """Somebody was deactivated."""
        self.away.setdefault(slack_id, []).append((moment, None))

    def came_back(self, slack_id: str, moment: datetime) -> None:
        """Somebody's roles count again."""
        _end(self.away[slack_id], moment)

    def is_away(self, slack_id: str | None, moment: datetime) -> bool:
        """Whether somebody had no rights at a moment."""
        return _covers(self.away.get(slack_id or "", []), moment)

    def fell_silent(self, moment: datetime) -> None:
        """Slack stopped answering."""
        self.silent.append((moment, None))

    def speaks(self, moment: datetime) -> None:
        """Slack answers again."""
        _end(self.silent, moment)

    def is_silent(self, moment: datetime) -> bool:
        """Whether Slack answered nobody at a moment."""
        return _covers(self.silent, moment)

    def archived(self, channel: str, moment: datetime) -> None:
        """A channel was archived."""
        self.lost.setdefault(channel, []).append((moment, None))

    def came_from_archive(self, channel: str, moment: datetime) -> None:
        """A channel came back."""
        _end(self.lost[channel], moment)


def _end(spans: list[Span], moment: datetime) -> None:
    spans[-1] = (spans[-1][0], moment)


def _covers(spans: list[Span], moment: datetime) -> bool:
    return any(begun <= moment and (ended is None or moment < ended) for begun, ended in spans)
