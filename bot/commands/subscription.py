"""`license-desk subscription`: how terms stand; renewed, suspended and reinstated."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.replacing import replacing
from bot.commands.shared import AsPerson

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Connection

    from store.desk import Actor, Desk
    from store.infrastructures import Infrastructure
    from store.reissue_recipients import Recipient
    from store.renewal_files import RenewalEntry
    from store.rules.environments import EnvironmentType
    from store.rules.renewing import Renewal
    from store.rules.terms import Term

Named = Annotated[str, typer.Argument(help="An infrastructure: its name or its activation code.")]
OptionallyNamed = Annotated[
    str | None, typer.Argument(help="An infrastructure: its name or its activation code.")
]

Until = Annotated[
    str | None, typer.Option("--until", metavar="DAY", help="The last day, such as 2027-12-31, or perpetual.")
]
Starts = Annotated[
    str | None,
    typer.Option("--starts", metavar="DAY", help="The first day, where it does not follow the present term."),
]
HighestVersion = Annotated[
    str | None,
    typer.Option("--highest-version", metavar="VERSION", help="The highest platform version, such as 11."),
]
Slots = Annotated[
    list[str] | None,
    typer.Option("--slots", metavar="TYPE=NUMBER", help="How many slots of a type, such as production=5."),
]
FromFile = Annotated[
    Path | None, typer.Option("--from", metavar="FILE", help="Renew what a file says.", dir_okay=False)
]

group = typer.Typer(help="Terms of infrastructures: renewed, suspended, reinstated.", no_args_is_help=True)


@group.command()
def show(infrastructure: OptionallyNamed = None) -> None:
    """Show how one subscription stands, or all of them."""
    from store import infrastructures, subscriptions
    from store.trail import infrastructure_named

    console = shared.console()
    with shared.open_database() as database, database.read() as connection:
        chosen = (
            subscriptions.everywhere(connection)
            if infrastructure is None
            else [infrastructure_named(connection, infrastructure)]
        )
        for each in chosen:
            for line in _shown(connection, infrastructures.get(connection, each)):
                console.print(line)
    if not chosen:
        console.print("There is none.")


@group.command()
def renew(
    infrastructure: OptionallyNamed = None,
    until: Until = None,
    starts: Starts = None,
    highest_version: HighestVersion = None,
    slots: Slots = None,
    file: FromFile = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say who would get what, and write nothing.")
    ] = False,
    person: AsPerson = None,
) -> None:
    """Renew subscriptions, make every license anew and send the files; the same again goes on where it ended."""
    with shared.open_desk(to_sign=not dry_run) as desk:
        actor = shared.actor(desk.database, person)
        if file is not None:
            entries = _read(desk, file)
        elif infrastructure is not None and until is not None:
            renewal = _renewal(until, starts, highest_version, slots or [])
            entries = _single(desk, infrastructure, renewal)
        else:
            raise shared.CommandRefused(
                "Name an infrastructure and its last day (--until), or a file (--from)."
            )
        if dry_run:
            _print_plan(desk, entries)
        else:
            _carry_out(desk, actor, entries)


@group.command()
def suspend(
    infrastructure: Named,
    reason: Annotated[str, typer.Option(help="Why; its contacts and admins will read it.")],
    person: AsPerson = None,
) -> None:
    """Suspend a subscription: nothing is registered, requested or delivered, and what waits is closed."""
    from store import subscriptions
    from store.trail import infrastructure_named

    with shared.open_desk() as desk:
        actor = shared.actor(desk.database, person)
        with desk.database.read() as connection:
            chosen = infrastructure_named(connection, infrastructure)
        done = subscriptions.suspend(desk, actor, chosen, reason)
    shared.console().print(
        f"{done.name} ({done.company_name}) is suspended; its contacts and admins are told."
    )


@group.command()
def reinstate(infrastructure: Named, person: AsPerson = None) -> None:
    """End a suspension, make every license anew and send the files."""
    from store import infrastructures, subscriptions
    from store.trail import infrastructure_named

    with shared.open_desk(to_sign=True) as desk:
        actor = shared.actor(desk.database, person)
        with desk.database.read() as connection:
            chosen = infrastructure_named(connection, infrastructure)
            about = infrastructures.get(connection, chosen)
        reissue_id = subscriptions.reinstate(desk, actor, chosen)
        with _progress(desk, [chosen]) as progress:
            made, messages = _replaced(desk, actor, reissue_id, progress)
    shared.console().print(f"{about.name} ({about.company_name}) is reinstated. {_counts(made, messages)}")


def _shown(connection: "Connection", infrastructure: "Infrastructure") -> Iterator[str]:
    from store import slots, subscriptions

    counts = slots.capacity(connection, [infrastructure.id]).get(infrastructure.id, [])
    yield f"{_name(infrastructure)}, {infrastructure.activation_code}"
    yield f"  {_standing(infrastructure.term, datetime.now(UTC))}"
    if infrastructure.term and infrastructure.term.suspended:
        yield f"  suspended: {subscriptions.suspension_reason(connection, infrastructure.id) or 'no reason given'}"
    yield f"  {infrastructure.edition}, platform versions up to {infrastructure.highest_version}"
    for each in counts:
        yield f"  {each.environment_type.short}: {each.taken} of {each.total} slots taken"


def _standing(term: "Term | None", now: datetime) -> str:
    if term is None:
        return "no subscription"
    span = f"from {term.starts_at:%Y-%m-%d}" + (
        f" to {_last_day(term.ends_at)}" if term.ends_at else ", perpetual"
    )
    if term.ends_at is None or now < term.ends_at:
        return span
    grace = "in grace" if term.expires_at and now < term.expires_at else "ended, grace over"
    return f"{span}; {grace} {'to' if grace == 'in grace' else 'since'} {_last_day(term.expires_at)}"


def _read(desk: "Desk", file: Path) -> "list[RenewalEntry]":
    from store.renewal_files import read

    with desk.database.read() as connection:
        return read(connection, file, desk.clock())


def _single(desk: "Desk", infrastructure: str, renewal: "Renewal") -> "list[RenewalEntry]":
    from store.renewal_files import RenewalEntry
    from store.trail import infrastructure_named

    with desk.database.read() as connection:
        return [RenewalEntry(infrastructure_named(connection, infrastructure), renewal)]


def _renewal(until: str, starts: str | None, highest: str | None, slots: Sequence[str]) -> "Renewal":
    from store.importing.parsing import PERPETUAL
    from store.importing.reading import day
    from store.renewal_files import first_moment_after, midnight
    from store.rules.renewing import Renewal
    from store.rules.versions import parse_highest

    try:
        return Renewal(
            ends_at=None if until == PERPETUAL else first_moment_after(day(until)),
            starts_at=midnight(day(starts)) if starts else None,
            values={"highest_version": parse_highest(highest)} if highest else {},
            slots=dict(_slots(each) for each in slots),
        )
    except ValueError as error:
        raise shared.CommandRefused(f"{error}.") from None


def _slots(typed: str) -> "tuple[EnvironmentType, int]":
    from store.rules.environments import EnvironmentType

    kind, _, number = typed.partition("=")
    if kind not in set(EnvironmentType) or not (number.isascii() and number.isdecimal() and len(number) < 7):
        raise shared.CommandRefused(
            f"--slots {typed}: write a type and a number, such as production=5; "
            f"the types are {', '.join(EnvironmentType)}."
        )
    return EnvironmentType(kind), int(number)


def _print_plan(desk: "Desk", entries: Sequence["RenewalEntry"]) -> None:
    from store import infrastructures

    console, licenses, messages = shared.console(), 0, 0
    with desk.database.read() as connection:
        for entry in entries:
            infrastructure = infrastructures.get(connection, entry.infrastructure_id)
            made, recipients = _planned(console, connection, infrastructure, entry.renewal, desk.clock())
            licenses += made
            messages += sum(each.person.reachable for each in recipients)
    what = _counted(len(entries), "subscription")
    files, sent = _counted(licenses, "license"), _counted(messages, "message")
    console.print(f"Nothing was written (dry run). {what}, {files}, {sent}.")


def _planned(
    console: "Console",
    connection: "Connection",
    infrastructure: "Infrastructure",
    renewal: "Renewal",
    now: datetime,
) -> "tuple[int, list[Recipient]]":
    """Print what a renewal would come to; give the number of licenses made anew, and who would get them."""
    from dataclasses import replace

    from store import reissue_recipients, renewals
    from store.validity import of_signing

    term = renewals.check(connection, infrastructure, renewal, now)
    until = _last_day(term.ends_at) if term.ends_at else "perpetual"
    sends = of_signing(replace(infrastructure, term=term), now) is None
    files = reissue_recipients.licensed(connection, infrastructure.id) if sends else []
    recipients = reissue_recipients.recipients(connection, infrastructure.id, files)
    console.print(f"{_name(infrastructure)}: until {until}, {_counted(len(files), 'license')}")
    for each in recipients:
        console.print(f"  {_gets(each)}")
    return len(files), recipients


def _gets(recipient: "Recipient") -> str:
    from bot.sending.archives import MOST_APART

    if not recipient.person.reachable:
        return f"not in Slack, gets nothing: {recipient.person.name}"
    number = len(recipient.license_ids)
    archive = " in one archive" if number > MOST_APART else ""
    return f"{recipient.person.name}: {_counted(number, 'file')}{archive}"


def _carry_out(desk: "Desk", actor: "Actor", entries: Sequence["RenewalEntry"]) -> None:
    from store import renewals

    made = messages = 0
    with desk.database.read() as connection:
        desk.keys.active(connection)
    with _progress(desk, [each.infrastructure_id for each in entries]) as progress:
        for entry in entries:
            done = renewals.renew(desk, actor, entry.infrastructure_id, entry.renewal)
            more_made, more_messages = _replaced(desk, actor, done.reissue_id, progress)
            made, messages = made + more_made, messages + more_messages
    renewed = _counted(len(entries), "subscription")
    shared.console().print(f"Renewed: {renewed}. {_counts(made, messages)}")


def _replaced(
    desk: "Desk", actor: "Actor", reissue_id: int | None, progress: Callable[[int], None]
) -> tuple[int, int]:
    """Make licenses anew; give how many, and how many people the files were queued for."""
    from store import reissuing

    if reissue_id is None:
        return 0, 0
    made = reissuing.run(desk, actor, reissue_id, progress)
    with desk.database.read() as connection:
        return made, reissuing.people_sent_to(connection, reissue_id)


@contextmanager
def _progress(desk: "Desk", infrastructure_ids: Sequence[int]) -> Iterator[Callable[[int], None]]:
    from store import reissue_recipients

    with desk.database.read() as connection:
        total = sum(len(reissue_recipients.licensed(connection, each)) for each in infrastructure_ids)
    with replacing(total) as progress:
        yield progress


def _counts(made: int, messages: int) -> str:
    files, sent = _counted(made, "license"), _counted(messages, "message")
    return f"Made anew: {files}. Queued: {sent}, which the running bot sends."


def _name(infrastructure: "Infrastructure") -> str:
    return f"{infrastructure.name} ({infrastructure.company_name})"


def _last_day(end: datetime | None) -> str:
    # An end is the first moment outside.
    return "" if end is None else f"{(end.astimezone(UTC) - timedelta(seconds=1)):%Y-%m-%d}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
