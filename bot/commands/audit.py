"""`license-desk audit`: the record of what was done."""

import typer

from bot.commands import shared

group = typer.Typer(help="The record of every change and refusal.", no_args_is_help=True)

_PROBLEMS = {
    "changed": "entry {} was changed after it was written",
    "missing": "entry {} is missing",
    "cut off": "entry {} and what follows it was cut off",
    "head missing": "the note of its last entry is missing, so that its end cannot be checked",
}


@group.command()
def verify() -> None:
    """Check that no entry of the record was changed or removed."""
    from sqlalchemy import func, select

    from store import audit
    from store.tables import audit_entries, audit_heads

    console = shared.console()
    with shared.open_database() as database, database.read() as connection:
        breaks = list(audit.verify(connection))
        entries = connection.execute(select(func.count()).select_from(audit_entries)).scalar_one()
        chains = connection.execute(select(func.count()).select_from(audit_heads)).scalar_one()
    for each in breaks:
        place = f"infrastructure {each.chain}" if each.chain else "the desk"
        problem = _PROBLEMS[each.problem].format(each.position)
        console.print(f"The record of {place} does not hold: {problem}.")
    if breaks:
        raise typer.Exit(1)
    console.print(f"The record holds: {entries} entries in {chains} chains, none changed and none missing.")
