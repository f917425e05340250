"""`license-desk keys`: the keys that sign license files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.key_sources import Algorithm, FromFile, FromToken, kept, key_source
from bot.commands.replacing import replacing
from bot.commands.shared import AsPerson

if TYPE_CHECKING:
    from store.keys import KeyEntry
    from store.rules.key_states import KeyPurpose

Kid = Annotated[str, typer.Argument(metavar="KID", help="The name of a key, as keys list shows it.")]
ForTests = Annotated[
    bool,
    typer.Option(
        "--test", help="A test key: products refuse what it signs, unless they are built for tests."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without, only what it would come to is said.")]

group = typer.Typer(help="The keys that sign license files.", no_args_is_help=True)


@group.command()
def init(
    algorithm: Algorithm = None,
    test: ForTests = False,
    from_file: FromFile = None,
    from_token: FromToken = None,
    person: AsPerson = None,
) -> None:
    """Make the first signing key, or take one that is kept outside the database; it signs at once."""
    from store.signing import init_keys

    with shared.open_desk() as desk:
        source = key_source(algorithm, from_file, from_token)
        actor = shared.actor(desk.database, person)
        entry = init_keys(desk, actor, source.algorithm, _purpose(test=test), source.outside)
    shared.console().print(f"{source.done} the {_kind(entry)} {entry.kid} ({entry.algorithm}); it is active.")


@group.command()
def add(
    algorithm: Algorithm = None,
    test: ForTests = False,
    from_file: FromFile = None,
    from_token: FromToken = None,
    person: AsPerson = None,
) -> None:
    """Make the next signing key, or take one kept outside the database: published, it signs once it is activated."""
    from store.signing import add_key

    with shared.open_desk() as desk:
        source = key_source(algorithm, from_file, from_token)
        actor = shared.actor(desk.database, person)
        entry = add_key(desk, actor, source.algorithm, _purpose(test=test), source.outside)
        from_then_on = entry.created_at + desk.policy.key_published_for
    shared.console().print(
        f"{source.done} the {_kind(entry)} {entry.kid} ({entry.algorithm}); it is published, and signs nothing yet.\n"
        f"Activate it from {from_then_on:%Y-%m-%d %H:%M} UTC on: license-desk keys activate {_typed(entry.kid)}"
    )


@group.command()
def activate(
    kid: Kid,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Although products may not know the key yet.")
    ] = False,
    person: AsPerson = None,
) -> None:
    """Sign with a key from now on, and retire the one before; licenses that are out stay as they are."""
    from store.signing import activate_key

    with shared.open_desk() as desk:
        entry = activate_key(desk, shared.actor(desk.database, person), kid, at_once=at_once)
    shared.console().print(
        f"The {_kind(entry)} {entry.kid} is active; the one before it is retired and verifies."
    )


@group.command()
def retire(kid: Kid, yes: Yes = False, person: AsPerson = None) -> None:
    """Give up a key that never signed; the active one retires when another is activated."""
    from store.signing import retire_key

    with shared.open_desk() as desk:
        if not yes:
            raise shared.CommandRefused(f"The key {kid} would never sign any more. To do it, say --yes.")
        entry = retire_key(desk, shared.actor(desk.database, person), kid)
    shared.console().print(f"The {_kind(entry)} {entry.kid} is retired; it never signed.")


@group.command()
def compromise(kid: Kid, yes: Yes = False, person: AsPerson = None) -> None:
    """Never trust a key again, and make every license in use that it signed anew; the same again goes on with it."""
    from store import key_reissues
    from store.signing import compromise_key

    with shared.open_desk(to_sign=True) as desk:
        if not yes:
            raise shared.CommandRefused(
                f"Nothing that the key {kid} signed would be believed any more, every license in use that it signed "
                "would be made anew and sent, and this cannot be undone. To do it, say --yes."
            )
        actor = shared.actor(desk.database, person)
        done = compromise_key(desk, actor, kid)
        console = shared.console()
        console.print(
            f"The {_kind(done.entry)} {kid} is compromised; {done.active.kid} signs. "
            f"Infrastructures with licenses to be made anew: {done.infrastructures}."
        )
        with desk.database.read() as connection:
            total = key_reissues.left(connection)
        with replacing(total) as progress:
            made = key_reissues.run(desk, actor, progress)
    console.print(f"Made anew: {made} license{'' if made == 1 else 's'}. The running bot sends the files.")
    console.print("Give products the new public keys, without the compromised one: license-desk keys export")


@group.command("list")
def list_() -> None:
    """Show every signing key, its state and where it is kept; private keys are never shown."""
    from store import keys

    with shared.open_database() as database, database.read() as connection:
        found = keys.list_keys(connection)
    console = shared.console()
    if not found:
        console.print("There is no signing key yet; make one with: license-desk keys init")
    for entry in found:
        console.print(
            f"{entry.kid}  {entry.algorithm}  {entry.state}  since {entry.since:%Y-%m-%d %H:%M} UTC{_test(entry)}  "
            f"{kept(entry.kept_in, entry.kept_at)}"
        )


@group.command()
def export(
    jwks: Annotated[bool, typer.Option("--jwks", help="As a JWKS document, which is the default.")] = False,
    pem: Annotated[bool, typer.Option("--pem", help="In PEM.")] = False,
    test: Annotated[
        bool, typer.Option("--test", help="The test keys, instead of the production keys.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", help="The file to write, instead of printing.", dir_okay=False)
    ] = None,
) -> None:
    """Write the public keys with which products verify license files; private keys are never written."""
    from store import key_sets

    if jwks and pem:
        raise shared.CommandRefused("Choose one of --jwks and --pem.")
    text_of = key_sets.pem_text if pem else key_sets.jwks_text
    with shared.open_database() as database, database.read() as connection:
        text = text_of(connection, _purpose(test=test))
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def _typed(kid: str) -> str:
    """A name as it is typed: one key in 64 that was made elsewhere has a name that looks like an option."""
    return f"-- {kid}" if kid.startswith("-") else kid


def _purpose(*, test: bool) -> "KeyPurpose":
    from store.rules.key_states import KeyPurpose

    return KeyPurpose.TEST if test else KeyPurpose.PRODUCTION


def _kind(entry: "KeyEntry") -> str:
    return "test key" if entry.purpose == "test" else "signing key"


def _test(entry: "KeyEntry") -> str:
    return "  test key" if entry.purpose == "test" else ""
