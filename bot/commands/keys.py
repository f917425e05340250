"""`license-desk keys`: the keys that sign license files."""

import json
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
def list_(
    jwks: Annotated[bool, typer.Option("--jwks", help="Print the public keys as a JWKS document.")] = False,
    pem: Annotated[bool, typer.Option("--pem", help="Print the public keys in PEM.")] = False,
) -> None:
    """Show every signing key and its state; private keys are never shown."""
    from store import keys
    from store.key_formats import jwks as document

    with shared.open_database() as database, database.read() as connection:
        found = keys.list_keys(connection)
        trusted = [key for key in keys.verifying_keys(connection).values() if key.state.trusted]
    if jwks:
        typer.echo(json.dumps(document(trusted), indent=2))
    elif pem:
        typer.echo("".join(entry.public_pem for entry in found if entry.state.trusted), nl=False)
    else:
        _print(found)


def _print(found: list["KeyEntry"]) -> None:
    console = shared.console()
    if not found:
        console.print("There is no signing key yet; make one with: license-desk keys init")
    for entry in found:
        console.print(
            f"{entry.kid}  {entry.algorithm}  {entry.state}  since {entry.created_at:%Y-%m-%d %H:%M} UTC"
        )
