"""`license-desk run`, `migrate` and `demo`."""

from typing import Annotated

import typer

from bot.commands import shared
from bot.duties import Duty


def run(
    role: Annotated[
        Duty, typer.Option("--role", help="Do only this part of the work; other processes do the rest.")
    ] = Duty.ALL,
) -> None:
    """Run the bot until it is told to stop (Ctrl-C, or SIGTERM)."""
    from bot import app, logs
    from bot.server import end_process
    from bot.settings import load_settings

    settings = load_settings()
    settings.require_run()
    logs.configure(settings)
    end_process(app.run(settings, role))


def migrate() -> None:
    """Set up the database, or bring it up to this program's version. Make a backup first."""
    from bot.settings import load_settings
    from store.database import Database
    from store.migrating import migrate as upgrade

    database = Database(load_settings().database_url.get_secret_value())
    try:
        done = upgrade(database)
    finally:
        database.close()
    shared.console().print(_words(done.before, done.after))


def demo(
    play: Annotated[bool, typer.Option("--play", help="Play the main job in text first.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Play the main job in text, and end.")] = False,
) -> None:
    """Run with an example company against a local stand-in for Slack, to be used in the browser."""
    shared.require_sandbox()
    from bot.demo import run as show

    raise typer.Exit(show(play=play or once, stay=not once))


def _words(before: str | None, after: str) -> str:
    if before is None:
        return f"The database is set up, at version {after}."
    if before == after:
        return f"The database is at version {after} already; nothing was changed."
    return f"The database was brought from version {before} to {after}."
