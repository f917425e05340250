"""What several commands need: the desk or its database, who acts, and how they print."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from store.database import Database
    from store.desk import Actor, Desk

AsPerson = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="PERSON", help="Who does this, for the record: an e-mail address or a Slack id."
    ),
]


class CommandRefused(Exception):
    """The command cannot do what was asked; the message is a sentence for the person who typed it."""


def console() -> "Console":
    """Where results are printed; long lines are left to the terminal, so that they can be copied and piped."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def require_sandbox() -> None:
    """Raise `CommandRefused` where the local stand-in for Slack was not installed."""
    try:
        import websockets  # noqa: F401 # whether it is there is all that is asked
    except ImportError:
        raise CommandRefused(
            "The local Slack is not installed. In the folder of License Desk, run: pip install '.[demo]'"
        ) from None


@contextmanager
def open_database() -> Iterator["Database"]:
    """The database of the settings, at this program's version. Raises what `store.migrating.check` raises."""
    from bot.settings import load_settings
    from store.database import Database
    from store.migrating import check

    database = Database(load_settings().database_url.get_secret_value())
    try:
        check(database)
        yield database
    finally:
        database.close()


@contextmanager
def open_desk(*, to_sign: bool = False, any_keys: bool = False) -> Iterator["Desk"]:
    """The desk of the settings, with its keys. Raises also `SettingsRefused`, and `MasterKeysOther`.

    With `to_sign` also where the vendor's name is missing, which stands in every license file. With `any_keys` the
    master keys may be others than those of the database, for commands that say what they open.
    """
    from bot.desk import desk_of
    from bot.settings import load_settings
    from store.migrating import check
    from store.vault_check import check_vault

    settings = load_settings()
    if to_sign:
        settings.require_signing()
    desk = desk_of(settings)
    try:
        check(desk.database)
        if not any_keys:
            check_vault(desk.database, desk.vault)
        yield desk
    finally:
        desk.database.close()


def actor(database: "Database", person: str | None, source: str = "command") -> "Actor":
    """Who acts: the person named, or the desk itself. Raises `CommandRefused` for somebody unknown."""
    from store.desk import Actor

    return Actor(None if person is None else person_id(database, person, "--as"), source)


def person_id(database: "Database", person: str, option: str) -> int:
    """The person whom an option names. Raises `CommandRefused` for somebody unknown."""
    from sqlalchemy import select

    from store.tables import persons

    column = persons.c.email if "@" in person else persons.c.slack_id
    wanted = person.lower() if "@" in person else person
    with database.read() as connection:
        found = connection.execute(select(persons.c.id).where(column == wanted).limit(2)).scalars().all()
    if len(found) != 1:
        raise CommandRefused(
            f"{option} {person}: nobody known to the desk has this e-mail address or Slack id."
        )
    return int(found[0])


def database_words(error: Exception) -> str:
    """Say why the database cannot be used, without its address and without the statement."""
    reason = " ".join(
        re.sub(r"\(.*?Background on this error.*", "", str(getattr(error, "orig", error))).split()
    )
    return (
        f"The database cannot be used: {reason}. "
        "Check LICENSE_DESK_DATABASE_URL, and whether its server or its file can be reached."
    )
