"""The parts that the rules of Block Kit are written in: small checks that name each problem and its place.

A check takes a thing and its place, a JSON pointer, and yields one sentence for each problem. Lengths are
counted in UTF-16 units, as Slack's clients do; that is never less than the number of characters.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Problems = Iterator[str]
Check = Callable[[object, str], Problems]
Rule = Callable[[Mapping[str, Any], str], Problems]


def units(text: str) -> int:
    """The length of `text` in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def string(most: int | None = None, least: int = 1) -> Check:
    """A string of `least` to `most` units; one that must not be empty must not be blank either."""

    def check(thing: object, place: str) -> Problems:
        if not isinstance(thing, str):
            yield f"{place}: must be a string"
        elif least and not thing.strip():
            yield f"{place}: must not be empty"
        elif units(thing) < least:
            yield f"{place}: must be at least {least} characters, has {units(thing)}"
        elif most is not None and units(thing) > most:
            yield f"{place}: must be at most {most} characters, has {units(thing)}"

    return check


def matching(pattern: str, what: str, most: int | None = None) -> Check:
    """A string that is wholly `what`."""
    compiled = re.compile(pattern)

    def check(thing: object, place: str) -> Problems:
        yield from string(most)(thing, place)
        if isinstance(thing, str) and not compiled.fullmatch(thing):
            yield f"{place}: must be {what}"

    return check


def among(*allowed: object) -> Check:
    """One of a few values."""

    def check(thing: object, place: str) -> Problems:
        if not any(thing == each and type(thing) is type(each) for each in allowed):
            yield f"{place}: must be one of {', '.join(map(str, allowed))}"

    return check


def flag(thing: object, place: str) -> Problems:
    """True or false."""
    if not isinstance(thing, bool):
        yield f"{place}: must be true or false"


def integer(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def check(thing: object, place: str) -> Problems:
        if type(thing) is not int:
            yield f"{place}: must be a whole number"
        elif not least <= thing <= most:
            yield f"{place}: must be from {least} to {most}, is {thing}"

    return check


def array(each: Check, most: int | None = None, least: int = 1) -> Check:
    """A list of `least` to `most` things that are all checked."""

    def check(thing: object, place: str) -> Problems:
        if not isinstance(thing, list):
            yield f"{place}: must be a list"
            return
        if len(thing) < least:
            yield f"{place}: must have at least {least}, has {len(thing)}"
        if most is not None and len(thing) > most:
            yield f"{place}: must have at most {most}, has {len(thing)}"
        for index, item in enumerate(thing):
            yield from each(item, f"{place}/{index}")

    return check


@dataclass(frozen=True)
class Shape:
    """An object: the fields it must have and may have, no others, and what holds between them."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)
    rules: Sequence[Rule] = ()

    def __call__(self, thing: object, place: str) -> Problems:
        """Every problem of `thing`; rules are only looked at where the fields are good."""
        if not isinstance(thing, dict):
            yield f"{place}: must be an object"
            return
        problems = [*self._absent(thing, place), *self._unknown(thing, place), *self._wrong(thing, place)]
        yield from problems
        if not problems:
            for rule in self.rules:
                yield from rule(thing, place)

    def _absent(self, thing: Mapping[str, Any], place: str) -> Problems:
        for name in self.required:
            if name not in thing:
                yield f"{place}/{name}: is required"

    def _unknown(self, thing: Mapping[str, Any], place: str) -> Problems:
        for name in thing:
            if name not in self.required and name not in self.optional:
                yield f"{place}/{name}: is not a field of this object"

    def _wrong(self, thing: Mapping[str, Any], place: str) -> Problems:
        for name, check in (*self.required.items(), *self.optional.items()):
            if name in thing:
                yield from check(thing[name], f"{place}/{name}")


def typed(shapes: Mapping[str, Check], what: str) -> Check:
    """An object that is checked according to its `type`, which must be one of those that belong here."""

    def check(thing: object, place: str) -> Problems:
        if not isinstance(thing, dict):
            yield f"{place}: must be an object"
            return
        kind = thing.get("type")
        if not isinstance(kind, str) or kind not in shapes:
            yield f"{place}/type: {kind!r} is not a {what} that belongs here"
            return
        yield from shapes[kind](thing, place)

    return check


def exactly_one(*names: str) -> Rule:
    """The rule that one of these fields is there, and not another."""

    def rule(thing: Mapping[str, Any], place: str) -> Problems:
        if sum(name in thing for name in names) != 1:
            yield f"{place}: must have exactly one of {', '.join(names)}"

    return rule


def at_least_one(*names: str) -> Rule:
    """The rule that one of these fields is there."""

    def rule(thing: Mapping[str, Any], place: str) -> Problems:
        if not any(name in thing for name in names):
            yield f"{place}: must have at least one of {', '.join(names)}"

    return rule
