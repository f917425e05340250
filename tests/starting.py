"""Commands of the program, each in a process of its own that is a copy of one that has loaded the program already.

A command takes half a second to load and little to run. What it does, says and leaves behind is the same; that it
loads is seen wherever it is started as people start it, as in `tests/program`.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import Final

_SECONDS: Final = 60.0
_LOADED: Final = [
    "bot.cli",
    "bot.desk",
    "bot.settings",
    "handlers.words",
    "psycopg",
    "sqlalchemy.dialects.sqlite",
    "store.desk",
    "store.importing",
    "store.migrating",
    "yaml",
]
_processes = get_context("forkserver")
_processes.set_forkserver_preload(_LOADED)


def surroundings() -> dict[str, str]:
    """The environment of the tests without any setting of the program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LICENSE_DESK_")}


def run(arguments: Sequence[str], folder: Path, settings: Mapping[str, str]) -> CompletedProcess[str]:
    """Run one command in a folder to its end with the settings of these variables alone, and give what it printed.

    Raises `TimeoutError` after a minute.
    """
    with TemporaryDirectory(prefix="license-desk-command-") as name:
        out, err = Path(name, "out"), Path(name, "err")
        given = (list(arguments), str(folder), {**surroundings(), **settings}, str(out), str(err))
        process = _processes.Process(target=_command, args=given)
        process.start()
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"{arguments} did not end within {_SECONDS} seconds")
        printed = [each.read_text(encoding="utf-8") if each.exists() else "" for each in (out, err)]
        return CompletedProcess(arguments, process.exitcode, *printed)


def _command(arguments: list[str], folder: str, environment: dict[str, str], out: str, err: str) -> None:
    for stream, path in ((sys.stdout, out), (sys.stderr, err)):
        with Path(path).open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["license-desk", *arguments]
    from bot.cli import main

    main()
