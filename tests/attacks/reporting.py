"""A plugin of pytest that writes down what became of each test, for `python -m tests.attacks`."""

import json
import os
from collections.abc import Collection, Generator
from pathlib import Path
from typing import Final

import pytest

VARIABLE: Final = "ATTACKS_REPORT"
"""The file to which a line is added for each part of each test: the node id, and what came of the part."""
PASSES: Final = "passes"
FAILS: Final = "fails"
_BROKEN: Final = (ImportError, SyntaxError, NameError, pytest.FixtureLookupError)
"""These say nothing of a defense: the program is none any more."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write down a part of a test: its set-up, itself, and what is looked at behind it."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    came: str = report.outcome
    if came == "failed" and (
        isinstance(error, _BROKEN) or (call.when != "call" and not isinstance(error, AssertionError))
    ):
        came = f"breaks: {type(error).__name__}: {error}"
    with Path(os.environ[VARIABLE]).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps([item.nodeid, came]) + "\n")
    return report


def in_a_word(parts: Collection[str]) -> str:
    """What the parts of one test come to."""
    broken = next((each for each in parts if each not in ("passed", "failed")), None)
    return broken or (FAILS if "failed" in parts else PASSES)
