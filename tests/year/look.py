"""One look of the checker: the moment, the rows now and at the look before, Slack's record and the ledger."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from bot.sandbox import World
from tests.year.facts import Facts
from tests.year.ledger import Ledger
from tests.year.shown import LiveCard, ShownFile, live_cards, posts_by_delivery


@dataclass(frozen=True)
class Look:
    """What a check is given; `before` is empty at the first look.

    `files` are the license files that were shown since then, `copies` counts all there ever were, by the SHA-256
    of their bytes and who has them.
    """

    now: datetime
    facts: Facts
    before: Facts
    world: World
    ledger: Ledger
    files: Sequence[ShownFile]
    copies: Counter[tuple[str, str]]

    @property
    def slack_speaks(self) -> bool:
        """Whether Slack answers at this moment, so that everything due was done."""
        return not self.ledger.is_silent(self.now)

    @cached_property
    def live_cards(self) -> list[LiveCard]:
        """Every card that can be pressed."""
        return list(live_cards(self.world))

    @cached_property
    def posts(self) -> Counter[int]:
        """How many messages there are of each delivery."""
        return posts_by_delivery(self.world)
