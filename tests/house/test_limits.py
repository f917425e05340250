import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(path for name in ("bot", "handlers", "store") for path in (ROOT / name).rglob("*.py"))
EVERYTHING = [*PRODUCT, *sorted((ROOT / "tests").rglob("*.py"))]
# A migration tells the tables of its day in one piece and is never edited again.
MIGRATIONS = ROOT / "store" / "migrations"
# A list of tables, which is read by searching it, in the one place where tables are looked for.
LISTS = {ROOT / "store" / "tables.py"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONG_FUNCTION = 25
EXCEPTION = re.compile(
    r"#\s*(?:noqa|type:\s*ignore)\b(?P<codes>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[\w, -]+\])?(?P<reason>.*)"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def lines(function: Function) -> int:
    """The lines of a function without decorators and docstring."""
    words = function.body[0] if ast.get_docstring(function, clean=False) is not None else None
    assert function.end_lineno is not None
    total = function.end_lineno - function.lineno + 1
    return total - (words.end_lineno - words.lineno + 1 if words and words.end_lineno else 0)


def lengths() -> list[int]:
    return [lines(each) for path in PRODUCT if MIGRATIONS not in path.parents for each in functions(path)]


@pytest.mark.parametrize("path", [path for path in PRODUCT if path not in LISTS], ids=name)
def test_a_file_has_fewer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST_FILE


@pytest.mark.parametrize("path", [path for path in PRODUCT if MIGRATIONS not in path.parents], ids=name)
def test_no_function_has_more_than_40_lines(path: Path) -> None:
    assert {each.name: lines(each) for each in functions(path) if lines(each) > LONGEST_FUNCTION} == {}


def test_nine_functions_in_ten_have_fewer_than_25_lines() -> None:
    counted = lengths()
    assert sum(length < LONG_FUNCTION for length in counted) >= 0.9 * len(counted)


def test_the_median_function_has_at_most_8_lines() -> None:
    assert statistics.median(lengths()) <= 8


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_every_exception_to_a_rule_names_the_rule_and_the_reason(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        found = EXCEPTION.search(line)
        if found and path != Path(__file__):
            assert found["codes"], line
            assert re.search(r"\w+ \w+", found["reason"]), line
