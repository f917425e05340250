"""`license-desk import` and `export`: loading what the operators own, and writing it back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.progress import progress
from bot.commands.shared import AsPerson

if TYPE_CHECKING:
    from rich.console import Console

    from store.importing import Plan

LONG_FILE = 200_000
"""Files of more bytes than this show how far they are."""


def import_(
    file: Annotated[Path, typer.Argument(help="The YAML file.", dir_okay=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")
    ] = False,
    own_roles: Annotated[
        bool, typer.Option("--own-roles", help="Overwrite also the roles that people set in Slack.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove what the file leaves out of the companies that it names.")
    ] = False,
    welcome: Annotated[
        bool, typer.Option("--welcome", help="Greet everybody with a role there, in Slack and once.")
    ] = False,
    person: AsPerson = None,
) -> None:
    """Load products, companies, people, roles, infrastructures, subscriptions and slots from a file."""
    from store.importing import Options, check, load
    from store.welcoming import welcome as greet

    options, greeted = Options(own_roles, prune), None
    with shared.open_desk() as desk, _progress(file, readings=1 if dry_run else 2) as told:
        if dry_run:
            plan = check(desk, file, options, told)
        else:
            actor = shared.actor(desk.database, person, "import")
            plan = load(desk, actor, file, options, told)
            if welcome:
                greeted = greet(desk, actor, plan.companies, everywhere=plan.of_the_desk)
    _print(shared.console(), plan, dry_run=dry_run)
    if greeted is not None:
        shared.console().print(_greeted(greeted))


def export(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write instead of the screen.", dir_okay=False),
    ] = None,
) -> None:
    """Write everything that import reads, in the same format."""
    from store.exporting import export as documents

    with shared.open_database() as database:
        if output is None:
            for text in documents(database):
                typer.echo(text, nl=False)
            return
        with output.open("w", encoding="utf-8") as file:
            file.writelines(documents(database))


def _progress(file: Path, readings: int) -> AbstractContextManager[Callable[[int], None]]:
    size = file.stat().st_size if file.is_file() else 0
    return progress("Importing", size * readings, shown=size > LONG_FILE)


def _print(console: "Console", plan: "Plan", *, dry_run: bool) -> None:
    for line in plan.lines:
        console.print(line)
    if plan.unlisted:
        console.print(f"… and {plan.unlisted} more lines")
    for line in plan.kept:
        console.print(f"kept: {line}")
    if plan.without_slack:
        _print_without_slack(console, plan)
    console.print(_summary(plan, dry_run=dry_run))


def _print_without_slack(console: "Console", plan: "Plan") -> None:
    names = ", ".join(plan.without_slack)
    others = f" and {plan.more_without_slack} others" if plan.more_without_slack else ""
    console.print(f"warning: not in Slack yet, and linked when they appear: {names}{others}")


def _summary(plan: "Plan", *, dry_run: bool) -> str:
    from store.importing import Kind

    said = []
    for kind in Kind:
        nouns = [_counted(count, noun) for (of, noun), count in plan.counts.items() if of is kind]
        if nouns:
            said.append(f"{kind}: {', '.join(nouns)}")
    if any(kind is Kind.SURPLUS for kind, _ in plan.counts):
        said.append("use --prune to remove")
    if not said:
        return "Nothing to change."
    return f"{'Nothing was written (dry run)' if dry_run else 'Done'}. {'; '.join(said)}."


def _greeted(greeted: int) -> str:
    if not greeted:
        return "Nobody new to welcome."
    return f"Welcome messages queued: {greeted}."


def _counted(count: int, noun: str) -> str:
    plural = {"company": "companies", "person": "people"}.get(noun, f"{noun}s")
    return f"{count} {noun if count == 1 else plural}"
