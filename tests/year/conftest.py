"""The company's year runs on databases that wait for no disk: it makes many small transactions."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made there is our own.


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder in memory, where there is such a place."""
    made = Path(tempfile.mkdtemp(prefix="license-desk-", dir=_MEMORY if _MEMORY.is_dir() else None))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def sqlite_database(_sqlite_template: Path, folder: Path) -> Iterator[Database]:
    """An empty database with every table."""
    path = shutil.copy(_sqlite_template, folder / "year.db")
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()
    for each in folder.glob("year.db*"):
        each.unlink()
