"""One running program for one SQLite file."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.single import AlreadyRunning, only_one

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from bot.single import only_one
with only_one(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, _url(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'desk.db'}"


def test_a_second_program_is_refused_and_told_which_process_is_first(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    with (
        pytest.raises(AlreadyRunning, match=rf"already running on .*desk.db \(process {holder.pid}\)"),
        only_one(_url(tmp_path)),
    ):
        pass


def test_a_kill_frees_the_file(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(5)
    with only_one(_url(tmp_path)):
        assert (tmp_path / "desk.db.lock").read_text() == f"process {os.getpid()}\n"


def test_an_end_frees_the_file(tmp_path: Path) -> None:
    for _ in range(2):
        with only_one(_url(tmp_path)):
            pass


def test_a_refusal_leaves_the_first_one_its_lock(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(AlreadyRunning), only_one(_url(tmp_path)):
            pass


def test_the_same_file_by_another_path_is_the_same_file(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(AlreadyRunning), only_one(_url(tmp_path / "link")):
        pass


@pytest.mark.parametrize("url", ["postgresql+psycopg://desk@db/desk", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_not_restricted(url: str, tmp_path: Path) -> None:
    with only_one(url), only_one(url):
        assert list(tmp_path.iterdir()) == []
