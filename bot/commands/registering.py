"""`license-desk register`: many environments from a table."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.progress import steps
from bot.commands.shared import AsPerson, CommandRefused

if TYPE_CHECKING:
    from rich.table import Table

    from handlers.words.pens import Pen
    from store.bulk import Report
    from store.bulk_wishes import Outcome
    from store.desk import Actor, Desk
    from store.rules.sheets import Row

MOST_ROWS = 200_000
LARGEST = 64 * 1024 * 1024
"""Bytes."""
MANY = 2_000
"""Tables of more rows than this show how far they are."""
MOST_SHOWN = 50
"""Rows that are shown in the terminal; with more than this only those that have faults."""


def register(
    file: Annotated[Path, typer.Argument(help="The table, as CSV.", dir_okay=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would come to, and write nothing.")
    ] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Register no row if one has a fault.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write every row with its result.", dir_okay=False),
    ] = None,
    person: AsPerson = None,
) -> None:
    """Register the environments of a table, and say of each row what became of it."""
    if person is None:
        raise CommandRefused("Say who registers: --as PERSON, an e-mail address or a Slack id.")
    rows = _rows(file)
    with shared.open_desk() as desk, steps("Registering", len(rows), shown=len(rows) > MANY) as told:
        actor = shared.actor(desk.database, person)
        report = _report(desk, actor, rows, told, dry_run=dry_run, together=all_or_nothing)
        policy = desk.policy
    from handlers.words.pens import Plain
    from store.bulk_wishes import Result

    pen = Plain(policy)
    if output is not None:
        _write(output, report, pen)
    _print(report, pen, together=all_or_nothing and not dry_run)
    if report.count(Result.WRONG):
        raise typer.Exit(1)


def _rows(file: Path) -> "list[Row]":
    from store.rules import sheets
    from store.rules.upload_errors import UploadTooLarge

    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UploadTooLarge(LARGEST)
    return sheets.read(content, MOST_ROWS)


def _report(
    desk: "Desk",
    actor: "Actor",
    rows: "list[Row]",
    progress: Callable[[int], None],
    *,
    dry_run: bool,
    together: bool,
) -> "Report":
    from uuid import uuid4

    from store import bulk

    if dry_run:
        return bulk.check(desk, actor, rows, progress)
    register_rows = bulk.register_all if together else bulk.register
    return register_rows(desk, actor, rows, uuid4().hex, progress)


def _write(output: Path, report: "Report", pen: "Pen") -> None:
    from handlers.bulk_words import table

    output.write_bytes(table(report, pen))


def _print(report: "Report", pen: "Pen", *, together: bool) -> None:
    from handlers.bulk_words import summary
    from store.bulk_wishes import Result

    console, shown = shared.console(), report.outcomes
    if len(shown) > MOST_SHOWN:
        shown = tuple(each for each in shown if each.result is Result.WRONG)
    if shown:
        console.print(_table(shown[:MOST_SHOWN], report, pen))
    if len(shown) > MOST_SHOWN:
        console.print(f"… and {len(shown) - MOST_SHOWN:,} more; --output FILE writes all of them.")
    console.print(summary(report, all_or_nothing=together))


def _table(outcomes: "tuple[Outcome, ...]", report: "Report", pen: "Pen") -> "Table":
    from rich.table import Table

    from handlers.bulk_words import column_of, explanation, result

    table = Table(box=None, pad_edge=False)
    for title in ("line", "result", "slot", "column", "explanation"):
        table.add_column(title, overflow="fold")
    for each in outcomes:
        why = (column_of(each.error), explanation(each.error, pen)) if each.error else ("", "")
        slot = pen.name(each.slot_name or each.row.slot) if each.slot_name or each.row.slot else ""
        table.add_row(str(each.row.line), result(each, done=report.done), slot, *why)
    return table
