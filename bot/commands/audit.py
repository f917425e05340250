"""`license-desk audit`: the record of what was done."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.verifying import known_keys, read_bytes, trusting

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.audit_check import Break
    from store.audit_heads import Heads
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
    "changed": (
        "entry {} was changed after it was written",
        "entries {} to {} were changed after they were written",
    ),
    "missing": ("entry {} is missing", "entries {} to {} are missing"),
    "inserted": ("entry {} was put in by somebody else", "entries {} to {} were put in by somebody else"),
    "moved": ("entry {} is not where it was written", "entries {} to {} are not where they were written"),
    "cut off": ("entry {} was cut off from its end", "entries {} to {} were cut off from its end"),
    "head missing": ("the note of its last entry is missing, so that its end cannot be checked", ""),
    "cut off since": (
        "entry {} was cut off since its head was exported",
        "entries {} to {} were cut off since its head was exported",
    ),
    "changed since": ("entry {} is another one than when its head was exported", ""),
}
"""What does not hold, of one entry and of several."""


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
def verify(
    heads: Annotated[
        Path | None,
        typer.Option("--heads", help="Check against exported heads, too, a file of them.", dir_okay=False),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys", help="Public keys (JWKS or PEM) for these, not the database's.", dir_okay=False
        ),
    ] = None,
) -> None:
    """Check that no entry of the record was changed, removed, put in or moved."""
    from sqlalchemy import func, select

    from store import audit_check, audit_heads
    from store.tables import audit_entries

    before = None if heads is None else _read_heads(heads, keys)
    with shared.open_database() as database, database.read() as connection:
        breaks = list(audit_check.verify(connection))
        if before:
            breaks += audit_heads.against(connection, before)
        entries = connection.execute(select(func.count()).select_from(audit_entries)).scalar_one()
        chains = connection.execute(select(audit_entries.c.chain).distinct()).all()
    for each in breaks:
        shared.console().print(_told(each))
    if breaks:
        raise typer.Exit(1)
    shared.console().print(_well(entries, len(chains), before))


@group.command("heads")
def export_heads(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write instead of the screen.", dir_okay=False),
    ] = None,
) -> None:
    """Write number and hash of the last entry of each chain, signed; to be kept away from the database."""
    from store import audit_heads

    with shared.open_desk(to_sign=True) as desk:
        text, count = audit_heads.export(desk)
    if output is None:
        typer.echo(text, nl=False)
        return
    output.write_text(text, encoding="utf-8")
    shared.console().print(f"Written: {output}, the heads of {count} chains.")


def _read_heads(file: Path, keys: Path | None) -> "Heads":
    from store import audit_heads

    with trusting(file):
        return audit_heads.read(read_bytes(file), known_keys(keys))


def _told(each: "Break") -> str:
    place = f"infrastructure {each.chain}" if each.chain else "the desk"
    one, several = _PROBLEMS[each.problem]
    what = one.format(each.position) if each.until is None else several.format(each.position, each.until)
    return f"The record of {place} does not hold: {what}."


def _well(entries: int, chains: int, before: "Heads | None") -> str:
    said = f"The record holds: {entries} entries in {chains} chains, none changed and none missing."
    if before is None:
        return said
    return f"{said} None is missing since the heads were exported at {before.issued_at:%Y-%m-%d %H:%M} UTC."


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
