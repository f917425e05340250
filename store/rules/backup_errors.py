"""Why a backup is not made or not restored."""

from dataclasses import dataclass
from pathlib import Path

from store.rules.errors import DeskError


@dataclass(eq=False)
class NotEmbedded(DeskError):
    """PostgreSQL comes with its own tools for this; `command` is the line to run, without the password."""

    command: str
    then: str = ""

    def __str__(self) -> str:
        return (
            "License Desk copies SQLite files itself; PostgreSQL has its own tools for that, which ask for the "
            f"password or take it from PGPASSWORD. Run: {self.command}{self.then}"
        )


@dataclass(eq=False)
class FileExists(DeskError):
    """There is a file at `path` already, and nothing was written. Name another one, or add --force to replace it."""

    path: Path


@dataclass(eq=False)
class CopyDamaged(DeskError):
    """The copy does not hold what it should: `problem`. It was not kept. Check the disk, and try again."""

    problem: str


@dataclass(eq=False)
class NotABackup(DeskError):
    """The file `path` is not a whole database of License Desk. Nothing was changed."""

    path: Path


@dataclass(eq=False)
class DatabaseHoldsData(DeskError):
    """The database at `path` holds data, and nothing was changed. Add --force; its present state is kept beside it."""

    path: Path
