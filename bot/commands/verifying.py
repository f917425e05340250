"""`license-desk verify`: what a license file says, or what is wrong with it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.sentences import sentence

if TYPE_CHECKING:
    from store.checking import Checked
    from store.key_formats import VerifyingKey
    from store.license_file import LicenseFile
    from store.rules.claims import LicenseFacts


def verify(
    file: Annotated[Path, typer.Argument(help="The license file.", dir_okay=False)],
    keys: Annotated[
        Path | None,
        typer.Option("--keys", help="Public keys (JWKS or PEM) instead of the database.", dir_okay=False),
    ] = None,
    audience: Annotated[
        str | None, typer.Option(help="Refuse files for another product than this one.")
    ] = None,
    test: Annotated[bool, typer.Option("--test", help="Take files that a test key signed.")] = False,
) -> None:
    """Say what a license file is, for whom and until when, or exactly what is wrong with it."""
    now = datetime.now(UTC)
    if keys is None:
        found, standing = _against_the_database(file, audience, now, test_keys=test)
    else:
        found, standing = _trusted(file, known_keys(keys), audience, test_keys=test), []
    for line in [*_lines(found, now), *standing]:
        shared.console().print(line)
    raise typer.Exit(0 if found.verdict(now) in {"valid", "in grace"} else 1)


def _against_the_database(
    file: Path, audience: str | None, now: datetime, *, test_keys: bool
) -> tuple["LicenseFile", list[str]]:
    """The file, and what the database says of its slot."""
    from store import keys
    from store.checking import standing_of

    with shared.open_database() as database, database.read() as connection:
        found = _trusted(file, keys.verifying_keys(connection), audience, test_keys=test_keys)
        return found, _standing(standing_of(connection, found, now))


def _trusted(
    file: Path, known: Mapping[str, "VerifyingKey"], audience: str | None, *, test_keys: bool
) -> "LicenseFile":
    from store import license_file

    with trusting(file):
        return license_file.read(read_bytes(file), known, audience, test_keys=test_keys)


@contextmanager
def trusting(file: Path) -> Iterator[None]:
    """Say of a signed file why it cannot be trusted. Raises `CommandRefused`."""
    from store.rules.license_errors import LicenseFileError

    try:
        yield
    except LicenseFileError as error:
        raise shared.CommandRefused(f"{file.name} cannot be trusted. {sentence(error)}") from None


def known_keys(file: Path | None) -> Mapping[str, "VerifyingKey"]:
    """The public keys of a file, or else of the database, by `kid`. Raises `CommandRefused`."""
    from store import keys
    from store.key_formats import keys_from_text

    if file is not None:
        return keys_from_text(read_bytes(file).decode("utf-8", "replace"))
    with shared.open_database() as database, database.read() as connection:
        return keys.verifying_keys(connection)


def _standing(checked: "Checked | None") -> list[str]:
    """What the desk knows of the slot, and why a server might refuse the file besides its dates."""
    if checked is None:
        return ["The database does not have this license, so that nothing is known of its slot."]
    from handlers.words.checking import newest, registered, trouble
    from handlers.words.pens import Plain
    from store.desk import Policy
    from store.rules.checking import TERMS

    pen = Plain(Policy())
    return [
        f"In the database: {newest(checked, pen)}",
        f"Registered: {registered(checked, pen)}",
        *(trouble(each, checked, pen) for each in checked.troubles if each not in TERMS),
    ]


def read_bytes(file: Path) -> bytes:
    """What is in a file. Raises `CommandRefused`."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise shared.CommandRefused(f"{file} cannot be read: {error.strerror}.") from None


def _lines(found: "LicenseFile", now: datetime) -> list[str]:
    facts = found.facts
    limits = ", ".join(f"{name} up to {most}" for name, most in facts.limits.items())
    return [
        f"This is a license file of {facts.issuer} for {facts.audience}. Its signature is good.",
        _verdict(found, now),
        f"Environment: {facts.environment_name} ({facts.environment_type.short})",
        f"Serial number: {facts.serial}",
        f"Platform version: {facts.declared}; entitled up to {facts.highest}",
        f"Licensee: {facts.company}, {facts.infrastructure} (activation code {facts.activation_code})",
        f"Edition: {facts.edition}; features: {', '.join(facts.features) or 'none'}; limits: {limits or 'none'}",
        f"License {facts.jti}, number {facts.seq} of its slot, issued {_moment(facts.issued_at)}",
        f"Signed with {found.kid} ({found.algorithm}{_test(found)}); SHA-256 {found.sha256}",
    ]


def _test(found: "LicenseFile") -> str:
    return ", a test key: products refuse it" if found.purpose == "test" else ""


def _verdict(found: "LicenseFile", now: datetime) -> str:
    facts = found.facts
    match found.verdict(now):
        case "not yet valid":
            return f"It is not valid yet: it starts {_moment(facts.not_before)}."
        case "valid":
            return f"It is valid {_until(facts)}."
        case "in grace":
            return f"It is in grace: its term ended with {_last_day(facts.license_end)}, and it works {_grace(facts)}."
        case _:
            return f"It has expired: it worked {_grace(facts)}."


def _until(facts: "LicenseFacts") -> str:
    if facts.license_end is None:
        return "without end (perpetual)"
    return f"until the end of {_last_day(facts.license_end)}, and with grace {_grace(facts)}"


def _grace(facts: "LicenseFacts") -> str:
    return f"until the end of {_last_day(facts.expires_at)} (UTC)"


def _last_day(end: datetime | None) -> str:
    # An end is the first moment outside.
    return "" if end is None else f"{(end.astimezone(UTC) - timedelta(seconds=1)):%Y-%m-%d}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
