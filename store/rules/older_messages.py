"""Messages from before a restored backup, whose buttons name what was made after it: what they were about is lost."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from store.rules.errors import Refusal

TOLERATED = timedelta(minutes=1)
"""By how much a message may seem older than a restore that it came after; see `outlived`."""


class Thing(StrEnum):
    """What the buttons of messages name by an id."""

    REQUEST = "request"
    ITEM = "item"
    REGISTRATION = "registration"
    ACCESS_REQUEST = "access request"
    ROLE = "role"
    STAND_IN = "stand-in"
    SLOT = "slot"
    INFRASTRUCTURE = "infrastructure"
    PERSON = "person"


@dataclass(eq=False)
class MessageOlder(Refusal):
    """The message is from before a restore: what its button named is lost, and the id was given out again."""

    thing: Thing
    thing_id: int
    subject: str = "message"

    @property
    def audited(self) -> dict[str, object]:
        """What its button names today."""
        return {"thing": str(self.thing), "id": self.thing_id}


def outlived(message: timedelta, restore: timedelta) -> bool:
    """Whether a message of this age was there before a restore of that age.

    Two ages are compared and not two moments, each of them taken by one clock alone, so that Slack's clock and ours
    may differ by anything. What may still differ is the clocks of several machines of ours, and one that was set right
    meanwhile, by seconds: a minute covers it, and is less than it takes to stop the program, restore a backup and ask
    anew. What seems to come from the future is as young as can be.
    """
    return message > max(restore, timedelta(0)) + TOLERATED
