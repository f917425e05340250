"""Couriers that are killed again and again: everything arrives, and at most the step in flight is repeated."""

import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.courier import Courier
from store import decisions, keys
from store.deliveries import queue_notice
from store.delivery_claims import COURIER
from store.desk import Act, Actor, intention
from store.keys import KeyRing
from store.vault import Vault, generate_key
from tests.conftest import Clock
from tests.courier.conftest import PlainDrawings, Scene, slack_calls
from tests.example import START
from tests.store.requesting import ask, put, registered, seen

KILLS = 8
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class SkippingClock(Clock):
    """The example's time, going on, and able to skip what nobody wants to wait for."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def now(self) -> datetime:  # type: ignore[override] # this clock cannot be set
        return START + timedelta(seconds=self.seconds)

    @property
    def seconds(self) -> float:
        """Seconds since the example's start."""
        return time.monotonic() - self._begun

    def skip(self, seconds: float) -> None:
        """Go on by so many seconds at once."""
        self._begun -= seconds


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@intention
def notify(act: Act, person_ids: list[int], number: int) -> None:
    for each in range(number):
        queue_notice(act, "registered", person_ids[each % len(person_ids)], f"n{each:03}")


def kill_after(scene: Scene, clock: SkippingClock, key: str, seconds: float) -> None:
    """Let a courier of another process work for some time, kill it, and let its leases end."""
    command = [sys.executable, "-m", "tests.courier.killed", scene.desk.database.url.render_as_string()]
    given = [scene.sandbox.api_url, key, str(clock.seconds)]
    with subprocess.Popen(
        [*command, *given], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        process.kill()
    # What it had asked for may still be done: Slack is as slow to answer this as that, and has done that by then.
    slack_calls(scene.sandbox, clock).call("auth.test")
    clock.skip(61)


def test_after_every_kill_everything_arrives_and_nothing_twice(scene: Scene, clock: SkippingClock) -> None:
    key = generate_key()
    vault = Vault([key])
    scene.desk = replace(scene.desk, vault=vault, keys=KeyRing(vault))
    with scene.desk.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM signing_keys")
        keys.init(connection, vault, clock.now)
    people = [scene.example.ana, scene.example.ben, scene.example.max]
    mine = [registered(scene.desk, scene.example.tom, slot, slot) for slot in scene.example.production]
    hers = registered(scene.desk, scene.example.ana, scene.example.quality[0], 90)
    notify(scene.desk, COURIER, people, 45)
    ask(scene.desk, scene.example.tom, *mine)
    request_id = put(scene.desk, scene.example.ana, hers)
    decisions.forward(scene.desk, Actor(scene.example.rui), request_id)
    scene.people.weather(latency=0.05)
    chance = random.Random(11)  # noqa: S311 - the same kills in every run.
    for _ in range(KILLS):
        kill_after(scene, clock, key, chance.uniform(0.02, 0.4))
    scene.people.clear_weather()
    courier = Courier(scene.desk, slack_calls(scene.sandbox, clock), PlainDrawings())
    courier.start()
    end = time.monotonic() + 30
    while scene.states() != {"sent"}:
        assert time.monotonic() < end, scene.rows(state="queued")
        time.sleep(0.05)
    assert courier.stop(5)
    assert any(row.attempts > 1 for row in scene.rows()), "no kill fell into the work"
    said = Counter(text for name in ("ana", "ben", "max") for text in scene.direct(name) if " n0" in text)
    assert (len(said), set(said.values())) == (45, {1})
    for name in ("ana", "ben", "max"):
        in_order = [text for text in scene.direct(name) if " n0" in text]
        assert in_order == sorted(in_order)
    assert [file.title for each in scene.files("tom") for file in each.files] == [
        "Prod 1",
        "Prod 2",
        "Prod 3",
    ]
    assert len(scene.files("ana")) == 1
    assert not any(item.undelivered for item in seen(scene.desk, request_id).items)
