"""`make bench` (`ONLY=slots` for one row): measures side by side, and writes a table and JSON.

Each module in `rows` is one row: its `measure(folder)` gives a `Result`. The exit status is 1 when a bound does
not hold.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.bench.machine import Machine
from tests.bench.report import as_json, markdown
from tests.bench.results import Result

_ROWS: Final = Path(__file__).parent / "rows"
_OUTPUT: Final = Path("build") / "bench"


def main(only: Sequence[str]) -> int:
    """Measure the rows of these names, or all, and give the exit status."""
    names = sorted(path.stem for path in _ROWS.glob("*.py"))
    unknown = set(only) - set(names)
    if unknown:
        sys.stderr.write(f"There is no row {', '.join(sorted(unknown))}. There are: {', '.join(names)}.\n")
        return 2
    machine = Machine()
    results = [_measured(name) for name in names if name in only or not only]
    _write(machine, results)
    return 0 if all(each.holds for each in results) else 1


def _measured(name: str) -> Result:
    measure: Callable[[Path], Result] = import_module(f"tests.bench.rows.{name}").measure
    with tempfile.TemporaryDirectory(prefix="license-desk-bench-") as folder:
        return measure(Path(folder))


def _write(machine: Machine, results: Sequence[Result]) -> None:
    _OUTPUT.mkdir(parents=True, exist_ok=True)
    table = markdown(machine, results)
    (_OUTPUT / "bench.md").write_text(table, encoding="utf-8")
    (_OUTPUT / "bench.json").write_text(as_json(machine, results), encoding="utf-8")
    sys.stdout.write(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
