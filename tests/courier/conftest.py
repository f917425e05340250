"""A courier against a running sandbox whose clock is the desk's, so that time moves only when a test says so."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from bot.courier import Courier
from bot.sandbox import Sandbox, World
from bot.sandbox import clock as sandbox_clock
from bot.sandbox.client import SlackClient
from bot.slack_calls import SlackCalls
from handlers.mails import Mail
from store import keys
from store.database import Database
from store.deliveries import Delivery
from store.desk import Desk
from store.request_views import items_of, view
from store.tables import deliveries
from tests.conftest import Clock
from tests.example import APPROVAL_CHANNEL, WORKSPACE, Example

TOKEN = "xoxb-courier-test"
NAMES = ("ana", "ben", "rui", "fiona", "ada", "tom", "eva", "max", "olga", "gus", "otto", "nina")
IN_CHANNEL = ("rui", "fiona", "eva", "tom")


class PlainDrawings:
    """Drawings of few words, each saying what it is about."""

    def card(
        self, connection: Connection, _: Desk, request_id: int, channel: str | None, person_id: int | None
    ) -> dict[str, Any]:
        request = view(connection, request_id)
        states = ", ".join(str(item.state) for item in request.items)
        return _message(f"Request: {states} (for {channel or person_id})")

    def file(self, connection: Connection, _: Desk, item_id: int) -> dict[str, Any]:
        item = items_of(connection, [item_id])[0]
        words = _message(f"License file of {item.environment.slot_name}")
        return {**words, "filename": f"{item.serial}.lic", "title": item.environment.slot_name}

    def notice(self, _: Connection, __: Desk, delivery: Delivery) -> dict[str, Any]:
        return _message(f"notice {delivery.notice} {delivery.occasion}")

    def report(self, _: Connection, __: Desk, delivery: Delivery) -> dict[str, Any]:
        return {**_message(f"report {delivery.occasion}"), "files": []}

    def reminder(
        self, _: Connection, __: Desk, links: Mapping[int, str | None], channel: str | None
    ) -> dict[str, Any]:
        linked = sum(each is not None for each in links.values())
        return _message(f"reminder of {sorted(links)}, {linked} linked (for {channel})")

    def home(self, _: Connection, __: Desk, person_id: int) -> dict[str, Any]:
        return {"type": "home", "blocks": _message(f"Home of {person_id}")["blocks"]}

    def step(self, _: Connection, __: Desk, delivery: Delivery) -> dict[str, Any]:
        return {"function_execution_id": "Fx1", "outputs": {"state": delivery.occasion}}

    def mail(self, _: Connection, __: Desk, delivery: Delivery) -> Mail | None:
        said = f"{delivery.notice} {delivery.occasion}"
        return Mail("Gus Tan", "gus.tan@acme.example", said, said, f"<p>{said}</p>")

    def deletion(self, _: Connection, __: Desk, delivery: Delivery) -> dict[str, Any]:
        return _message(f"deleted {delivery.occasion}")

    def reply(self, _: Connection, __: Desk, delivery: Delivery) -> dict[str, Any]:
        return _message(f"reply {delivery.notice}")


def _message(text: str) -> dict[str, Any]:
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}


@dataclass
class Scene:
    """A desk, its courier, and the people of the example in a sandbox."""

    desk: Desk
    clock: Clock
    example: Example
    sandbox: Sandbox
    people: SlackClient
    courier: Courier
    outcomes: list[tuple[str, str]]
    calls: list[tuple[str, str]]
    drawings: PlainDrawings = field(default_factory=PlainDrawings)

    def another_courier(self, **more: Any) -> Courier:
        """A courier of another process on the same database and Slack."""
        return Courier(self.desk, slack_calls(self.sandbox, self.clock), self.drawings, **more)

    def run(self, within: timedelta = timedelta(minutes=2)) -> None:
        """Send everything that becomes due within this time, moving the clock from one due time to the next."""
        end = self.clock.now + within
        while True:
            self.courier.send_due()
            due = self.next_due()
            if due is None or due > end:
                return
            self.clock.now = max(self.clock.now, due)

    def next_due(self) -> datetime | None:
        """When the next first one of a lane is due or its lease ends."""
        first = (
            select(func.min(deliveries.c.id))
            .where(deliveries.c.state == "queued")
            .group_by(deliveries.c.lane)
        )
        query = select(deliveries.c.due_at, deliveries.c.leased_until).where(deliveries.c.id.in_(first))
        with self.desk.database.read() as connection:
            moments = [max(filter(None, row)) for row in connection.execute(query)]
        return min(moments, default=None)

    def rows(self, **wanted: object) -> list[Any]:
        """Deliveries with these values, oldest first."""
        query = select(deliveries).order_by(deliveries.c.id)
        for name, value in wanted.items():
            query = query.where(deliveries.c[name] == value)
        with self.desk.database.read() as connection:
            return list(connection.execute(query).all())

    def states(self, **wanted: object) -> set[str]:
        """The states of deliveries with these values."""
        return {row.state for row in self.rows(**wanted)}

    def count(self, **wanted: object) -> int:
        """How many deliveries have these values."""
        return len(self.rows(**wanted))

    def texts(self, channel: str = APPROVAL_CHANNEL) -> list[str]:
        """What stands in a channel, without replies."""
        return [each.text for each in self.people.messages(channel) if not each.thread_ts]

    def replies(self, channel: str = APPROVAL_CHANNEL) -> list[str]:
        """What was replied in the threads of a channel."""
        return [each.text for each in self.people.messages(channel) if each.thread_ts]

    def direct(self, name: str) -> list[str]:
        """What somebody was told directly, without replies and files."""
        found = self.people.direct(f"U0{name.upper()}")
        return [each.text for each in found if not each.thread_ts and not each.files]

    def files(self, name: str) -> list[Any]:
        """Messages with files in somebody's direct message."""
        return [each for each in self.people.direct(f"U0{name.upper()}") if each.files]

    def total(self, table: Any) -> int:
        """How many rows a table has."""
        with self.desk.database.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()


def slack_calls(sandbox: Sandbox, clock: Clock, **more: Any) -> SlackCalls:
    """The courier's way to the sandbox."""
    return SlackCalls(TOKEN, sandbox.api_url, monotonic=lambda: clock.now.timestamp(), timeout=1, **more)


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    """The example's workspace."""
    people = [{"id": f"U0{name.upper()}", "name": name} for name in NAMES]
    channel = {"id": APPROVAL_CHANNEL, "name": "licenses", "members": list(IN_CHANNEL)}
    config = {
        "workspace": {"id": WORKSPACE, "name": "Acme", "domain": "acme"},
        "app": {"name": "License Desk", "bot_token": TOKEN},
        "people": people,
        "channels": [channel],
    }
    world = World.from_config(config, sandbox_clock.Clock(lambda: clock.now.timestamp()))
    with Sandbox.start(world) as running:
        yield running


@pytest.fixture
def scene(desk: Desk, database: Database, clock: Clock, example: Example, sandbox: Sandbox) -> Scene:
    """Everything a test of the courier needs."""
    with database.write() as connection:
        if not keys.list_keys(connection):
            keys.init(connection, desk.vault, clock.now)
    outcomes: list[tuple[str, str]] = []
    calls: list[tuple[str, str]] = []
    slack = slack_calls(sandbox, clock, on_call=lambda method, outcome, _: calls.append((method, outcome)))
    courier = Courier(
        desk,
        slack,
        PlainDrawings(),
        chance=random.Random(7),  # noqa: S311 - the same retries in every run.
        on_delivery=lambda kind, outcome: outcomes.append((kind, outcome)),
    )
    return Scene(desk, clock, example, sandbox, SlackClient(sandbox.url), courier, outcomes, calls)
