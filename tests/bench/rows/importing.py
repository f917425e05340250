"""The import of 1,000,000 slots, beside a bare insert of the same rows with SQLAlchemy Core."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Table, func, insert, select

from store import tables
from store.database import Database
from store.migrating import migrate
from store.tables import metadata
from store.vault import generate_key
from tests.bench.programs import ROOT
from tests.bench.results import Bound, Result
from tests.bench.results import Table as Figures

_COMPANIES: Final = 1_000
_INFRASTRUCTURES: Final = 10
_SLOTS: Final = 100
_BATCH: Final = 10_000
_SYMBOLS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def measure(folder: Path) -> Result:
    """Import, and then insert every row that it made once more into an empty database."""
    file = folder / "companies.yml"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(_documents())
    path = folder / "desk.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    seconds, mebibytes = _imported(file, path)
    rows, bare = _inserted_again(database, folder / "bare.db")
    database.close()
    lines = (
        ("license-desk import", f"{seconds:.1f}", f"{mebibytes:.0f}"),
        (f"bare insert of its {rows:,} rows", f"{bare:.1f}", ""),
    )
    bounds = (
        Bound("import of 1,000,000 slots", seconds, "≤", 60, " s"),
        Bound("memory", mebibytes, "≤", 300, " MiB"),
        Bound("time of the bare insert's", seconds / bare, "≤", 6),
    )
    return Result("Import", (Figures("1,000,000 slots", ("what", "s", "MiB at most"), lines),), bounds)


def _documents() -> Iterator[str]:
    yield (
        "workspace: T0BENCH\n"
        "products:\n"
        "  - {name: Platform, audience: platform, console_name: Console, menu_path: Menu, upload_path: Upload}\n"
    )
    for company in range(_COMPANIES):
        yield (
            f"---\ncompany: Company {company}\n"
            "account_manager: {name: Jo Park, email: jo.park@vendor.example}\n"
            f"people:\n  - {{name: Admin {company}, slack_id: U0{company:07}}}\n"
            f"admins: [U0{company:07}]\ninfrastructures:\n"
        )
        for place in range(_INFRASTRUCTURES):
            yield (
                f"  - name: Plant {place}\n    product: Platform\n"
                f"    activation_code: {_code(company * _INFRASTRUCTURES + place)}\n"
                "    subscription: {edition: Enterprise, starts: 2026-01-01, ends: perpetual, highest_version: '11'}\n"
                f"    slots: {{production: {_SLOTS}}}\n"
            )


def _code(number: int) -> str:
    symbols = []
    for _ in range(24):
        number, rest = divmod(number, len(_SYMBOLS))
        symbols.append(_SYMBOLS[rest])
    return ".".join("".join(symbols[place : place + 3]) for place in range(0, 24, 3))


def _imported(file: Path, path: Path) -> tuple[float, float]:
    """Seconds, and the most memory that the process had, as the kernel counts it."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LICENSE_DESK_")}
    settings = {
        "PYTHONPATH": str(ROOT),
        "LICENSE_DESK_DATABASE_URL": f"sqlite:///{path}",
        "LICENSE_DESK_MASTER_KEYS": generate_key(),
        "LICENSE_DESK_VENDOR": "Vendor",
    }
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "import", str(file)],
        cwd=file.parent,
        env=outside | settings,
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    if status != 0:
        raise RuntimeError(f"the import ended with status {os.waitstatus_to_exitcode(status)}")
    return seconds, used.ru_maxrss / 1024


def _inserted_again(source: Database, path: Path) -> tuple[int, float]:
    """How many rows there are, and the seconds that only inserting them took."""
    target = Database(f"sqlite:///{path}")
    with target.write() as connection:
        metadata.create_all(connection)
    seconds, count = 0.0, 0
    with source.read() as reader, target.write() as writer:
        if reader.execute(select(func.count()).select_from(tables.slots)).scalar_one() != 1_000_000:
            raise RuntimeError("the import did not make 1,000,000 slots")
        for table in metadata.sorted_tables:
            for rows in _rows(reader, table):
                begun = time.perf_counter()
                writer.execute(insert(table), rows)
                seconds += time.perf_counter() - begun
                count += len(rows)
    target.close()
    return count, seconds


def _rows(connection: Connection, table: Table) -> Iterator[list[dict[str, object]]]:
    found = connection.execution_options(yield_per=_BATCH).execute(select(table))
    for part in found.mappings().partitions():
        yield [dict(row) for row in part]
