"""The real program, in a folder of its own."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from store.database import Database
from store.vault import generate_key
from tests.starting import run, surroundings

EXAMPLE = Path(__file__).parents[2] / "bot" / "example.yml"
ROOT = str(Path(__file__).parents[2])


@dataclass
class Program:
    """`license-desk` with the settings of one folder."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return run([str(each) for each in arguments], self.folder, self._given(settings))

    def started(self, *arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
        """Start a command, and leave it to the test."""
        line = [sys.executable, "-m", "bot.cli", *arguments]
        pipe, environment = subprocess.PIPE, {**surroundings(), **self._given(settings), "PYTHONPATH": ROOT}
        return subprocess.Popen(line, cwd=self.folder, env=environment, text=True, stdout=pipe, stderr=pipe)

    def _given(self, settings: dict[str, str]) -> dict[str, str]:
        return {
            f"LICENSE_DESK_{name.upper()}": value for name, value in {**self.settings, **settings}.items()
        }

    def does(self, *arguments: str | Path) -> str:
        """Run a command that succeeds, and give what it prints."""
        done = self(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def refuses(self, *arguments: str | Path, **settings: str) -> str:
        """Run a command that is refused in words, and give them."""
        return _refused(self(*arguments, **settings), 1)

    def refuses_for_good(self, *arguments: str | Path, **settings: str) -> str:
        """Run a command that is refused in words, and says that it must not be run again as it is."""
        return _refused(self(*arguments, **settings), 78)

    def database(self) -> Database:
        """The database of the program."""
        return Database(f"sqlite:///{self.folder / 'license-desk.db'}")


def _refused(done: subprocess.CompletedProcess[str], status: int) -> str:
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    return done.stderr


def _program(folder: Path) -> Program:
    return Program(folder, {"master_keys": generate_key(), "vendor": "Meridian"})


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program before its first command."""
    return _program(tmp_path)


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program with a database, a key and the example company."""
    program = _program(tmp_path_factory.mktemp("operated"))
    program.does("migrate")
    program.does("keys", "init")
    program.does("import", EXAMPLE)
    return program
