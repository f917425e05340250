"""The description of a workspace as a YAML file."""

from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.errors import ConfigRefused


def load(path: Path) -> dict[str, Any]:
    """The mapping in a file; a `manifest` of the app that is a name is read from that file, beside this one.

    Raises `ConfigRefused` for what is no YAML or no mapping, and `OSError` for a file that cannot be read.
    """
    description = _mapping(path)
    app = description.get("app")
    if isinstance(app, dict) and isinstance(app.get("manifest"), str):
        description["app"] = app | {"manifest": _mapping(path.parent / app["manifest"])}
    return description


def _mapping(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        where = getattr(wrong, "problem_mark", None)
        raise ConfigRefused(f"{path.name} is no YAML{f', line {where.line + 1}' if where else ''}") from None
    if not isinstance(found, dict):
        raise ConfigRefused(f"{path.name} must be a mapping")
    return found
