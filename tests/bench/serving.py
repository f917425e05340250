"""Starts the servers of the bench, each in a process of its own, and stops them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_STOP_SECONDS: Final = 30


@contextmanager
def serving(module: str, *arguments: str) -> Iterator[int]:
    """Run `python -m module` until the end of the block, and yield the port that its first line names."""
    with child([sys.executable, "-m", module, *arguments], {}) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@contextmanager
def child(
    command: list[str], environment: Mapping[str, str], inherited: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Run a process until the end of the block, without the settings of this one; it inherits these files."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LICENSE_DESK_")}
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
        env={**own, "PYTHONPATH": str(_ROOT), **environment},
        pass_fds=inherited,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=_STOP_SECONDS)
