"""`license-desk files`: license files that the vendor made."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.shared import AsPerson, CommandRefused

if TYPE_CHECKING:
    from store.desk import Policy
    from store.held_files import Listed
    from store.rules.errors import DeskError

group = typer.Typer(help="License files that the vendor made.", no_args_is_help=True)


@group.command()
def add(
    serial: Annotated[str, typer.Argument(help="The serial number of the environment that it is for.")],
    file: Annotated[Path, typer.Argument(help="The file as the vendor made it.", dir_okay=False)],
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Take it although it does not name the serial number.")
    ] = False,
    person: AsPerson = None,
) -> None:
    """Hand in the file of an environment; what waits for it is delivered by the running bot."""
    from store import held_uploads
    from store.rules.errors import DeskError

    if person is None:
        raise CommandRefused("Say who hands it in: --as PERSON, an e-mail address or a Slack id.")
    with shared.open_desk() as desk:
        actor = shared.actor(desk.database, person)
        try:
            content = _content(file, desk.policy.held_file_largest)
            registration_id = held_uploads.registration_of(desk, actor, serial)
            made = held_uploads.add(desk, actor, registration_id, file.name, content, confirmed=confirm)
        except DeskError as error:
            raise CommandRefused(_words(error, desk.policy)) from None
    what = "is there already, as" if made.again else "is uploaded, as"
    shared.console().print(
        f"{file.name} {what} file number {made.file.version} of {made.environment.slot_name} "
        f"({made.infrastructure.name}). SHA-256: {made.file.sha256}"
    )


@group.command("list")
def list_(
    name: Annotated[
        str, typer.Argument(help="A serial number, or the name or activation code of an infrastructure.")
    ] = "",
) -> None:
    """Show the vendor's files with all versions, newest first; their content is never shown."""
    from store import held_files

    with shared.open_database() as database, database.read() as connection:
        found = held_files.listing(connection, name)
    for each in found:
        shared.console().print("  ".join(_parts(each)))
    if not found:
        shared.console().print("There is none.")


def _content(file: Path, most: int) -> bytes:
    from store.rules.held_file_errors import HeldFileTooLarge

    with file.open("rb") as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise HeldFileTooLarge(most)
    return content


def _words(error: "DeskError", policy: "Policy") -> str:
    from handlers import words
    from store.rules.held_file_errors import SerialNotNamed

    said = words.at_field(error, policy)
    confirm = " If it is the right file, add --confirm." if isinstance(error, SerialNotNamed) else ""
    return f"{said}{confirm}"


def _parts(each: "Listed") -> Iterator[str]:
    held = each.file
    yield from (each.serial, f"{each.slot} ({each.infrastructure})", f"number {held.version}", held.name)
    yield from (f"{held.size:,} bytes", f"SHA-256 {held.sha256}")
    yield f"{held.uploaded_at:%Y-%m-%d %H:%M} UTC by {each.uploaded_by}"
