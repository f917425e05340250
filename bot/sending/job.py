"""One delivery under way: what it is drawn and sent with, and the steps that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.mailing import Mailer
from bot.slack_calls import SlackCalls
from handlers.mails import Mail
from store import delivery_claims
from store.deliveries import Delivery
from store.desk import Desk

LEASE_SECONDS = 60
"""How long a delivery is held for one step; longer than the longest call."""


class Drawings(Protocol):
    """What messages look like: each function gives `text` and `blocks`."""

    def card(
        self,
        connection: Connection,
        desk: Desk,
        request_id: int,
        channel: str | None,
        person_id: int | None,
        /,
    ) -> dict[str, Any]:
        """Draw the card of a request for a channel, or for a person's direct message."""

    def file(self, connection: Connection, desk: Desk, item_id: int, /) -> dict[str, Any]:
        """Draw the message of an item's license file, with its `filename` and `title`."""

    def notice(self, connection: Connection, desk: Desk, delivery: Delivery, /) -> dict[str, Any]:
        """Draw a direct message."""

    def report(self, connection: Connection, desk: Desk, delivery: Delivery, /) -> dict[str, Any]:
        """Draw a notice with files: each of `files` has `filename`, `title`, `told` and `content`."""

    def reminder(
        self, connection: Connection, desk: Desk, links: Mapping[int, str | None], channel: str | None, /
    ) -> dict[str, Any]:
        """Draw a reminder of what waits in one conversation: requests by id, with the addresses of their cards."""

    def home(self, connection: Connection, desk: Desk, person_id: int, /) -> dict[str, Any]:
        """Draw somebody's Home: a view."""

    def step(self, connection: Connection, desk: Desk, delivery: Delivery, /) -> dict[str, Any]:
        """Give how a run of a workflow step ended: its `function_execution_id`, and `outputs` or `error`."""

    def mail(self, connection: Connection, desk: Desk, delivery: Delivery, /) -> Mail | None:
        """Draw an e-mail; None when there is nothing to say any more."""

    def deletion(self, connection: Connection, desk: Desk, delivery: Delivery, /) -> dict[str, Any]:
        """Draw what stands in the place of files that were deleted."""

    def reply(self, connection: Connection, desk: Desk, delivery: Delivery, /) -> dict[str, Any]:
        """Draw a reply in a card's thread."""


@dataclass
class Job:
    """A delivery that this courier holds.

    `due_at` is when it is to be taken up again, if it was given back; `outcome` is for the metrics.
    """

    desk: Desk
    slack: SlackCalls
    drawings: Drawings
    delivery: Delivery
    mailer: Mailer | None = None
    due_at: datetime | None = None
    outcome: str = "sent"

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.desk.clock()

    @property
    def unsure(self) -> bool:
        """Whether a step of an earlier attempt may have happened although nobody recorded it.

        So it is after an answer that was lost, and after a courier that never gave the delivery back.
        """
        given_back = int(self.delivery.steps.get("returned", 0))
        return bool(self.delivery.steps.get("unsure")) or self.delivery.attempts - 1 != given_back

    @property
    def steps(self) -> Mapping[str, Any]:
        """The steps that are done."""
        return self.delivery.steps

    def keep(self, **steps: object) -> None:
        """Record steps at once, so that no later attempt repeats them. Raises `LeaseLost`."""
        self.delivery = delivery_claims.keep_step(self.desk, self.delivery, LEASE_SECONDS, **steps)

    def note(self, **steps: object) -> None:
        """Note steps that are recorded together with the outcome of this attempt."""
        self.delivery = replace(self.delivery, steps={**self.delivery.steps, **steps})

    def wait(self, seconds: float, *, unsure: bool = False, apart: bool = False) -> None:
        """Give the delivery back until Slack may have done its part, which is no failed attempt.

        With `apart`, only an answer is waited for, and the lane goes on. Raises `LeaseLost`.
        """
        self.note(returned=self.delivery.attempts - 1, unsure=unsure)
        self.due_at, self.outcome = self.now + timedelta(seconds=seconds), "waiting"
        waiting = delivery_claims.wait_apart if apart else delivery_claims.wait
        waiting(self.desk, self.delivery, self.due_at)

    def wait_for_start(self, due_at: datetime) -> None:
        """Give the delivery back as if it had not begun. Raises `LeaseLost`."""
        self.note(returned=0, unsure=False)
        self.outcome = "waiting"
        delivery_claims.wait_for_start(self.desk, self.delivery, due_at)

    def postpone(self, seconds: float, error: str, *, unsure: bool) -> None:
        """Give the delivery back after a failed attempt. Raises `LeaseLost`."""
        self.note(returned=self.delivery.attempts, unsure=unsure)
        self.due_at = self.now + timedelta(seconds=seconds)
        delivery_claims.postpone(self.desk, self.delivery, self.due_at, error)

    def done(self) -> None:
        """Mark the delivery as done, where this changes nothing else. Raises `LeaseLost`."""
        delivery_claims.sent_alone(self.desk, delivery_claims.COURIER, self.delivery)
