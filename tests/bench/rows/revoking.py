"""A revocation list of 1,000,000 licenses: its size, the time to make and to sign it, and the memory that it takes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import update

from bot.desk import now
from store import jws
from store.desk import Desk
from store.revocation_lists import TYPE
from store.revocations import revocations
from store.rules.revocations import listed
from store.tables import licenses, registrations
from store.vault import Vault, generate_key
from tests.bench.licensed import STARTS, desk_at, fill
from tests.bench.programs import ROOT
from tests.bench.results import Bound, Result, Table

_INFRASTRUCTURES: Final = 100
_EACH: Final = 10_000
_FILE_BYTES: Final = 16
"""What a license file says is not read."""
_MEBIBYTE: Final = 1024 * 1024


def measure(folder: Path) -> Result:
    """Make the list step by step, and then once more as `license-desk revocations export` does."""
    master_key = generate_key()
    desk = desk_at(folder / "desk.db", Vault([master_key]))
    fill(desk, _INFRASTRUCTURES, _EACH, _FILE_BYTES)
    with desk.database.write() as connection:
        # Perpetual ones never leave the list, whatever the year of the bench.
        connection.execute(update(licenses).values(license_end=None, expires_at=None))
        connection.execute(update(registrations).values(state="ended", ended_at=STARTS))
    lines, size = _steps(desk)
    seconds, mebibytes = _exported(folder, master_key)
    desk.database.close()
    lines.append(("license-desk revocations export", f"{seconds:.1f}", f"{mebibytes:.0f}"))
    bounds = (
        Bound("size of 1,000,000 entries", size, "≤", 128, " MiB"),
        Bound("making and signing it", seconds, "≤", 30, " s"),
        Bound("memory", mebibytes, "≤", 640, " MiB"),
    )
    return Result(
        "Revocation list", (Table("1,000,000 licenses", ("what", "s", "MiB"), tuple(lines)),), bounds
    )


def _steps(desk: Desk) -> tuple[list[tuple[str, ...]], float]:
    """Reading and writing down, signing; and the size of the whole in MiB."""
    with desk.database.read() as connection:
        reading, content = _timed(lambda: listed(revocations(connection, now())))
        key = desk.keys.active(connection)
    if content.count != _INFRASTRUCTURES * _EACH:
        raise RuntimeError(f"the list has {content.count} entries")
    signing, token = _timed(lambda: jws.sign_bytes(content.entries, key, TYPE))
    size = len(token) / _MEBIBYTE
    lines: list[tuple[str, ...]] = [
        ("reading and writing down", f"{reading:.1f}", f"{len(content.entries) / _MEBIBYTE:.0f}"),
        ("signing", f"{signing:.2f}", f"{size:.0f}"),
    ]
    return lines, size


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def _exported(folder: Path, master_key: str) -> tuple[float, float]:
    """Seconds, and the most memory that the process had, as the kernel counts it."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LICENSE_DESK_")}
    settings = {
        "PYTHONPATH": str(ROOT),
        "LICENSE_DESK_DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
        "LICENSE_DESK_MASTER_KEYS": master_key,
        "LICENSE_DESK_VENDOR": "Vendor",
    }
    begun = time.perf_counter()
    line = [sys.executable, "-m", "bot.cli", "revocations", "export", "--output", str(folder / "list.jwt")]
    process = subprocess.Popen(line, cwd=folder, env=outside | settings, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    if status != 0:
        raise RuntimeError(f"the export ended with status {os.waitstatus_to_exitcode(status)}")
    return seconds, used.ru_maxrss / 1024
