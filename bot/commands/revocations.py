"""`license-desk revocations`: the signed list of licenses that count no more."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.verifying import known_keys, read_bytes, trusting

if TYPE_CHECKING:
    from store.rules.revocation_claims import RevocationClaims

group = typer.Typer(
    help="The licenses that count no more although their time has not come.", no_args_is_help=True
)


@group.command()
def export(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write, instead of printing.", dir_okay=False),
    ] = None,
) -> None:
    """Write the signed list as it is now, for products that get it as a file."""
    from store import revocation_lists

    with shared.open_desk(to_sign=True) as desk:
        made = revocation_lists.make(desk, shared.actor(desk.database, None))
    if output is None:
        typer.echo(made.text, nl=False)
        return
    output.write_bytes(made.text)
    shared.console().print(f"Written: {output}, list {made.seq} with {_licenses(made.count)}.")


@group.command("list")
def list_() -> None:
    """Show which licenses count no more, why and since when."""
    from bot.desk import now
    from store.revocations import revocations

    console = shared.console()
    with shared.open_database() as database, database.read() as connection:
        count = 0
        for each in revocations(connection, now()):
            count += 1
            console.print(f"{each.jti}  {each.reason:<11}  since {_moment(each.revoked_at)}")
    console.print(f"{_licenses(count)}." if count else "Every license counts that was made.")


@group.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The list.", dir_okay=False)],
    keys: Annotated[
        Path | None,
        typer.Option("--keys", help="Public keys (JWKS or PEM) instead of the database.", dir_okay=False),
    ] = None,
    test: Annotated[bool, typer.Option("--test", help="Take lists that a test key signed as well.")] = False,
) -> None:
    """Say what a list is, and whether it is good, of this desk, fresh, and the newest."""
    from store import revocation_lists

    with trusting(file):
        said = revocation_lists.read(read_bytes(file), known_keys(keys), test_keys=test)
    console, wrong = shared.console(), [*_stale(said), *([] if keys else _against_the_database(said))]
    console.print(
        f"This is revocation list {said.seq} of {said.issuer} with {_licenses(len(said.revocations))}. "
        "Its signature is good."
    )
    console.print(
        f"Made {_moment(said.issued_at)}; a newer one should be there from {_moment(said.expires_at)} on."
    )
    for line in wrong:
        console.print(line)
    raise typer.Exit(1 if wrong else 0)


def _stale(said: "RevocationClaims") -> list[str]:
    fresh = datetime.now(UTC) < said.expires_at
    return [] if fresh else ["It is stale: it still counts, but a newer one should be there by now."]


def _against_the_database(said: "RevocationClaims") -> list[str]:
    """What the numbers in the database say against the list."""
    from store import revocation_lists

    with shared.open_database() as database, database.read() as connection:
        newest = revocation_lists.newest_number(connection)
        digest = revocation_lists.digest_of(connection, said.seq)
    if digest != said.digest:
        return [f"It is not what this desk listed under the number {said.seq}."]
    if newest and newest.seq > said.seq:
        return [f"It is not the newest: list {newest.seq} was made since."]
    return []


def _licenses(count: int) -> str:
    return "1 license" if count == 1 else f"{count:,} licenses"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
