"""How far each person has read in each conversation."""

from bot.sandbox.conversations import Conversation
from bot.sandbox.messages import Message


class Reading:
    """The time of the last message that somebody has seen, by person and conversation."""

    def __init__(self) -> None:
        self._marks: dict[tuple[str, str], str] = {}

    def mark(self, user: str, place: Conversation, ts: str) -> None:
        """A person has seen everything up to `ts`; a mark never goes back."""
        self._marks[user, place.id] = max(ts, self.mark_of(user, place))

    def mark_of(self, user: str, place: Conversation) -> str:
        """The time of the last message that a person has seen there; empty when they saw none."""
        return self._marks.get((user, place.id), "")

    def unread(self, user: str, place: Conversation) -> list[Message]:
        """What others wrote since, outside of threads, and what only this person sees."""
        mark = self.mark_of(user, place)
        seen = [*place.messages.values(), *(each for each in place.ephemerals if each.seen_by == user)]
        return [each for each in seen if each.ts > mark and each.user != user and not each.is_reply]
