"""Take each defense out of a copy of the repository, and see the test of its attack fail: `python -m tests.attacks`.

All tests pass first as they are. Then, one defense at a time in each of two copies, it is taken out, the tests of its
attacks run, and the files are put back. The exit status is 1 when a test passes without its defense, cannot even
begin, or did not pass with it. `--only WORDS` takes the attacks alone that have one of these words in their line.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tests.attacks.cuts import Attempt, Cut, NotThere, changed_files
from tests.attacks.defenses import ATTEMPTS
from tests.attacks.reporting import FAILS, PASSES
from tests.attacks.trying import Tests

ROOT: Final = Path(__file__).parents[2]
_COPIES: Final = 2
_PACKAGES: Final = ("bot", "handlers", "store")
_LEFT_OUT: Final = shutil.ignore_patterns(".*", "build", "*.egg-info", "*.db")


def main(words: Sequence[str]) -> int:
    """Try those attempts, print what came of each, and give the exit status."""
    chosen = [each for each in ATTEMPTS if not words or any(word in each.row for word in words)]
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder, ExitStack() as stack:
        first = Path(folder) / "1"
        shutil.copytree(ROOT, first, ignore=_LEFT_OUT)
        _see_that_the_copy_is_used(first)
        tests = stack.enter_context(closing(Tests(first)))
        passing = tests.run([each.test for each in chosen], keep_compiled=True)
        copies: SimpleQueue[Tests] = SimpleQueue()
        copies.put(tests)
        for number in range(1, _COPIES):
            copy = Path(shutil.copytree(first, Path(folder) / str(number + 1)))
            copies.put(stack.enter_context(closing(Tests(copy))))

        def tried(group: Sequence[Attempt]) -> list[bool]:
            able = [each for each in group if passing[each.test] == PASSES]
            copy = copies.get()
            try:
                came = _without_defense(able, copy) if able else {}
            finally:
                copies.put(copy)
            return [_shown(each, passing[each.test], came.get(each.test, "")) for each in group]

        with ThreadPoolExecutor(_COPIES) as pool:
            results = [each for group in pool.map(tried, _by_defense(chosen)) for each in group]
    _say(f"{sum(results)} of {len(results)} tests fail without their defense.")
    return 0 if results and all(results) else 1


def _by_defense(chosen: Sequence[Attempt]) -> list[list[Attempt]]:
    """The attempts that take out the same, together."""
    groups: dict[tuple[Cut, ...], list[Attempt]] = {}
    for each in chosen:
        groups.setdefault(each.cuts, []).append(each)
    return list(groups.values())


def _shown(attempt: Attempt, before: str, after: str) -> bool:
    """Print a line of the table, and tell whether it is as it should be."""
    result = after if before == PASSES else f"{before} although nothing was taken out"
    _say(f"{result:<8} {attempt.attack:<60} {', '.join(each.place for each in attempt.cuts)}")
    return result == FAILS


def _without_defense(group: Sequence[Attempt], tests: Tests) -> dict[str, str]:
    """What the tests of a group do in a copy without their defense, by their node ids."""
    try:
        changed = changed_files(group[0], tests.copy)
    except (NotThere, SyntaxError, OSError) as error:
        return {each.test: f"cannot be taken out: {error}" for each in group}
    with _changed(tests.copy, changed):
        return tests.run([each.test for each in group])


@contextmanager
def _changed(copy: Path, changed: dict[str, str]) -> Iterator[None]:
    """The copy with other texts in some files, which are put back with their times: what is compiled is of them."""
    kept = {path: ((copy / path).read_bytes(), (copy / path).stat()) for path in changed}
    try:
        for path, source in changed.items():
            (copy / path).write_text(source, encoding="utf-8")
        yield
    finally:
        for path, (old, times) in kept.items():
            (copy / path).write_bytes(old)
            os.utime(copy / path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _see_that_the_copy_is_used(copy: Path) -> None:
    code = f"import importlib.util as i; print(*[i.find_spec(each).origin for each in {_PACKAGES}])"
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env=environment, capture_output=True, text=True, check=True
    )
    if any(not each.startswith(str(copy)) for each in done.stdout.split()):
        raise SystemExit(f"not the copy is imported, but {done.stdout}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], metavar="WORDS")
    parser.add_argument("--table", action="store_true", help="print the rows of SECURITY.md, and try nothing")
    given = parser.parse_args()
    if given.table:
        _say("\n".join(each.row for each in ATTEMPTS))
        raise SystemExit
    raise SystemExit(main(given.only))
