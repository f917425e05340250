"""Commands of the program one after the other, each in a process of its own that finds everything imported.

Started as a program it reads one command per line, `[settings, words]` in JSON, and answers each with a line of what
that command said, on its output and its error output together.
"""

import gc
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]


class Commands:
    """Runs commands in a folder, until it is left."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.commanding"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=10)

    def __call__(self, settings: dict[str, str], *words: str) -> str:
        """What one command says with these settings; it says something."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([settings, words]), file=self._process.stdin, flush=True)
        said: str = json.loads(self._process.stdout.readline())
        assert said, words
        return said


def _said(settings: dict[str, str], words: list[str]) -> str:
    with TemporaryFile() as output:
        child = os.fork()
        if not child:
            _become(output.fileno(), settings, words)
        os.waitpid(child, 0)
        output.seek(0)
        return output.read().decode()


def _become(output: int, settings: dict[str, str], words: list[str]) -> None:
    """Be the program; its errors end this process as they end the program."""
    from bot import cli

    for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
        os.dup2(file, number)
    for name in [each for each in os.environ if each.startswith("LICENSE_DESK_")]:
        del os.environ[name]
    os.environ.update(settings)
    sys.argv = ["license-desk", *words]
    with suppress(SystemExit):
        try:
            cli.main()
        except Exception:  # noqa: BLE001 # said as Python says it at the end of a program
            sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _main() -> None:
    import psycopg  # noqa: F401 # what commands import is imported once, before they are

    import store.migrating  # noqa: F401 # as above

    gc.freeze()  # what is shared stays shared
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(_said(*json.loads(line)))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
