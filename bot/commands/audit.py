"""`license-desk audit`: the record of what was done."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.database import Database
    from store.trail import Filter

OfInfrastructure = Annotated[
    str | None,
    typer.Option(
        "--infrastructure", metavar="NAME", help="Only this infrastructure: a name or activation code."
    ),
]
ByPerson = Annotated[
    str | None,
    typer.Option(
        "--person", metavar="PERSON", help="Only what this person did: an e-mail address or Slack id."
    ),
]
Since = Annotated[datetime | None, typer.Option("--since", help="Only from this moment on (UTC).")]
Until = Annotated[datetime | None, typer.Option("--until", help="Only before this moment (UTC).")]

group = typer.Typer(help="The record of every change and refusal.", no_args_is_help=True)

_PROBLEMS = {
    "changed": "entry {} was changed after it was written",
    "missing": "entry {} is missing",
    "cut off": "entry {} and what follows it was cut off",
    "head missing": "the note of its last entry is missing, so that its end cannot be checked",
}


@group.command()
def show(
    infrastructure: OfInfrastructure = None,
    person: ByPerson = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 50,
) -> None:
    """Show entries of the record in words, newest first."""
    from handlers.words.history import sentence
    from handlers.words.pens import Plain
    from store.desk import Policy
    from store.trail import newest

    console, pen = shared.console(), Plain(Policy())
    with shared.open_database() as database, database.read() as connection:
        found = newest(connection, _filter(database, connection, infrastructure, person, since, until), limit)
    for each in found:
        console.print(sentence(each, pen))
    if not found:
        console.print("There is none.")


@group.command()
def export(
    infrastructure: OfInfrastructure = None,
    person: ByPerson = None,
    since: Since = None,
    until: Until = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write instead of the screen.", dir_okay=False),
    ] = None,
) -> None:
    """Write entries of the record as JSON Lines, oldest first, with their hashes."""
    with shared.open_database() as database, database.read() as connection:
        wanted = _filter(database, connection, infrastructure, person, since, until)
        if output is None:
            for line in _documents(connection, wanted):
                typer.echo(line, nl=False)
            return
        with output.open("w", encoding="utf-8") as file:
            file.writelines(_documents(connection, wanted))


@group.command()
def verify() -> None:
    """Check that no entry of the record was changed or removed."""
    from sqlalchemy import func, select

    from store import audit
    from store.tables import audit_entries, audit_heads

    console = shared.console()
    with shared.open_database() as database, database.read() as connection:
        breaks = list(audit.verify(connection))
        entries = connection.execute(select(func.count()).select_from(audit_entries)).scalar_one()
        chains = connection.execute(select(func.count()).select_from(audit_heads)).scalar_one()
    for each in breaks:
        place = f"infrastructure {each.chain}" if each.chain else "the desk"
        problem = _PROBLEMS[each.problem].format(each.position)
        console.print(f"The record of {place} does not hold: {problem}.")
    if breaks:
        raise typer.Exit(1)
    console.print(f"The record holds: {entries} entries in {chains} chains, none changed and none missing.")


def _filter(
    database: "Database",
    connection: "Connection",
    infrastructure: str | None,
    person: str | None,
    since: datetime | None,
    until: datetime | None,
) -> "Filter":
    from store.trail import Filter, infrastructure_named

    return Filter(
        None if infrastructure is None else infrastructure_named(connection, infrastructure),
        None if person is None else shared.person_id(database, person, "--person"),
        _in_utc(since),
        _in_utc(until),
    )


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _documents(connection: "Connection", wanted: "Filter") -> Iterator[str]:
    from store.trail import document, everything

    for line in everything(connection, wanted):
        yield json.dumps(document(line), ensure_ascii=False) + "\n"
