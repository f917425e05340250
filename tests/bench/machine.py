"""On what the bench runs: the machine and the versions of what matters for speed."""

import os
import platform
import sqlite3
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

_PACKAGES: Final = ("slack-bolt", "SQLAlchemy", "starlette", "uvicorn", "uvloop", "httptools", "gunicorn")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _versions() -> dict[str, str]:
    own = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    return own | {name: version(name) for name in _PACKAGES}


@dataclass(frozen=True)
class Machine:
    """What was found; `load` is the average number of running processes in the minute before the bench."""

    system: str = field(default_factory=platform.platform)
    processor: str = field(default_factory=_processor)
    cores: int = field(default_factory=lambda: os.cpu_count() or 1)
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    versions: dict[str, str] = field(default_factory=_versions)
