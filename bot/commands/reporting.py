"""`license-desk report`: capacity and ending licenses, written to disk as a picture and as a table."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import shared


def report(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write to.", file_okay=False)],
    about: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A company or an infrastructure; everything if left out.")
    ] = "",
) -> None:
    """Write a report of capacity and ending licenses as a picture and as a table, and say the figures."""
    from bot.desk import now
    from handlers.reports import attachments
    from handlers.words.figures import lines
    from store.figures import figures
    from store.reach import Reach
    from store.reports import scope_of

    everywhere = Reach(everywhere=True)
    with shared.open_database() as database, database.read() as connection:
        found = figures(connection, everywhere, scope_of(connection, everywhere, about), now())
    console, files = shared.console(), attachments(found)
    output.mkdir(parents=True, exist_ok=True)
    for line in lines(found):
        console.print(line)
    for each in files:
        (output / each.filename).write_bytes(each.content)
        console.print(f"Written: {output / each.filename}")
    if not any(each.filename.endswith(".png") for each in files):
        console.print("The picture needs matplotlib, which is not installed: install license-desk[report].")
