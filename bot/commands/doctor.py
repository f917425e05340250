"""`license-desk doctor`: checks everything, and says what to do about what is wrong."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from bot.doctoring.finding import Finding

_COLORS = {"OK": "green", "Warning": "yellow", "Problem": "bold red"}


def doctor(
    everything: Annotated[
        bool, typer.Option("--all", help="Look at every person, channel and infrastructure, however many.")
    ] = False,
) -> None:
    """Check settings, database, keys, Slack, people and deliveries, and say what to do. Changes nothing."""
    from bot.doctoring.finding import Level

    levels = [each.level for each in _shown(_findings(everything))]
    problems, warnings = levels.count(Level.PROBLEM), levels.count(Level.WARNING)
    typer.echo(_summary(problems, warnings))
    raise typer.Exit(1 if problems else 0)


def _findings(everything: bool) -> Iterator["Finding"]:
    from bot.doctor import examine
    from bot.doctoring import configuration
    from bot.doctoring.examined import SOME
    from bot.settings import SettingsRefused, load_settings

    try:
        settings = load_settings()
    except SettingsRefused as refusal:
        yield from configuration.refused(refusal)
        return
    yield from examine(settings, most=None if everything else SOME)


def _shown(findings: Iterable["Finding"]) -> list["Finding"]:
    """Print the findings, as a table where somebody reads, one a line where a program does."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        return list(_lines(findings))
    with console.status("Looking …"):
        found = list(findings)
    console.print(_table(found))
    return found


def _lines(findings: Iterable["Finding"]) -> Iterator["Finding"]:
    for each in findings:
        remedy = f" -> {each.remedy}" if each.remedy else ""
        typer.echo(f"{each.level:7}  {each.subject}: {each.says}{remedy}")
        yield each


def _table(findings: Iterable["Finding"]) -> "Table":
    from rich.table import Column, Table
    from rich.text import Text

    # Names of settings are folded where they are too long, never cut.
    columns = [Column(name, overflow="fold") for name in ("", "About", "Found", "What to do")]
    table = Table(*columns, box=None, pad_edge=False)
    for each in findings:
        color = _COLORS[each.level]
        table.add_row(Text(each.level, color), each.subject, each.says, each.remedy)
    return table


def _summary(problems: int, warnings: int) -> str:
    if not problems and not warnings:
        return "All is well."
    return f"{_counted(problems, 'problem')}, {_counted(warnings, 'warning')}."


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
