"""What the README tells people to add to the app's manifest for the workflow step."""

import re
from pathlib import Path
from typing import Any

import yaml

_README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
_BLOCKS = re.findall(r"^```yml\n(.*?)^```$", _README, re.DOTALL | re.MULTILINE)
[_TEXT] = [each for each in _BLOCKS if "functions:" in each]

LINES: dict[str, Any] = yaml.safe_load(_TEXT)
FUNCTIONS: dict[str, Any] = LINES["functions"]


def added_to(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with the lines added, each under the heading that it has there already."""
    merged: dict[str, Any] = _merged(manifest, LINES)
    return merged


def _merged(first: Any, second: Any) -> Any:
    if isinstance(first, dict):
        both = {name: _merged(first[name], second[name]) for name in first.keys() & second.keys()}
        return {**first, **second, **both}
    return [*first, *second] if isinstance(first, list) else second
