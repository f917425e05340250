"""`license-desk secrets`: the master keys, and what they encrypt in the database."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from bot.commands import shared
from bot.commands.progress import progress
from bot.commands.shared import AsPerson, CommandRefused

if TYPE_CHECKING:
    from store.desk import Desk
    from store.rotation import Use

group = typer.Typer(help="Master keys, and what they encrypt.", no_args_is_help=True)

MANY = 10_000
"""From so many secrets on it is shown how far the command is."""


@group.command("new-key")
def new_key() -> None:
    """Print a new master key; nothing is stored."""
    from store.vault import generate_key

    typer.echo(generate_key())


@group.command()
def status() -> None:
    """Say how much each master key is needed for. Ends with status 1 when something opens with none."""
    with shared.open_desk(any_keys=True) as desk:
        found = _uses(desk)
        _say(desk, found)
    raise typer.Exit(1 if any(each.closed for each in found) else 0)


@group.command()
def rotate(person: AsPerson = None) -> None:
    """Encrypt everything anew with the newest master key, while the program runs. Can be interrupted."""
    from store import rotation

    with shared.open_desk(any_keys=True) as desk:
        actor = shared.actor(desk.database, person)
        _require_known(desk.vault.fingerprints[0])
        total = rotation.number(desk.database)
        with progress("Encrypting", total, shown=total >= MANY) as told:
            done = rotation.rotate(desk, actor, told)
        shared.console().print(
            f"Looked at {_counted(done.seen, 'secret')}, and encrypted {done.changed:,} of them anew."
        )
        found = _uses(desk)
        _say(desk, found)
    finished = not any(each.closed or _older(each) for each in found)
    raise typer.Exit(0 if finished else 1)


def _require_known(newest: str) -> None:
    """Refuse while the program that runs here could not read what is encrypted anew."""
    import http.client

    from bot.doctoring.running import ask
    from bot.settings import load_settings

    try:
        answer = ask(load_settings(), "/ready")[1]
    except (OSError, http.client.HTTPException):
        return
    if newest not in answer:
        raise CommandRefused(
            "The program that runs here was started without the newest master key, and could not read what is "
            "encrypted with it. Nothing was changed. Restart it, and run this command again."
        )


def _uses(desk: "Desk") -> "Sequence[Use]":
    from store import rotation

    total = rotation.number(desk.database)
    with progress("Counting", total, shown=total >= MANY) as told:
        return rotation.uses(desk.database, desk.vault, told)


def _say(desk: "Desk", found: "Sequence[Use]") -> None:
    for line in [*_keys(desk.vault.fingerprints, found), *_closed(found), *_links(desk, found)]:
        shared.console().print(line)


def _keys(fingerprints: Sequence[str], found: "Sequence[Use]") -> Iterator[str]:
    for place, fingerprint in enumerate(fingerprints, start=1):
        used = [_counted(each.by_place[place], each.noun) for each in found if each.by_place[place]]
        name = f"Master key {place} ({fingerprint})"
        if place == 1:
            yield f"{name} is the newest, and encrypts {_listed(used) or 'nothing yet'}."
        elif used:
            yield f"{name} is still needed for {_listed(used)}. Run: license-desk secrets rotate"
        else:
            yield f"{name} encrypts nothing any more, and may be removed."


def _closed(found: "Sequence[Use]") -> Iterator[str]:
    for each in found:
        if each.closed:
            ids = ", ".join(map(str, each.closed))
            more = " and more" if each.closed_number > len(each.closed) else ""
            yield (
                f"None of the master keys opens {_counted(each.closed_number, each.noun)} (rows {ids}{more}). "
                "Add the key that they were encrypted with after the newest one, and run this again."
            )


def _links(desk: "Desk", found: "Sequence[Use]") -> Iterator[str]:
    """What else ends with an older master key, where one may be removed."""
    from store import mails

    removable = any(not _used(found)[place] for place in range(2, len(desk.vault.fingerprints) + 1))
    with desk.database.read() as connection:
        waiting = mails.number_waiting(connection, desk.clock()) if removable else 0
    if waiting:
        wait = "request waits" if waiting == 1 else "requests wait"
        yield (
            f"{waiting:,} {wait} for an answer by e-mail. A link that was sent before the newest master key was "
            "added ends with the older one: remove that when they are answered or have expired."
        )


def _used(found: "Sequence[Use]") -> Counter[int]:
    return sum((each.by_place for each in found), Counter())


def _older(use: "Use") -> bool:
    return any(number for place, number in use.by_place.items() if place > 1)


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
