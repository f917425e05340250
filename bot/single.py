"""One running program for one SQLite file: a lock that ends with the process, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url


class AlreadyRunning(Exception):
    """Another `license-desk run` serves this SQLite file; the message says which process and what to do."""

    def __init__(self, database: Path, process: str) -> None:
        super().__init__(
            f"License Desk is already running on {database} ({process}). One SQLite file serves one running "
            "program: stop that one first, or use PostgreSQL for several."
        )


@contextmanager
def only_one(database_url: str) -> Iterator[None]:
    """Hold the lock of a SQLite file; other databases, and a database in memory, are not restricted.

    Raises AlreadyRunning. The lock is the kernel's, on `<file>.lock`, so a kill frees it; that file stays.
    """
    file = _sqlite_file(database_url)
    if file is None:
        yield
        return
    with file.with_name(f"{file.name}.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(file, lock.read(40).strip() or "another process") from None
        _write_process(lock.fileno())
        yield


def _write_process(lock: int) -> None:
    os.ftruncate(lock, 0)
    os.write(lock, f"process {os.getpid()}\n".encode())


def _sqlite_file(database_url: str) -> Path | None:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database)).resolve()
