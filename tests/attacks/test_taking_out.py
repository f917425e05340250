"""What `python -m tests.attacks` makes of what becomes of a test."""

import pytest

from tests.attacks.reporting import in_a_word


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        (["passed", "passed", "passed"], "passes"),
        (["passed", "failed", "passed"], "fails"),
        (["passed", "passed", "failed"], "fails"),
        (["breaks: NameError: guard", "passed"], "breaks: NameError: guard"),
        (["passed", "failed", "breaks: OSError: away"], "breaks: OSError: away"),
        (["skipped", "passed"], "skipped"),
    ],
)
def test_a_test_fails_only_when_it_could_run(parts: list[str], word: str) -> None:
    assert in_a_word(parts) == word
