"""YAML with positions: every value knows its line and its path, and every problem is kept for the list.

Scalars are taken as they are written: the version 11.10 stays 11.10, and a company may be called No.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import yaml

from store.rules.errors import DeskError
from store.rules.import_errors import FileUnreadable, Problem

T = TypeVar("T")

_NULL = "tag:yaml.org,2002:null"
_YES = {"true": True, "yes": True, "false": False, "no": False}
_FIRST_YEAR, _LAST_YEAR = 1970, 2999
_UNWRITABLE = {"Cc", "Cs", "Zl", "Zp"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problems:
    """Everything that is wrong with one file, in the order in which it was found."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, line: int, field: str, words: str) -> None:
        """Keep one problem."""
        self.found.append(Problem(line, field, words))


def documents(path: Path, problems: Problems, progress: Callable[[int], None]) -> Iterator["Section"]:
    """Yield every document of the file. `progress` is told how many bytes were read so far.

    Ends after a place that is no YAML, which becomes a problem. Raises `FileUnreadable`.
    """
    try:
        with path.open("rb") as stream:
            for node in yaml.compose_all(stream, Loader=_LOADER):
                progress(stream.tell())
                if not _is_null(node):
                    yield Section(node, "", problems)
    except OSError as error:
        raise FileUnreadable(path.name, error.strerror or str(error)) from error
    except yaml.YAMLError as error:
        problems.add(_line_of(error), "file", f"this is not YAML: {_words_of(error)}")


class Section:
    """A mapping of the file. Each field is taken by one of the methods, which keep a problem for a bad value.

    A field that is absent or bad is `None` (or empty); `finish` reports the fields that nobody knows.
    """

    def __init__(self, node: yaml.Node, path: str, problems: Problems) -> None:
        self.line = node.start_mark.line + 1
        self.path = path
        self._problems = problems
        self._fields: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        self._asked: set[str] = set()
        if isinstance(node, yaml.MappingNode):
            self._read(node)
        else:
            problems.add(self.line, path or "document", 'fields are needed here, such as "name: …"')

    def __contains__(self, name: str) -> bool:
        """Whether the field is there, even without a value."""
        return name in self._fields

    def problem(self, name: str, words: str) -> None:
        """Keep a problem of one field, or of this section where the field is absent."""
        self._problems.add(self.line_of(name), self.path_of(name), words)

    def line_of(self, name: str) -> int:
        """The line of a field, or of this section where the field is absent."""
        return self._lines.get(name, self.line)

    def path_of(self, name: str) -> str:
        """The path to a field."""
        return f"{self.path}.{name}" if self.path else name

    def finish(self) -> None:
        """Report every field that was not asked for, with the nearest one that is known."""
        for name in self._fields.keys() - self._asked:
            near = get_close_matches(name, self._asked, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(self._asked))}"
            self.problem(name, f"this field is not known; {hint}")

    def need(self, *names: str) -> None:
        """Report each of these fields that is absent or empty."""
        for name in names:
            if self._node(name) is None:
                self.problem(name, "this field is needed")

    def text(self, name: str, most: int) -> str | None:
        """A text of at most `most` characters, without line breaks and other control characters."""
        return self._scalar(name, lambda written: _plain(written, most))

    def parsed(self, name: str, parse: Callable[[str], T]) -> T | None:
        """A text that `parse` reads; it raises ValueError with the words of the problem, or a DeskError."""
        return self._scalar(name, lambda written: parse(written.strip()))

    def choice(self, name: str, values: Collection[str]) -> str | None:
        """One of several words."""
        return self._scalar(name, lambda written: _chosen(written, values))

    def flag(self, name: str) -> bool | None:
        """True or false."""
        return self._scalar(name, _flag)

    def number(self, name: str, least: int, most: int) -> int | None:
        """A whole number between two others, both included."""
        return self._scalar(name, lambda written: _number(written, least, most))

    def numbers(self, name: str) -> dict[str, int] | None:
        """Names with a whole number each."""
        section = self.section(name)
        if section is None:
            return None
        found = {each: section.number(each, 0, 2**53) for each in section.names()}
        return {each: value for each, value in found.items() if value is not None}

    def texts(self, name: str, most: int) -> tuple[str, ...] | None:
        """A list of texts, each of them once."""
        items = self._items(name)
        if items is None:
            return None
        found: dict[str, None] = {}
        for position, item in enumerate(items, start=1):
            value = self._value(
                item, f"{self.path_of(name)}[{position}]", lambda written: _plain(written, most)
            )
            if value in found:
                self._problems.add(
                    item.start_mark.line + 1, f"{self.path_of(name)}[{position}]", f'"{value}" is there twice'
                )
            elif value is not None:
                found[value] = None
        return tuple(found)

    def is_list(self, name: str) -> bool:
        """Whether the field is a list."""
        return isinstance(self._node(name), yaml.SequenceNode)

    def is_text(self, name: str) -> bool:
        """Whether the field is a single value."""
        return isinstance(self._node(name), yaml.ScalarNode)

    def section(self, name: str) -> "Section | None":
        """The section below a field."""
        node = self._node(name)
        return None if node is None else Section(node, self.path_of(name), self._problems)

    def sections(self, name: str) -> list["Section"]:
        """The sections of a list."""
        return [
            Section(item, f"{self.path_of(name)}[{position}]", self._problems)
            for position, item in enumerate(self._items(name) or (), start=1)
        ]

    def names(self) -> list[str]:
        """Every field of this section, which are all known then."""
        self._asked.update(self._fields)
        return list(self._fields)

    def _read(self, node: yaml.MappingNode) -> None:
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "a field without a name"
            if name in self._fields:
                self._problems.add(key.start_mark.line + 1, self.path_of(name), "this field is there twice")
            self._fields[name] = value
            self._lines[name] = key.start_mark.line + 1

    def _node(self, name: str) -> yaml.Node | None:
        self._asked.add(name)
        node = self._fields.get(name)
        return None if node is None or _is_null(node) else node

    def _items(self, name: str) -> list[yaml.Node] | None:
        node = self._node(name)
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if node is not None:
            self.problem(name, "a list is needed here")
        return None

    def _scalar(self, name: str, parse: Callable[[str], T]) -> T | None:
        node = self._node(name)
        return None if node is None else self._value(node, self.path_of(name), parse)

    def _value(self, node: yaml.Node, path: str, parse: Callable[[str], T]) -> T | None:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.ScalarNode):
            self._problems.add(line, path, "a single value is needed here, not a list or fields")
            return None
        try:
            return parse(node.value)
        except ValueError as error:
            self._problems.add(line, path, str(error))
        except DeskError as error:
            self._problems.add(line, path, f'"{node.value}" cannot be used. {_sentence(error)}')
        return None


def day(written: str) -> date:
    """Read a day such as 2026-12-31. Raises ValueError with words."""
    try:
        found = date.fromisoformat(written)
    except ValueError:
        raise ValueError(f'"{written}" is not a day; write it as 2026-12-31') from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(f'"{written}" lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}')
    return found


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL


def _plain(written: str, most: int) -> str:
    if not written.strip():
        raise ValueError("this must not be empty")
    if not written.isprintable() and any(unicodedata.category(each) in _UNWRITABLE for each in written):
        raise ValueError("line breaks and control characters cannot be used here")
    if len(written) > most:
        raise ValueError(f"at most {most} characters, and these are {len(written)}")
    return written


def _chosen(written: str, values: Collection[str]) -> str:
    if written not in values:
        raise ValueError(f'"{written}" cannot be used; choose one of {", ".join(values)}')
    return written


def _flag(written: str) -> bool:
    if written.lower() not in _YES:
        raise ValueError(f'"{written}" is neither true nor false')
    return _YES[written.lower()]


def _number(written: str, least: int, most: int) -> int:
    if not (written.isascii() and written.isdigit() and least <= int(written[:20]) <= most):
        raise ValueError(f'"{written}" is not a whole number from {least} to {most}')
    return int(written)


def _sentence(error: DeskError) -> str:
    return (type(error).__doc__ or "").partition("\n")[0]


def _line_of(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _words_of(error: yaml.YAMLError) -> str:
    return str(
        getattr(error, "problem", None) or getattr(error, "reason", None) or "its characters cannot be read"
    )
