"""How long it takes until the command line has said its help, and until the program serves."""

import http.client
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

from store.database import Database
from store.migrating import migrate
from store.vault import generate_key
from tests.bench.programs import ROOT, desk_of, slack_of
from tests.bench.results import Bound, Result, Table

_ROUNDS: Final = 7


def measure(folder: Path) -> Result:
    """Start each several times; the figure is the median."""
    helped = [_help() for _ in range(_ROUNDS)]
    url = f"sqlite:///{folder / 'desk.db'}"
    database = Database(url)
    migrate(database)
    database.close()
    with slack_of(folder, ["U0ANA"]) as (_, api):
        served = [_serving(folder, url, api) for _ in range(_ROUNDS)]
    lines = tuple(
        (name, f"{median(each):.2f}") for name, each in (("--help", helped), ("ready to serve", served))
    )
    bounds = (
        Bound("license-desk --help", median(helped), "≤", 0.4, " s"),
        Bound("ready to serve", median(served), "≤", 2, " s"),
    )
    return Result("Start", (Table("Seconds", ("what", "s"), lines),), bounds)


def _help() -> float:
    begun = time.perf_counter()
    line = [sys.executable, "-m", "bot.cli", "--help"]
    subprocess.run(line, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def _serving(folder: Path, url: str, api: str) -> float:
    """Until `/slack/events` answers; whom it turns away does not matter."""
    settings = {"LICENSE_DESK_DATABASE_URL": url, "LICENSE_DESK_MASTER_KEYS": generate_key()}
    begun = time.perf_counter()
    with desk_of(folder, settings, api) as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/slack/events", b"{}")
        connection.getresponse().read()
        connection.close()
        return time.perf_counter() - begun
