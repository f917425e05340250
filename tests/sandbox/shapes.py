"""Compares what the sandbox says with samples of what Slack says: no field invented, each of its type."""

import re
from collections.abc import Iterator
from typing import Any

ID = re.compile(r"^[CDGF][A-Z0-9]{7,}_?$")
# What the app itself sent comes back in these, and is not the sandbox's to invent.
FROM_THE_APP = ("blocks", "event_payload", "values")


def strangers(value: Any, sample: Any, place: str = "") -> Iterator[str]:
    """Every place where `value` has a field or a type that the sample does not show.

    A null is left out of account (samples have none), and so is whatever the sample leaves open (`{}`, `[]`).
    """
    if value is None or sample in ({}, []):
        return
    if isinstance(value, dict) and isinstance(sample, dict):
        yield from _members(value, sample, place)
    elif isinstance(value, list) and isinstance(sample, list):
        for each in value:
            yield from strangers(each, _together(sample), f"{place}[]")
    elif not _same_type(value, sample):
        yield f"{place} is {type(value).__name__}, not {type(sample).__name__}"


def _members(value: dict[str, Any], sample: dict[str, Any], place: str) -> Iterator[str]:
    by_id = next((each for key, each in sample.items() if ID.match(key)), None)
    for name, each in value.items():
        if name in FROM_THE_APP:
            continue
        inside = f"{place}/{name}"
        if by_id is not None:
            yield from strangers(each, by_id, inside)
        elif name not in sample:
            yield f"{inside} is not in the sample"
        else:
            yield from strangers(each, sample[name], inside)


def _together(samples: list[Any]) -> Any:
    """One sample that shows the fields of all."""
    if not isinstance(samples[0], dict):
        return samples[0]
    together: dict[str, Any] = {}
    for sample in samples:
        together |= sample
    return together


def _same_type(value: Any, sample: Any) -> bool:
    if isinstance(value, bool) or isinstance(sample, bool):
        return isinstance(value, bool) and isinstance(sample, bool)
    if isinstance(value, int | float):
        return isinstance(sample, int | float)
    return type(value) is type(sample)
