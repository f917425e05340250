"""Tests run in a copy of the repository, again and again, each time in a process that finds what it needs imported.

Started as a program in the copy it reads node ids, a line of JSON for each run, and answers with a line when the run
is over; `tests.attacks.reporting` writes down what came of it. Of the repository nothing is imported before a run.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.attacks.reporting import VARIABLE, in_a_word

_SECONDS: Final = 120
_OTHERS: Final = (
    *(
        "pytest",
        "hypothesis",
        "slack_bolt",
        "slack_sdk.web",
        "sqlalchemy.dialects.sqlite",
        "pydantic_settings",
    ),
    *(
        "cryptography.fernet",
        "jwt",
        "starlette.routing",
        "uvicorn",
        "structlog",
        "prometheus_client",
        "typer",
        "yaml",
    ),
)
"""What is imported once for all runs, because no attempt changes it."""


class Tests:
    """The tests of one copy."""

    def __init__(self, copy: Path) -> None:
        self.copy = copy
        self._report = copy / "attacks.jsonl"
        given = {name: value for name, value in os.environ.items() if not name.startswith("LICENSE_DESK")}
        own = {"PYTHONPATH": str(copy), VARIABLE: str(self._report)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.trying"],
            cwd=copy,
            env={**given, **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, tests: Collection[str], *, keep_compiled: bool = False) -> dict[str, str]:
        """What each of the tests does, by its node id: `passes`, `fails`, or in words what else.

        What is compiled of the repository is kept for later runs only when told so, of files that nobody changes.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._report.write_text("")
        print(json.dumps([keep_compiled, list(tests)]), file=self._process.stdin, flush=True)
        said = json.loads(self._process.stdout.readline())
        parts: dict[str, list[str]] = {}
        for line in self._report.read_text(encoding="utf-8").splitlines():
            test, what = json.loads(line)
            parts.setdefault(test, []).append(what)
        return {test: in_a_word(parts.get(test, [f"did not run: {said}"])) for test in tests}

    def close(self) -> None:
        """Run no more."""
        self._process.communicate(timeout=10)


def _main() -> None:
    for each in _OTHERS:
        with suppress(ImportError):
            importlib.import_module(each)
    gc.freeze()  # what is shared stays shared
    for line in sys.stdin:
        keep_compiled, tests = json.loads(line)
        child = os.fork()
        if not child:
            os._exit(_run(tests, keep_compiled=keep_compiled))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{json.dumps(os.waitstatus_to_exitcode(status))}\n")
        sys.stdout.flush()


def _run(tests: Collection[str], *, keep_compiled: bool) -> int:
    import pytest

    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    if not keep_compiled:
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    here = Path.cwd()
    # Nobody reads how a test failed; and what was imported before cannot be rewritten.
    plugins = ["-p", "no:cacheprovider", "-p", "tests.attacks.reporting", "--assert=plain"]
    return int(pytest.main([*plugins, f"--timeout={_SECONDS}", f"--rootdir={here}", *dict.fromkeys(tests)]))


if __name__ == "__main__":
    _main()
