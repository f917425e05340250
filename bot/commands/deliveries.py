"""`license-desk deliveries`: what is to be done in Slack, was done, or failed."""

from enum import StrEnum
from typing import Annotated

import typer

from bot.commands import shared
from bot.commands.shared import AsPerson

group = typer.Typer(help="What is to be done in Slack, was done, or failed.", no_args_is_help=True)


class State(StrEnum):
    """The states of a delivery."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@group.command("list")
def list_(
    state: Annotated[State | None, typer.Option(help="Only deliveries of this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 100,
) -> None:
    """Show deliveries, newest first."""
    from store import deliveries

    console = shared.console()
    with shared.open_database() as database, database.read() as connection:
        found = deliveries.listing(connection, state.value if state else None, limit)
    for each in found:
        error = f"  error {each.error}" if each.error else ""
        attempts = f"{each.attempts} attempt{'' if each.attempts == 1 else 's'}"
        console.print(
            f"{each.id}  {each.state}  {each.occasion}  {each.created_at:%Y-%m-%d %H:%M} UTC  {attempts}{error}"
        )
    if not found:
        console.print("There is none.")


@group.command()
def retry(
    ids: Annotated[
        list[int] | None, typer.Argument(help="The numbers of failed deliveries; none means all.")
    ] = None,
    person: AsPerson = None,
) -> None:
    """Queue failed deliveries again; everything is checked again before anything is sent."""
    from store.delivery_claims import retry as queue_again

    with shared.open_desk() as desk:
        again = queue_again(desk, shared.actor(desk.database, person), ids or [])
    missed = sorted(set(ids or []) - set(again))
    if missed:
        raise shared.CommandRefused(
            f"Queued again: {', '.join(map(str, again)) or 'none'}. "
            f"Not failed, or not there: {', '.join(map(str, missed))}."
        )
    shared.console().print(f"Queued again: {', '.join(map(str, again)) or 'none; no delivery has failed'}.")
