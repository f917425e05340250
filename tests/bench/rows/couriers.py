"""Deliveries with 1, 2 and 4 couriers of 8 calls in flight each, on PostgreSQL, with a Slack of 100 ms a call."""

import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import Engine, create_engine, text

from bot.sandbox.client import SlackClient
from store.database import Database
from store.deliveries import queue_notice
from store.desk import Act, Actor, Desk, Policy, intention
from store.keys import KeyRing
from store.migrating import migrate
from store.vault import Vault, generate_key
from tests.bench.data import fill
from tests.bench.programs import desk_of, slack_of
from tests.bench.results import Bound, Result, Table
from tests.postgres import Cluster, create_database

_COURIERS: Final = (1, 2, 4)
_PEOPLE: Final = 240
_EACH: Final = 6
"""Deliveries for each person, one after the other in their direct message."""
_WAIT: Final = 120.0


@intention
def notify(act: Act, occasion: str) -> None:
    """Queue notices that need nothing but words."""
    for number in range(_EACH):
        for person in range(2, 2 + _PEOPLE):
            queue_notice(act, "short_help", person, f"{occasion}:{person}:{number}")


def measure(folder: Path) -> Result:
    """The same number of deliveries each time; the rate is that of the middle, between three and nine tenths."""
    cluster = Cluster()
    try:
        url, master_key = create_database(cluster.socket_directory, f"bench_{uuid4().hex}"), generate_key()
        database = Database(url)
        migrate(database)
        fill(database, 1_500)
        vault = Vault([master_key])
        desk = Desk(database, vault, KeyRing(vault), Policy(), lambda: datetime.now(UTC))
        with slack_of(folder, [f"U{number:08}" for number in range(2, 2 + _PEOPLE)]) as (slack, api):
            slack.weather(latency=0.1)
            settings = {"LICENSE_DESK_DATABASE_URL": url, "LICENSE_DESK_MASTER_KEYS": master_key}
            engine = create_engine(url)
            _sent_a_second(folder, settings, api, desk, engine, 4)  # opens every direct message
            rates = {each: _sent_a_second(folder, settings, api, desk, engine, each) for each in _COURIERS}
            twice = _twice(slack)
            engine.dispose()
        database.close()
    finally:
        cluster.stop()
    lines = tuple((str(each), f"{rate:.0f}", f"{rate / rates[1] / each:.2f}") for each, rate in rates.items())
    bounds = (
        *(
            Bound(f"{each} couriers, of linear", rates[each] / rates[1] / each, "≥", 0.9)
            for each in _COURIERS[1:]
        ),
        Bound("deliveries made twice", twice, "≤", 0),
    )
    table = Table("By the second", ("couriers", "deliveries/s", "of linear"), lines)
    return Result("Couriers", (table,), bounds)


def _sent_a_second(
    folder: Path, settings: dict[str, str], api: str, desk: Desk, engine: Engine, couriers: int
) -> float:
    occasion = uuid4().hex[:8]
    with ExitStack() as stack:
        for _ in range(couriers):
            stack.enter_context(desk_of(folder, settings, api, "courier"))
        # All of them work from the first delivery on: queued earlier, most were sent while the last ones started.
        notify(desk, Actor(None, "schedule"), occasion)
        end = time.monotonic() + _WAIT
        while _count(engine, "queued"):
            if time.monotonic() > end:
                raise TimeoutError("the deliveries of the bench do not end")
            time.sleep(0.05)
    # What counts is the middle: at first they wait for the first calls, and at the end not all have something to do.
    query = text(
        "SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at)::float8) "
        "- percentile_cont(0.3) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at)::float8) "
        "FROM deliveries WHERE occasion LIKE :occasion"
    )
    with engine.connect() as connection:
        seconds = float(connection.execute(query, {"occasion": f"%{occasion}%"}).scalar_one())
    return 0.6 * _EACH * _PEOPLE / seconds


def _count(engine: Engine, state: str) -> int:
    with engine.connect() as connection:
        query = text("SELECT count(*) FROM deliveries WHERE state = :state")
        return int(connection.execute(query, {"state": state}).scalar_one())


def _twice(slack: SlackClient) -> int:
    rounds = 1 + len(_COURIERS)
    got = Counter(person for person in range(2, 2 + _PEOPLE) for _ in slack.direct(f"U{person:08}"))
    return sum(max(0, number - rounds * _EACH) for number in got.values())
