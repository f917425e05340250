"""How long Slack asks to wait before a call is made again."""

from collections.abc import Mapping
from typing import Any

LONGEST = 3600.0
"""Seconds that are waited at most, since Slack counts by the minute: more is a header that means nothing."""


def retry_after(headers: Mapping[str, Any], otherwise: float) -> float:
    """Seconds from a `Retry-After` header, whatever its case and shape; `otherwise` when it says nothing."""
    for name, value in headers.items():
        if name.lower() == "retry-after":
            text = str(next(iter(value), "") if isinstance(value, list) else value)
            return min(float(text), LONGEST) if text.isascii() and text.isdecimal() else otherwise
    return otherwise
