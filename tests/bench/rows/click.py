"""From the click on *Forward* to the first call at Slack, and to the file, with a Slack that takes its time."""

import time
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Final

from bot.sandbox.client import SlackClient
from store import keys, requests
from store.database import Database
from store.desk import Actor, Desk, Policy
from store.keys import KeyRing
from store.migrating import migrate
from store.vault import Vault, generate_key
from tests.bench.asking import Asker
from tests.bench.data import fill
from tests.bench.programs import desk_of, slack_of
from tests.bench.results import Bound, Result, Table

_CLICKS: Final = 60
_SLOW_CLICKS: Final = 20
_LATENCY: Final = 0.1
_ROUND_TRIPS: Final = 3
_PER_PERSON: Final = 4
"""Requests of one engineer, each for another environment of the first infrastructure."""
_WAIT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Made:
    """A request that waits for its answer; `contact` and `requester` by Slack's ids."""

    request_id: int
    contact: str
    requester: str


def measure(folder: Path) -> Result:
    """Make requests, wait until their cards are posted, and forward them one after the other."""
    path, master_key = folder / "desk.db", generate_key()
    people = (_CLICKS + _SLOW_CLICKS) // _PER_PERSON
    desk, made = _prepared(path, master_key, people)
    everybody = [f"U{number:08}" for number in range(2, 2 + 6 * people)]
    settings = {"LICENSE_DESK_DATABASE_URL": f"sqlite:///{path}", "LICENSE_DESK_MASTER_KEYS": master_key}
    with slack_of(folder, everybody) as (slack, api), desk_of(folder, settings, api) as (_, port):
        slack.weather(sharing=0.0)
        _wait_until_quiet(desk)
        asker = Asker(port)
        first = _to_first_call(slack, desk, asker, made[:_CLICKS])
        slack.weather(latency=_LATENCY)
        files = _to_file(slack, desk, asker, made[_CLICKS:])
    desk.database.close()
    most = _ROUND_TRIPS * _LATENCY * 1000 + 50
    lines = tuple(
        (name, f"{_at(each, 50):.1f}", f"{_at(each, 99):.1f}")
        for name, each in (("to the first call", first), ("to the file, each call taking 100 ms", files))
    )
    bounds = (
        Bound("click to first call, p50", _at(first, 50), "≤", 10, " ms"),
        Bound("click to first call, p99", _at(first, 99), "≤", 50, " ms"),
        Bound("click to file, p50", _at(files, 50), "≤", most, " ms"),
    )
    return Result(
        "A click on Forward", (Table("From the click", ("what", "p50 ms", "p99 ms"), lines),), bounds
    )


def _prepared(path: Path, master_key: str, people: int) -> tuple[Desk, list[Made]]:
    """A desk with requests."""
    database = Database(f"sqlite:///{path}")
    migrate(database)
    fill(database, 1_000)
    vault = Vault([master_key])
    desk = Desk(database, vault, KeyRing(vault), Policy(vendor="Vendor"), lambda: datetime.now(UTC))
    with database.write() as connection:
        keys.init(connection, vault, desk.clock())
    made = []
    for place in range(people):
        first_person, first_registration = 2 + 6 * place, 1 + 8 * 4 * place
        for number in range(_PER_PERSON):
            asked = requests.ask(
                desk, Actor(first_person + 1), [first_registration + number], "upgrade", None
            )
            made.append(Made(asked.request_id or 0, f"U{first_person + 4:08}", f"U{first_person + 1:08}"))
    return desk, made


def _to_first_call(slack: SlackClient, desk: Desk, asker: Asker, made: Sequence[Made]) -> list[float]:
    clicked = [_forward(desk, asker, each) for each in made]
    calls = sorted(each.at for each in slack.calls())
    return [(calls[bisect(calls, moment)] - moment) * 1000 for moment in clicked]


def _to_file(slack: SlackClient, desk: Desk, asker: Asker, made: Sequence[Made]) -> list[float]:
    clicked = [_forward(desk, asker, each) for each in made]
    shared: dict[str, list[float]] = {each.requester: [] for each in made}
    for requester, moments in shared.items():
        moments += sorted(float(each.ts) for each in slack.direct(requester) if each.files)
    found = [
        shared[each.requester][bisect(shared[each.requester], moment)]
        for each, moment in zip(made, clicked, strict=True)
    ]
    return [(at - moment) * 1000 for at, moment in zip(found, clicked, strict=True)]


def _forward(desk: Desk, asker: Asker, made: Made) -> float:
    """Forward a request, and wait until all that follows is done without asking the stand-in; give the moment.

    What happened there is read afterwards: reading it meanwhile takes the time that is measured.
    """
    clicked = time.time()
    asker.click(made.contact, "request.forward", str(made.request_id))
    _wait_until_quiet(desk)
    return clicked


def _wait_until_quiet(desk: Desk) -> None:
    end = time.monotonic() + _WAIT
    with desk.database.read() as connection:
        while connection.exec_driver_sql("SELECT 1 FROM deliveries WHERE state = 'queued' LIMIT 1").first():
            if time.monotonic() > end:
                raise TimeoutError("the deliveries of the bench do not end")
            time.sleep(0.02)


def _at(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]
