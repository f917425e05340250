"""The company at its desk: the real store, schedule jobs, courier and Bolt app, over the wire with the sandbox.

Nothing moves but when a test says so: the desk and the sandbox share one clock, and every job, delivery and
answer is done before the clock goes on.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from sqlalchemy import func, select

from bot.app import bolt_app
from bot.courier import Courier
from bot.executor import AnswerExecutor
from bot.sandbox import Sandbox, World
from bot.sandbox import clock as sandbox_clock
from bot.sandbox.client import SlackClient
from bot.schedule import JOBS
from bot.slack_calls import SlackCalls
from handlers.context import Context
from handlers.drawings import Drawings
from handlers.slack import WebCalls
from store import keys
from store.database import Database
from store.desk import Actor, Desk, Policy
from store.importing import Options, load
from store.keys import KeyRing
from store.tables import deliveries, infrastructures, persons
from store.vault import Vault, generate_key
from tests.conftest import Clock
from tests.handlers.conftest import Counts
from tests.handlers.way_in import WayIn
from tests.year.company import BOT_TOKEN, BOT_USER, START, WORKSPACE, import_file, slack_id, workspace

_MOST_TURNS = 100
_FOLLOWED = timedelta(minutes=2)


@dataclass(frozen=True)
class Identity:
    workspace_id: str = WORKSPACE
    bot_user_id: str = BOT_USER


@dataclass
class Town:
    """Everything there is. `down` says that Slack answers nobody."""

    desk: Desk
    clock: Clock
    sandbox: Sandbox
    slack: SlackClient
    courier: Courier
    counts: Counts
    executor: AnswerExecutor
    people: dict[str, int]
    places: dict[str, int]
    down: bool = False

    @property
    def world(self) -> World:
        """The sandbox's own record. It is read only while nothing is under way there."""
        return self.sandbox.world

    def actor(self, name: str) -> Actor:
        """Somebody by first name, acting in Slack."""
        return Actor(self.people[name])

    def turn(self, until: datetime) -> None:
        """One turn of the schedule and of the courier, and what follows from it within two minutes or `until`."""
        for job in JOBS:
            _exhaust(job.name, lambda job=job: job.run(self.desk))  # type: ignore[misc] # bound at once
        self.courier.send_due()
        if not self.down:
            self._follow(min(until, self.clock.now + _FOLLOWED))
        self.settle()

    def next_due(self) -> datetime | None:
        """When the next delivery that is first in its lane is due, or its lease ends."""
        first = (
            select(func.min(deliveries.c.id))
            .where(deliveries.c.state == "queued")
            .group_by(deliveries.c.lane)
        )
        query = select(deliveries.c.due_at, deliveries.c.leased_until).where(deliveries.c.id.in_(first))
        with self.desk.database.read() as connection:
            moments = [max(filter(None, row)) for row in connection.execute(query)]
        return min(moments, default=None)

    def settle(self) -> None:
        """Wait until no event and no answer is under way between the app and Slack."""
        end = time.monotonic() + 10
        while self._is_busy():
            assert time.monotonic() < end, "the app did not come to rest"
            time.sleep(0.001)

    def _is_busy(self) -> bool:
        line: Any = self.world.emit.__self__  # type: ignore[attr-defined] # the method of the sandbox's line
        return bool(line._running or self.executor._running)

    def _follow(self, until: datetime) -> None:
        while True:
            due = self.next_due()
            if due is None or due > until:
                return
            self.clock.now = max(self.clock.now, due)
            self.courier.send_due()


@contextmanager
def open_town(database: Database, folder: Path) -> Iterator[Town]:
    """The company imported into an empty database, on the first morning of the year."""
    clock = Clock(START)
    vault = Vault([generate_key()])
    desk = Desk(database, vault, KeyRing(vault), Policy("Meridian", "help@meridian.example"), clock)
    _set_up(desk, folder)
    world = World.from_config(workspace(), sandbox_clock.Clock(lambda: clock.now.timestamp()))
    executor, counts = AnswerExecutor(threads=1), Counts()
    with Sandbox.start(world) as sandbox:
        web = WebClient(token=BOT_TOKEN, base_url=sandbox.api_url, timeout=5, retry_handlers=[])
        context = Context(desk, WebCalls(web), executor, counts, Identity)
        with WayIn(bolt_app(context, WebClient(token=BOT_TOKEN))) as way_in:
            slack = SlackClient(sandbox.url)
            slack.set_request_url(way_in.url)
            slack.weather(sharing=0.0)
            courier = _courier(desk, sandbox, clock)
            people, places = _known(desk)
            yield Town(desk, clock, sandbox, slack, courier, counts, executor, people, places)
        assert executor.stop(5)


def _set_up(desk: Desk, folder: Path) -> None:
    with desk.database.write() as connection:
        keys.init(connection, desk.vault, desk.clock())
    path = folder / "harbor.yml"
    path.write_text(import_file(), encoding="utf-8")
    load(desk, Actor(None, "import"), path, Options())


def _courier(desk: Desk, sandbox: Sandbox, clock: Clock) -> Courier:
    calls = SlackCalls(BOT_TOKEN, sandbox.api_url, monotonic=lambda: clock.now.timestamp(), timeout=5)
    chance = random.Random(7)  # noqa: S311 - spreads retries the same way in every run.
    return Courier(desk, calls, Drawings(), chance=chance)


def _known(desk: Desk) -> tuple[dict[str, int], dict[str, int]]:
    """People by first name and infrastructures by name."""
    with desk.database.read() as connection:
        found = connection.execute(select(persons.c.slack_id, persons.c.id)).all()
        places = connection.execute(select(infrastructures.c.name, infrastructures.c.id)).all()
    by_slack_id = {row.slack_id: row.id for row in found}
    names = [each.removeprefix(slack_id("")).lower() for each in by_slack_id]
    return dict(zip(names, by_slack_id.values(), strict=True)), {row.name: row.id for row in places}


def _exhaust(name: str, run: Callable[[], int]) -> None:
    """Run a job until nothing is due any more, as the schedule does."""
    for _ in range(_MOST_TURNS):
        if not run():
            return
    raise AssertionError(f"{name} finds something due again and again")
