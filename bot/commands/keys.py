"""`license-desk keys`: the keys that sign license files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.shared import AsPerson

if TYPE_CHECKING:
    from store.keys import KeyEntry

group = typer.Typer(help="The keys that sign license files.", no_args_is_help=True)


@group.command()
def init(
    algorithm: Annotated[
        str, typer.Option(help="ES256, which every JOSE library verifies, or EdDSA.")
    ] = "ES256",
    person: AsPerson = None,
) -> None:
    """Make the first signing key; license files are signed with it at once."""
    from store.signing import init_keys

    with shared.open_desk() as desk:
        entry = init_keys(desk, shared.actor(desk.database, person), algorithm)
    shared.console().print(f"Made the signing key {entry.kid} ({entry.algorithm}); it is active.")


@group.command("list")
def list_() -> None:
    """Show every signing key and its state; private keys are never shown."""
    from store import keys

    with shared.open_database() as database, database.read() as connection:
        found = keys.list_keys(connection)
    _print(found)


@group.command()
def export(
    jwks: Annotated[bool, typer.Option("--jwks", help="As a JWKS document, which is the default.")] = False,
    pem: Annotated[bool, typer.Option("--pem", help="In PEM.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", help="The file to write, instead of printing.", dir_okay=False)
    ] = None,
) -> None:
    """Write the public keys with which products verify license files; private keys are never written."""
    from store import key_sets

    if jwks and pem:
        raise shared.CommandRefused("Choose one of --jwks and --pem.")
    with shared.open_database() as database, database.read() as connection:
        text = key_sets.pem_text(connection) if pem else key_sets.jwks_text(connection)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def _print(found: list["KeyEntry"]) -> None:
    console = shared.console()
    if not found:
        console.print("There is no signing key yet; make one with: license-desk keys init")
    for entry in found:
        console.print(
            f"{entry.kid}  {entry.algorithm}  {entry.state}  since {entry.created_at:%Y-%m-%d %H:%M} UTC"
        )
