"""The command line: `license-desk`. A foreseeable fault is one sentence and exit status 1, never a traceback."""

import os
import sys
from typing import NoReturn

import typer

from bot.commands import (
    audit,
    backup,
    deliveries,
    doctor,
    held_files,
    importing,
    keys,
    registering,
    reporting,
    revocations,
    running,
    sandbox,
    secrets,
    subscription,
    verifying,
)
from bot.commands.shared import CommandRefused, database_words
from bot.sentences import sentence

# Named and not imported: these modules load servers that no other command needs.
_RUNNING = {"AlreadyRunning", "NeedsPostgres", "PortTaken"}
_DRIVERS = {"psycopg": "install license-desk[postgres]", "MySQLdb": "use SQLite or PostgreSQL"}

PIN_STATUS = 78
"""For a PIN that a token refused, so that a supervisor can be told not to try it again; EX_CONFIG of sysexits.h."""

app = typer.Typer(
    name="license-desk",
    help="A license desk in Slack for software that customers run on their own servers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(running.run)
app.command()(running.demo)
app.command()(sandbox.sandbox)
app.command("import")(importing.import_)
app.command()(importing.export)
app.add_typer(keys.group, name="keys")
app.add_typer(secrets.group, name="secrets")
app.command()(registering.register)
app.add_typer(held_files.group, name="files")
app.command()(verifying.verify)
app.add_typer(audit.group, name="audit")
app.add_typer(deliveries.group, name="deliveries")
app.add_typer(subscription.group, name="subscription")
app.add_typer(revocations.group, name="revocations")
app.command()(reporting.report)
app.command()(running.migrate)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(doctor.doctor)


def main() -> None:
    """Run one command."""
    try:
        app()
    except BrokenPipeError:
        # Whoever reads the output has enough; Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the outermost edge: what is foreseen becomes a sentence.
        _end(error)


def _end(error: Exception) -> NoReturn:
    words = _words(error)
    if words is None:
        raise error
    print(words, file=sys.stderr)  # noqa: T201 - the program's voice for people, not a log.
    sys.exit(_status(error))


def _status(error: Exception) -> int:
    from store.rules.key_keeping import TokenPinLastTry, TokenPinRefused

    return PIN_STATUS if isinstance(error, TokenPinRefused | TokenPinLastTry) else 1


def _words(error: Exception) -> str | None:
    """The sentence of an error, or `None` for a fault of the program itself."""
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from bot.settings import SettingsRefused
    from store.rules.errors import DeskError

    if isinstance(error, DeskError):
        return sentence(error)
    if isinstance(error, CommandRefused | SettingsRefused) or type(error).__name__ in _RUNNING:
        return str(error)
    if isinstance(error, ArgumentError | DBAPIError | NoSuchModuleError):
        return database_words(error)
    if isinstance(error, ModuleNotFoundError) and error.name in _DRIVERS:
        return f"This kind of database needs {error.name}, which is not installed: {_DRIVERS[error.name]}."
    return f"{error.filename}: {error.strerror}." if isinstance(error, OSError) and error.filename else None


if __name__ == "__main__":
    main()
