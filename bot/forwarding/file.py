"""A file as destination of the record: JSON Lines, appended."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_MODE: Final = 0o640


class File:
    """Appends to a file. It is opened anew for each batch, so that it may be moved away at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, entries: Sequence[dict[str, object]]) -> None:
        """Append entries, and have them on disk. Raises `OSError`."""
        lines = b"".join(_line(each) for each in entries)
        with os.fdopen(os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, _MODE), "ab+") as file:
            # A kill in the middle of a line left its beginning there; the whole of it follows on a line of its own.
            file.write(lines if _ends_with_a_line(file.fileno()) else b"\n" + lines)
            file.flush()
            os.fsync(file.fileno())


def _line(entry: dict[str, object]) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _ends_with_a_line(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
