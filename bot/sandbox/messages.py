"""What was written: messages that stay and messages that only one person sees."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Message:
    """One message; `user` wrote it, `seen_by` is the one person who sees it (empty: everybody there).

    Metadata and files are those of Slack's message objects. `from_answer` marks what an ack or a
    `response_url` made: such a message cannot be updated through the Web API.
    """

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    files: list[str] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    edited: str | None = None
    by_app: bool = False
    seen_by: str = ""
    from_answer: bool = False
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    suggested: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Whether it stands in the thread of another message."""
        return self.thread_ts not in (None, self.ts)
