"""Take each defense out of a copy of the repository, and see the test of its attack fail: `python -m tests.attacks`.

All tests pass first as they are. Then, one attempt at a time in each of two copies, the defense is taken out, the one
test runs, and the file is put back. The exit status is 1 when a test passes without its defense, cannot even begin, or
did not pass with it. `--only WORDS` takes the attacks alone that have one of these words in their line.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tests.attacks.cuts import Attempt, NotThere, changed_files
from tests.attacks.defenses import ATTEMPTS
from tests.attacks.reporting import VARIABLE

ROOT: Final = Path(__file__).parents[2]
AS_IT_SHOULD: Final = "fails"
_COPIES: Final = 2
_SECONDS: Final = 120
_PACKAGES: Final = ("bot", "handlers", "store")
_LEFT_OUT: Final = shutil.ignore_patterns(".*", "build", "*.egg-info", "*.db")


def main(words: Sequence[str]) -> int:
    """Try those attempts, print what came of each, and give the exit status."""
    chosen = [each for each in ATTEMPTS if not words or any(word in each.row for word in words)]
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        first = Path(folder) / "1"
        shutil.copytree(ROOT, first, ignore=_LEFT_OUT)
        _see_that_the_copy_is_used(first)
        passing = _outcomes(first, [each.test for each in chosen], write_bytecode=True)
        copies: SimpleQueue[Path] = SimpleQueue()
        copies.put(first)
        for number in range(1, _COPIES):
            copies.put(Path(shutil.copytree(first, Path(folder) / str(number + 1))))

        def tried(attempt: Attempt) -> str:
            if (before := passing.get(attempt.test, "is not there")) != "passes":
                return f"{before} although nothing was taken out"
            copy = copies.get()
            try:
                return _without_defense(attempt, copy)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(_COPIES) as pool:
            results = list(zip(chosen, pool.map(lambda each: _shown(each, tried(each)), chosen), strict=True))
    wrong = [attempt for attempt, result in results if result != AS_IT_SHOULD]
    _say(f"{len(results) - len(wrong)} of {len(results)} tests fail without their defense.")
    return 1 if wrong or not results else 0


def _shown(attempt: Attempt, result: str) -> str:
    """Print a line of the table, and give the result on."""
    _say(f"{result:<8} {attempt.attack:<60} {', '.join(each.place for each in attempt.cuts)}")
    return result


def _without_defense(attempt: Attempt, copy: Path) -> str:
    """What the test of an attempt does in a copy without the defense: `fails`, or what else it does."""
    try:
        changed = changed_files(attempt, copy)
    except (NotThere, SyntaxError, OSError) as error:
        return f"cannot be taken out: {error}"
    kept = {path: (copy / path).stat() for path in changed}
    sources = {path: (copy / path).read_bytes() for path in changed}
    try:
        for path, source in changed.items():
            (copy / path).write_text(source, encoding="utf-8")
        return _outcomes(copy, [attempt.test]).get(attempt.test, "is not there")
    finally:
        for path, old in sources.items():
            (copy / path).write_bytes(old)
            # With its old time, what was compiled of the file is found to be of it again.
            os.utime(copy / path, ns=(kept[path].st_atime_ns, kept[path].st_mtime_ns))


def _see_that_the_copy_is_used(copy: Path) -> None:
    code = f"import importlib.util as i; print(*[i.find_spec(each).origin for each in {_PACKAGES}])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=copy,
        env=_environment(copy),
        capture_output=True,
        text=True,
        check=True,
    )
    if any(not each.startswith(str(copy)) for each in done.stdout.split()):
        raise SystemExit(f"not the copy is imported, but {done.stdout}")


def _environment(copy: Path, *, write_bytecode: bool = False) -> dict[str, str]:
    given = {
        name: value for name, value in os.environ.items() if not name.startswith(("LICENSE_DESK", "PYTEST"))
    }
    own = {"PYTHONPATH": str(copy), **({} if write_bytecode else {"PYTHONDONTWRITEBYTECODE": "1"})}
    return {**given, **own}


def _outcomes(copy: Path, tests: Collection[str], *, write_bytecode: bool = False) -> dict[str, str]:
    """What each of these tests does in a copy, by its node id: `passes`, `fails`, or in words what else."""
    report = copy / "attacks.jsonl"
    report.write_text("")
    environment = _environment(copy, write_bytecode=write_bytecode) | {VARIABLE: str(report)}
    options = ["-p", "no:cacheprovider", "-p", "tests.attacks.reporting", f"--timeout={_SECONDS}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--rootdir={copy}", *dict.fromkeys(tests)],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    parts = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    if not parts:
        _say(done.stdout[-2_000:] + done.stderr[-2_000:])
    came: dict[str, list[str]] = {}
    for test, _part, what in parts:
        came.setdefault(test, []).append(what)
    return {test: _in_a_word(whats) for test, whats in came.items()}


def _in_a_word(parts: Collection[str]) -> str:
    """What the parts of one test come to: its set-up, itself, and what is looked at behind it."""
    broken = next((each for each in parts if each not in ("passed", "failed")), None)
    return broken or (AS_IT_SHOULD if "failed" in parts else "passes")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], metavar="WORDS")
    raise SystemExit(main(parser.parse_args().only))
