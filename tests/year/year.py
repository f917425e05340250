"""The year goes by: from one moment at which something happens or is due to the next, with a look every day."""

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from store.rules.errors import DeskError
from tests.year.checker import Checker
from tests.year.company import END
from tests.year.ledger import Ledger
from tests.year.promises import promise
from tests.year.residents import waiting
from tests.year.town import Town

_GRID = timedelta(hours=12)
_MINUTES = 24 * 60


class Year:
    """A town, what is going to happen in it, and who watches. `done` counts what happened and what was refused."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town = town
        self.chance = random.Random(seed)  # noqa: S311 - the same year for the same seed.
        self.ledger = Ledger()
        self.done: Counter[str] = Counter()
        self.complaints: list[str] = []
        self.looks = 0
        self._checker = Checker(town.desk.database, town.world, self.ledger)
        self._moments: list[datetime] = []
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._look_at = self._some_time_on(town.clock.now)

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.town.clock.now

    def at(self, moment: datetime, event: Callable[[], None]) -> None:
        """Let something happen at a moment."""
        heapq.heappush(self._agenda, (moment, next(self._numbers), event))

    def after(self, event: Callable[[], None], **span: float) -> None:
        """Let something happen some time from now."""
        self.at(self.now + timedelta(**span), event)

    def attempt(self, name: str, act: Callable[[], object]) -> bool:
        """Do something that the desk may refuse; tell whether it was done."""
        try:
            act()
        except DeskError as refused:
            self.done[f"{name}: {type(refused).__name__}"] += 1
            return False
        self.done[name] += 1
        return True

    def run(self, until: datetime = END) -> None:
        """Let the time go by, until the end or until something is not as it must be."""
        self._moments = self._coming(until)
        while self.now < until and not self.complaints:
            while self._agenda and self._agenda[0][0] <= self.now:
                heapq.heappop(self._agenda)[2]()
            self.town.turn(min(each for each in self._moments if each > self.now))
            self._look()
            self._moments = self._coming(until)
            self.town.clock.now = max(self.now, min(self._moments))

    def look(self) -> list[str]:
        """Look at everything now."""
        self.complaints += [f"{self.now}: {each}" for each in self._checker.complaints(self.now)]
        return self.complaints

    def _look(self) -> None:
        """Once a day, at another time each day."""
        if self.now >= self._look_at:
            self._look_at = self._some_time_on(self._look_at + timedelta(days=1))
            self.looks += 1
            self.look()

    def _some_time_on(self, day: datetime) -> datetime:
        return day.replace(hour=0, minute=0) + timedelta(minutes=self.chance.randrange(_MINUTES))

    def _coming(self, until: datetime) -> list[datetime]:
        """The moments after now at which there is something to do.

        What a turn adds comes a quarter of an hour later at the earliest, and a turn takes two minutes at most.
        """
        grid = self.now.replace(minute=0, second=0, microsecond=0) + _GRID
        due = None if self.town.down else self.town.next_due()
        agenda = [each for each, _, _ in self._agenda]
        moments = [until, grid, due, self._look_at, *agenda, *self._promised()]
        return [each for each in moments if each is not None and each > self.now]

    def _promised(self) -> list[datetime]:
        found = (promise(each, each.working_hours) for each in waiting(self.town))
        return [moment for each in found for moment in each.moments()]
