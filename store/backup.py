"""Backups of the embedded database: whole files that are consistent, checked, and readable by their owner alone."""

import os
import secrets
import shlex
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from store.migrating import refuse_newer
from store.rules.backup_errors import CopyDamaged, DatabaseHoldsData, FileExists, NotABackup, NotEmbedded

_PAGES: Final = 1000

Progress = Callable[[int, int], None]
"""Is told how many pages are copied, and how many there are."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A whole copy: its version, and how many rows each of its tables has."""

    path: Path
    version: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where the state before it is kept, if there was any."""

    copied: Copied
    kept: Path | None


def backup(url: URL, target: Path, progress: Progress, *, force: bool = False, pages: int = _PAGES) -> Copied:
    """Copy the database of `url` to a new file, as it is at this moment, while others go on writing.

    `pages` are copied between two reports of progress. Raises `NotEmbedded`, `FileExists` and `CopyDamaged`.
    """
    source = _file(url, f"pg_dump --format=custom --file={shlex.quote(str(target))} --dbname={_address(url)}")
    if target.exists() and not force:
        raise FileExists(target)
    with _beside(target) as partial:
        copied = _copy(source, partial, progress, pages)
        _put(partial, target)
    return Copied(target, copied.version, copied.rows)


def restore(
    url: URL, source: Path, now: datetime, prepare: Callable[[Path], None], *, force: bool = False
) -> Restored:
    """Put a backup in the place of the database of `url`, in one step; what was there is kept in a file beside it.

    `prepare` changes a copy of the backup before that. Nobody else may be running on the database. Raises
    `NotEmbedded`, `NotABackup`, `DatabaseNewer`, `DatabaseHoldsData` and `CopyDamaged`.
    """
    run = f"pg_restore --clean --if-exists --single-transaction --dbname={_address(url)} {shlex.quote(str(source))}"
    target = _file(url, run, ", and then: license-desk restore --finish")
    _require_whole(source)
    holds = target.exists() and target.stat().st_size > 0
    if holds and not force:
        raise DatabaseHoldsData(target)
    with _beside(target) as partial:
        _copy(source, partial, _untold)
        prepare(partial)
        copied = _checked(partial)
        kept = _kept(target, now) if holds else None
        _replace(partial, target)
    return Restored(Copied(source, copied.version, copied.rows), kept)


def embedded(path: Path) -> URL:
    """The address of a database file."""
    return URL.create("sqlite", database=str(path))


def _kept(target: Path, now: datetime) -> Path:
    kept = target.with_name(f"{target.name}.before-restore-{now:%Y%m%dT%H%M%S}")
    with _beside(kept) as partial:
        _copy(target, partial, _untold)
        _put(partial, kept)
    return kept


def _copy(source: Path, partial: Path, progress: Progress, pages: int = _PAGES) -> Copied:
    with closing(sqlite3.connect(source, isolation_level=None)) as reading:
        # The copy is of what this transaction sees, however much others write while it is made.
        reading.execute("BEGIN")
        expected = _rows(reading)
        with closing(sqlite3.connect(partial)) as writing:
            reading.backup(
                writing, pages=pages, progress=lambda _status, left, total: progress(total - left, total)
            )
            # One file, without a journal beside it; whoever opens it as a desk's database sets this anew.
            writing.execute("PRAGMA journal_mode=DELETE")
    copied = _checked(partial)
    if copied.rows != expected:
        raise CopyDamaged("some tables have other numbers of rows")
    return copied


def _checked(path: Path) -> Copied:
    """What a file holds. Raises `CopyDamaged`."""
    with closing(sqlite3.connect(path)) as reading:
        [(problem,)] = reading.execute("PRAGMA integrity_check(1)")
        if problem != "ok":
            raise CopyDamaged(problem)
        [(version,)] = reading.execute("SELECT version_num FROM alembic_version")
        return Copied(path, version, _rows(reading))


def _require_whole(path: Path) -> None:
    try:
        with path.open("rb"):
            refuse_newer(_checked(path).version)
    except (sqlite3.DatabaseError, CopyDamaged, ValueError):
        raise NotABackup(path) from None


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    names = [name for (name,) in connection.execute(query)]
    counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"') for name in names}  # noqa: S608 # names of its own tables
    return {name: rows.fetchone()[0] for name, rows in counts.items()}


def _replace(partial: Path, target: Path) -> None:
    """Write a whole database over another one, in one transaction of that other one."""
    if not target.exists():
        target.touch(mode=0o600)
    with closing(sqlite3.connect(partial)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A new file in the same folder, which its owner alone can read; gone at the end unless it was moved."""
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield partial
    finally:
        for each in ("", "-journal", "-wal", "-shm"):
            partial.with_name(f"{partial.name}{each}").unlink(missing_ok=True)


def _put(partial: Path, target: Path) -> None:
    _sync(partial, os.O_RDONLY)
    partial.replace(target)
    _sync(target.parent, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file(url: URL, command: str, then: str = "") -> Path:
    if url.get_backend_name() != "sqlite" or not url.database:
        raise NotEmbedded(command, then)
    return Path(url.database)


def _address(url: URL) -> str:
    """The address for PostgreSQL's own tools, without the password, which others could read off the command."""
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return shlex.quote(plain.render_as_string(hide_password=False))


def _untold(_copied: int, _total: int) -> None:
    """Nobody waits to be told."""
