"""What an attempt is: an attack, the test that makes it, and the defense that is taken out to see that test fail."""

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


class NotThere(Exception):
    """What is to be taken out is not in its place, or not once."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a defense: `old` stands once in `place`, which is `file:name` of a function, class or constant."""

    place: str
    old: str
    new: str

    @property
    def path(self) -> str:
        """The file, from the root of the repository."""
        return self.place.partition(":")[0]

    def out_of(self, source: str) -> str:
        """The source of the file with the piece taken out, which is Python still. Raises `NotThere`."""
        first, last = _lines_of(source, self.place.partition(":")[2])
        lines = source.splitlines(keepends=True)
        part = "".join(lines[first - 1 : last])
        if part.count(self.old) != 1:
            raise NotThere(f"{self.place} holds {part.count(self.old)} times: {self.old}")
        changed = "".join([*lines[: first - 1], part.replace(self.old, self.new), *lines[last:]])
        ast.parse(changed)
        return changed


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attack, the node id of its test, what is taken out in words, and the pieces that are."""

    attack: str
    test: str
    taken_out: str
    cuts: tuple[Cut, ...]

    @property
    def row(self) -> str:
        """The line in the table of SECURITY.md."""
        places = ", ".join(dict.fromkeys(f"`{each.place}`" for each in self.cuts))
        return f"| {self.attack} | `{self.test}` | {places} | {self.taken_out} |"


def changed_files(attempt: Attempt, root: Path) -> dict[str, str]:
    """The files of an attempt with its defense taken out, by their paths. Raises `NotThere`."""
    changed: dict[str, str] = {}
    for cut in attempt.cuts:
        source = changed.get(cut.path) or (root / cut.path).read_text(encoding="utf-8")
        changed[cut.path] = cut.out_of(source)
    return changed


def _lines_of(source: str, name: str) -> tuple[int, int]:
    found = _places(source).get(name, [])
    if len(found) != 1:
        raise NotThere(f"{name} is defined {len(found)} times")
    return found[0]


@lru_cache(maxsize=100)
def _places(source: str) -> dict[str, list[tuple[int, int]]]:
    """The first and last lines of what has a name of its own."""
    found: dict[str, list[tuple[int, int]]] = {}
    for node in (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.stmt)):
        for name in _names(node):
            found.setdefault(name, []).append((node.lineno, node.end_lineno or node.lineno))
    return found


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    is_assignment = isinstance(node, ast.Assign | ast.AnnAssign)
    return {each.id for each in targets if isinstance(each, ast.Name)} if is_assignment else set()
