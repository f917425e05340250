"""`license-desk backup` and `restore`: the whole database as one file, and back again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.progress import progress
from bot.commands.shared import AsPerson, CommandRefused

if TYPE_CHECKING:
    from store.backup import Copied
    from store.desk import Desk

LONG_FILE = 50_000_000
"""Databases of more bytes than this show how far they are."""


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.", dir_okay=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if there is one.")] = False,
) -> None:
    """Copy the whole database to a file while the program runs, and check the copy."""
    from store.backup import backup as copy

    with shared.open_database() as database:
        size = Path(database.url.database or "").stat().st_size if database.is_sqlite else 0
        with progress("Copying", 100, shown=size > LONG_FILE) as told:
            done = copy(
                database.url, file, lambda copied, total: told(100 * copied // max(total, 1)), force=force
            )
    shared.console().print(
        f"Backed up to {file}: {_held(done)}. Keep the master keys in another place; without them neither "
        "license texts nor private keys in it can be read."
    )


def restore(
    file: Annotated[
        Path | None, typer.Argument(help="A file that `license-desk backup` wrote.", dir_okay=False)
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a database that holds data; it is kept beside it.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Without a file: see to what pg_restore has restored.")
    ] = False,
    person: AsPerson = None,
) -> None:
    """Put a backup in the place of the database. Stop the program first."""
    if (file is None) is not finish:
        raise CommandRefused("Name the file to restore, or say --finish after pg_restore.")
    if file is None:
        _finish(person)
    else:
        _restore(file, person, force=force)


def _restore(file: Path, person: str | None, *, force: bool) -> None:
    from sqlalchemy import make_url

    from bot.desk import now
    from bot.settings import load_settings
    from bot.single import only_one
    from store.backup import restore as put_back

    url = load_settings().database_url.get_secret_value()
    with only_one(url):
        done = put_back(make_url(url), file, now(), _preparing(person), force=force)
    console = shared.console()
    console.print(f"Restored {file}: {_held(done.copied)}.")
    if done.kept:
        console.print(f"What was there before is kept in {done.kept}.")
    console.print(_NEXT)


def _preparing(person: str | None) -> Callable[[Path], None]:
    """What makes a copy of the backup ready, at this program's version."""

    def prepare(path: Path) -> None:
        from bot.desk import desk_of
        from bot.settings import load_settings
        from store.backup import embedded
        from store.database import Database

        desk = replace(desk_of(load_settings()), database=Database(embedded(path)))
        _settle(desk, person)

    return prepare


def _finish(person: str | None) -> None:
    from bot.desk import desk_of
    from bot.settings import load_settings

    queued = _settle(desk_of(load_settings()), person)
    shared.console().print(f"Queued deliveries that are looked for in Slack before they are sent: {queued}.")
    shared.console().print(_NEXT)


def _settle(desk: "Desk", person: str | None) -> int:
    from store.migrating import migrate
    from store.restoring import settle
    from store.vault_check import check_vault

    try:
        migrate(desk.database)
        check_vault(desk.database, desk.vault)
        return settle(desk, shared.actor(desk.database, person))
    finally:
        desk.database.close()


def _held(copied: "Copied") -> str:
    rows = sum(copied.rows.values())
    return f"{rows:,} rows in {len(copied.rows)} tables, at version {copied.version}, checked"


_NEXT = "Now run: license-desk doctor, license-desk audit verify, and then: license-desk run"
