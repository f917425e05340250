"""What SECURITY.md promises: each test that it names is there, and each function that it names as a defense."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", WORDS)))
DEFENSES = sorted(set(re.findall(r"`((?:bot|handlers|store)/[\w/]+\.py):(\w+)`", WORDS)))
FILES = sorted(set(re.findall(r"`(tests/[\w/.]+)`", WORDS)))


@cache
def defined(path: str) -> frozenset[str]:
    """The names of all functions and classes of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, kinds))


def test_there_are_sixty_attacks_at_least() -> None:
    rows = [line for line in WORDS.splitlines() if line.startswith("| ") and "::" in line]
    assert len(rows) >= 60


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_every_test_that_is_named_is_there(path: str, name: str) -> None:
    assert name in defined(path)


@pytest.mark.parametrize(("path", "name"), DEFENSES)
def test_every_defense_that_is_named_is_there(path: str, name: str) -> None:
    assert name in defined(path)


@pytest.mark.parametrize("path", FILES)
def test_every_place_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()
