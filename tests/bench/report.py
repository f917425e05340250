"""The report of the bench, as Markdown for people and as JSON for machines."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from tests.bench.machine import Machine
from tests.bench.results import Bound, Result, Table


def markdown(machine: Machine, results: Sequence[Result]) -> str:
    """Everything measured, bounds first."""
    return "\n\n".join([_machine(machine), *(part for result in results for part in _result(result))]) + "\n"


def as_json(machine: Machine, results: Sequence[Result]) -> str:
    """The same, with whether each bound holds."""
    found = [asdict(each) | {"bounds": [_bound(bound) for bound in each.bounds]} for each in results]
    return json.dumps({"machine": asdict(machine), "results": found}, indent=2, ensure_ascii=False) + "\n"


def _bound(bound: Bound) -> dict[str, object]:
    return asdict(bound) | {"holds": bound.holds}


def _machine(machine: Machine) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    return (
        f"{machine.cores} cores of {machine.processor}, {machine.system}, load {machine.load:.1f} before the "
        f"start. {versions}."
    )


def _result(result: Result) -> Iterable[str]:
    yield f"## {result.title}"
    yield _table(("bound", "found", "limit", "holds"), (_line(bound) for bound in result.bounds))
    for table in result.tables:
        yield f"### {table.title}"
        yield _of(table)
    yield from result.notes


def _line(bound: Bound) -> tuple[str, ...]:
    found, limit = (f"{number:.3g}{bound.unit}" for number in (bound.figure, bound.limit))
    return bound.what, found, f"{bound.kind} {limit}", "yes" if bound.holds else "**no**"


def _of(table: Table) -> str:
    return _table(table.columns, table.lines)


def _table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    ruler = ["---", *("--:" for _ in columns[1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, ruler, *lines))
