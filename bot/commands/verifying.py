"""`license-desk verify`: what a license file says, or what is wrong with it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared
from bot.commands.sentences import sentence

if TYPE_CHECKING:
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
) -> None:
    """Say what a license file is, for whom and until when, or exactly what is wrong with it."""
    from store import license_file
    from store.rules.license_errors import LicenseFileError

    known = _known_keys(keys)
    try:
        found = license_file.read(_read(file), known, audience)
    except LicenseFileError as error:
        raise shared.CommandRefused(f"{file.name} cannot be trusted. {sentence(error)}") from None
    now = datetime.now(UTC)
    for line in _lines(found, now):
        shared.console().print(line)
    raise typer.Exit(0 if found.verdict(now) in {"valid", "in grace"} else 1)


def _known_keys(file: Path | None) -> Mapping[str, "VerifyingKey"]:
    from store import keys
    from store.key_formats import keys_from_text

    if file is not None:
        return keys_from_text(_read(file).decode("utf-8", "replace"))
    with shared.open_database() as database, database.read() as connection:
        return keys.verifying_keys(connection)


def _read(file: Path) -> bytes:
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
        f"Signed with {found.kid} ({found.algorithm}); SHA-256 {found.sha256}",
    ]


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
