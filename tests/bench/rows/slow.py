"""Five listeners that wait for the database, and one that need not: how long the sixth takes."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Final

from store.database import Database
from store.migrating import migrate
from store.vault import generate_key
from tests.bench.asking import Asker
from tests.bench.data import fill
from tests.bench.programs import desk_of, slack_of
from tests.bench.results import Bound, Result, Table

_SLOW: Final = 5
_ROUNDS: Final = 5


def measure(folder: Path) -> Result:
    """Hold the write lock of the database, let five people withdraw something, and ask for slots meanwhile."""
    path = folder / "desk.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    askers = fill(database, 1_000)
    database.close()
    settings = {"LICENSE_DESK_DATABASE_URL": f"sqlite:///{path}", "LICENSE_DESK_MASTER_KEYS": generate_key()}
    with slack_of(folder, askers.engineers[:8]) as (_, api), desk_of(folder, settings, api) as (_, port):
        asker = Asker(port)
        rounds = [_round(asker, path, askers.engineers) for _ in range(_ROUNDS)]
    fast = {text: median(each[text] for each in rounds) for text in rounds[0]}
    lines = tuple((text, f"{figure:.1f}") for text, figure in fast.items())
    bounds = tuple(
        Bound(text, figure, "≤", 100, " ms") for text, figure in fast.items() if text.startswith("/license")
    )
    title = "Beside five that wait for the database"
    return Result("Slow and fast", (Table(title, ("what", "ms"), lines),), bounds)


def _round(asker: Asker, path: Path, people: list[str]) -> dict[str, float]:
    with closing(sqlite3.connect(path, isolation_level=None)) as lock, ThreadPoolExecutor(_SLOW) as pool:
        lock.execute("BEGIN IMMEDIATE")
        slow = [pool.submit(asker.click, each, "item.withdraw", "1") for each in people[:_SLOW]]
        time.sleep(0.2)
        fast = {f"/license {text}": asker.command(people[6], text) for text in ("slots", "requests")}
        lock.execute("ROLLBACK")
        waited = min(each.result() for each in slow)
    return fast | {"the quickest of those that wait": waited}
