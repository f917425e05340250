"""What SECURITY.md promises: each test and defense that it names is there, and its attacks are those of the list."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.attacks.cuts import Attempt, Cut, NotThere, changed_files
from tests.attacks.defenses import ATTEMPTS

ROOT = Path(__file__).parents[2]
WORDS = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ATTACKS = WORDS.partition("## Attacks\n")[2].partition("\n## ")[0]
THREATS = WORDS.partition("## Threats\n")[2].partition("\n## ")[0]
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)", WORDS)))
FILES = sorted(set(re.findall(r"`(tests/[\w/.]+)", WORDS)))
CHECK = "def check(who: str) -> None:\n    if who:\n        raise ValueError\n    if who:\n        return\n"


@cache
def defined(path: str) -> frozenset[str]:
    """The names of all functions and classes of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, kinds))


def test_there_are_sixty_attacks_at_least_each_with_a_test_of_its_own() -> None:
    assert len({each.test for each in ATTEMPTS}) == len(ATTEMPTS) >= 60
    assert len({each.attack for each in ATTEMPTS}) == len(ATTEMPTS)


def test_the_table_of_attacks_is_the_list_that_is_tried() -> None:
    rows = [line for line in ATTACKS.splitlines() if "::" in line]
    assert rows == [each.row for each in ATTEMPTS]


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=[each.attack for each in ATTEMPTS])
def test_every_defense_stands_where_it_can_be_taken_out(attempt: Attempt) -> None:
    changed = changed_files(attempt, ROOT)
    assert changed.keys() == {each.path for each in attempt.cuts}
    assert all(text != (ROOT / path).read_text(encoding="utf-8") for path, text in changed.items())
    assert all(each.path.startswith(("bot/", "handlers/", "store/")) for each in attempt.cuts)


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(Cut("a.py:other", "raise ValueError", "pass"), id="no such function"),
        pytest.param(Cut("a.py:check", "raise TypeError", "pass"), id="moved away"),
        pytest.param(Cut("a.py:check", "if who:", "if False:"), id="twice"),
    ],
)
def test_a_defense_that_moved_is_noticed(cut: Cut) -> None:
    with pytest.raises(NotThere):
        cut.out_of(CHECK)


def test_a_defense_is_taken_out_of_its_function_alone() -> None:
    source = f"{CHECK}\n\ndef other() -> None:\n    raise ValueError\n"
    assert Cut("a.py:check", "raise ValueError", "pass").out_of(source) == source.replace(
        "raise ValueError", "pass", 1
    )


def test_every_threat_names_its_tests() -> None:
    rows = [line for line in THREATS.splitlines() if line.startswith("| ") and "`" in line]
    assert rows
    assert [line for line in rows if "::" not in line.rpartition(" | ")[2]] == []


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_every_test_that_is_named_is_there(path: str, name: str) -> None:
    assert name in defined(path)


@pytest.mark.parametrize("path", FILES)
def test_every_place_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()
