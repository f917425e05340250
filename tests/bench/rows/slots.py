"""`/license slots` over signed HTTP: beside a bare Bolt echo, beside Bolt as peers run it, and on much data."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.sandbox import Sandbox, World
from store.database import Database
from store.migrating import migrate
from tests.bench.data import BOT_USER, LARGE, ORDINARY, WORKSPACE, Askers, fill
from tests.bench.load import CONNECTIONS
from tests.bench.results import Bound, Result
from tests.bench.rounds import Contender, Rounds, alternate, p50, p99, requests_per_second
from tests.bench.servers.gunicorn import serving_peers
from tests.bench.serving import serving

_TOKEN: Final = "xoxb-bench"
_USUAL: Final = 100_000
_FEW: Final = 1_000
_MANY: Final = 1_000_000
_MOST_ASKERS: Final = 2_000
_DESK, _TEN, _ECHO, _PEERS = (
    "desk",
    f"desk, {LARGE} infrastructures",
    "bare echo",
    "gunicorn, Bolt's defaults",
)
_DESK_FEW, _DESK_MANY = f"desk, {_FEW:,} environments", f"desk, {_MANY:,} environments"


@dataclass(frozen=True)
class Served:
    """A desk that runs on a database of its own."""

    port: int
    askers: Askers

    def contender(self) -> Contender:
        """Engineers and company admins of ordinary companies ask in turn."""
        pairs = zip(self.askers.engineers, self.askers.admins, strict=True)
        return self._asked_by([each for pair in pairs for each in pair])

    def contender_of_ten(self) -> Contender:
        """Engineers with a role in ten infrastructures ask."""
        return self._asked_by(self.askers.engineers_of_ten)

    def _asked_by(self, people: list[str]) -> Contender:
        return Contender(self.port, people[:: len(people) // _MOST_ASKERS + 1], "slots are free.")


def measure(folder: Path) -> Result:
    """Measure it all side by side."""
    with Sandbox.start(World.from_config(_workspace())) as slack:
        beside = _beside_others(folder, slack.api_url)
        sizes = _sizes(folder, slack.api_url)
    tables = (beside.table(f"{_USUAL:,} environments"), sizes.table("By the number of environments"))
    return Result("/license slots", tables, (*_bounds(beside), *_size_bounds(sizes)), (_NOTE,))


def _beside_others(folder: Path, slack_api_url: str) -> Rounds:
    with ExitStack() as stack:
        desk = stack.enter_context(_desk(folder, _USUAL, slack_api_url))
        echo = stack.enter_context(serving("tests.bench.servers.echo"))
        peers = stack.enter_context(serving_peers(slack_api_url, _TOKEN))
        ours = desk.contender()
        return alternate(
            {
                _DESK: ours,
                _ECHO: Contender(echo, ours.people, "You said slots."),
                _PEERS: Contender(peers, ours.people, "You said slots."),
                _TEN: desk.contender_of_ten(),
            }
        )


def _sizes(folder: Path, slack_api_url: str) -> Rounds:
    with _desk(folder, _FEW, slack_api_url) as few, _desk(folder, _MANY, slack_api_url) as many:
        return alternate({_DESK_FEW: few.contender(), _DESK_MANY: many.contender()})


@contextmanager
def _desk(folder: Path, environments: int, slack_api_url: str) -> Iterator[Served]:
    path = folder / f"{environments}.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    askers = fill(database, environments)
    database.close()
    with serving("tests.bench.servers.desk", str(path), slack_api_url) as port:
        yield Served(port, askers)


def _bounds(beside: Rounds) -> tuple[Bound, ...]:
    return (
        Bound("requests/s of the bare echo's", beside.ratio(_DESK, _ECHO, requests_per_second), "≥", 0.4),
        Bound("p99 of the bare echo's", beside.ratio(_DESK, _ECHO, p99), "≤", 6),
        Bound("p99", beside.middle(_DESK, p99), "≤", 10, " ms"),
        Bound("requests/s of gunicorn's", beside.ratio(_DESK, _PEERS, requests_per_second), "≥", 4),
        Bound("p50 of gunicorn's", beside.ratio(_DESK, _PEERS, p50), "≤", 0.25),
    )


def _size_bounds(sizes: Rounds) -> tuple[Bound, ...]:
    slower = sizes.ratio(_DESK_FEW, _DESK_MANY, requests_per_second)
    what = f"requests/s at {_FEW:,} of those at {_MANY:,} environments"
    return (Bound(what, slower, "≤", 1.25),)


def _workspace() -> dict[str, object]:
    return {"workspace": {"id": WORKSPACE}, "app": {"bot_user": BOT_USER, "bot_token": _TOKEN}}


_NOTE = (
    f"{CONNECTIONS} connections and 8 threads for each server, the load in a process of its own. Half of those "
    f"who ask are engineers with a role in each of {ORDINARY} infrastructures, half are admins of such companies."
)
