"""The real courier at work in the thread of a test, and what people find in Slack afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.courier import Courier
from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message
from store.desk import Desk
from store.tables import deliveries
from tests.conftest import Clock
from tests.example import APPROVAL_CHANNEL
from tests.handlers.acting import there
from tests.handlers.reading import shown


@dataclass
class Posts:
    """What was queued, sent when a test says so; time passes only while the courier waits for Slack."""

    desk: Desk
    clock: Clock
    slack: SlackClient
    courier: Courier

    def send(self) -> None:
        """Send everything that is due now or within a minute."""
        end = self.clock.now + timedelta(minutes=1)
        while True:
            self.courier.send_due()
            due = self._next_due()
            if due is None or due > end:
                return
            self.clock.now = max(self.clock.now, due)

    def card(self, channel: str = APPROVAL_CHANNEL) -> Message:
        """The newest card in a channel."""
        return [each for each in self.slack.messages(channel) if not each.thread_ts][-1]

    def replies(self, channel: str = APPROVAL_CHANNEL) -> list[str]:
        """What was said in the threads of a channel."""
        return [each.text for each in self.slack.messages(channel) if each.thread_ts]

    def direct(self, user: str) -> list[str]:
        """What stands in somebody's direct message, with every text of each message."""
        return [shown(each.blocks) for each in self.slack.direct(user)]

    def direct_message(self, user: str, part: str) -> Message:
        """The newest direct message with these words in it."""
        return [each for each in self.slack.direct(user) if part in shown(each.blocks)][-1]

    def click(self, user: str, message: Message, action: str) -> None:
        """Press a button whose action id begins like this, and see that the click is taken."""
        ids = [each["action_id"] for block in message.blocks for each in block.get("elements", [])]
        found = next(each for each in ids if each.partition(":")[0] == action)
        answer = self.slack.click(user, message, found)
        assert answer.ok, answer

    def answer(self, user: str, part: str) -> str:
        """What only this person was told, as soon as there is something with these words in it."""

        def look() -> str | None:
            found = [shown(each.blocks) for each in self.slack.ephemerals(user)]
            return next((each for each in found if part in each), None)

        return there(self.slack, look)

    def _next_due(self) -> datetime | None:
        query = (
            select(deliveries.c.due_at).where(deliveries.c.state == "queued").order_by(deliveries.c.due_at)
        )
        with self.desk.database.read() as connection:
            return connection.execute(query.limit(1)).scalar_one_or_none()
