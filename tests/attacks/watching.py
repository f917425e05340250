"""A database that is looked at again and again, and put back whenever something was written."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from store import tables
from tests.conftest import do_not_wait_for_the_disk

State = dict[str, list[Any]]
_NOT_STATE = {"attempts", "audit_entries", "audit_heads"}
"""What a refusal may write, and must."""
_QUERIES = {
    table.name: f"SELECT * FROM {table.name}"  # noqa: S608 # a name of ours
    for table in tables.metadata.sorted_tables
    if table.name not in _NOT_STATE
}


class Watched:
    """A database of SQLite as it was when the watch began.

    What nobody wrote since is neither read nor copied again: SQLite tells each connection whether another one has
    written anything at all.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pristine = path.with_suffix(".pristine")
        _copy(path, self._pristine)
        self._connection = sqlite3.connect(path)
        self._version, self._state = self._now(), self._read()
        self._first = self._state

    def state(self) -> State:
        """Every row but those of the record."""
        if self._version != (now := self._now()):
            self._version, self._state = now, self._read()
        return self._state

    def rows(self, query: str, *values: object) -> list[Any]:
        """What a query finds."""
        return self._connection.execute(query, values).fetchall()

    def put_back(self) -> None:
        """Undo all that was written since the watch began, also in the record."""
        if self._version != self._now() or self._state is not self._first:
            _copy(self._pristine, self._path)
            self._version, self._state = self._now(), self._first

    def close(self) -> None:
        """End the watch."""
        self._connection.close()

    def _now(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _read(self) -> State:
        return {name: self.rows(query) for name, query in _QUERIES.items()}


def _copy(source: Path, target: Path) -> None:
    """Copy a database, also over one that is in use; its connections, with what they compiled, stay."""
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        do_not_wait_for_the_disk(copy)
        origin.backup(copy)
