"""What the values of settings must look like; what is wrong with one is said in words."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

LONGEST_CALL_SECONDS = 40
"""Seconds that one call of the courier may take; well within the time for which it holds a delivery."""

_MAIL_ADDRESS = re.compile(
    r"[A-Za-z0-9_%+'-]+(\.[A-Za-z0-9_%+'-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII
)
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,19}", re.ASCII)
_LONGEST_ENDING = 20
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,6})\s*([smhd])", re.ASCII)


def parse_duration(text: object) -> timedelta:
    """Read a duration such as `30s`, `15m`, `4h` or `2d`; a timedelta passes as it is.

    Raises ValueError with the words for the person who wrote it.
    """
    if isinstance(text, timedelta):
        return text
    found = _DURATION.fullmatch(str(text).strip())
    if found is None:
        raise ValueError(
            f'"{text}" is not a duration: write a number and s, m, h or d, such as 30s, 4h or 2d'
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _positive(duration: timedelta) -> timedelta:
    if duration <= timedelta(0):
        raise ValueError("must be longer than nothing, such as 30s")
    return duration


def endings(value: str) -> str:
    """Read endings of file names such as `lic,xml`. Raises ValueError in words, like all of these."""
    found = [each.strip().lower().removeprefix(".") for each in value.split(",")]
    if not all(each.isascii() and each.isalnum() and len(each) <= _LONGEST_ENDING for each in found):
        raise ValueError("must be endings such as lic,xml, separated by commas")
    return ",".join(dict.fromkeys(found))


def slash_at_the_end(url: str) -> str:
    """Read an address that others are appended to."""
    if not re.match(r"https?://[^/\s]+", url):
        raise ValueError("must be an address that begins with https:// or http://")
    return url if url.endswith("/") else f"{url}/"


def within_a_lease(duration: timedelta) -> timedelta:
    """Demand less than the time for which the courier holds a delivery."""
    if duration > timedelta(seconds=LONGEST_CALL_SECONDS):
        raise ValueError(f"must be at most {LONGEST_CALL_SECONDS}s")
    return duration


def mail_address_or_nothing(address: str) -> str:
    """Read an e-mail address, if there is one."""
    if address and not _MAIL_ADDRESS.fullmatch(address):
        raise ValueError("must be an e-mail address such as licenses@example.com, without a name")
    return address


def channel_or_nothing(channel: str) -> str:
    """Read a channel's id, if there is one."""
    if channel and not _CHANNEL.fullmatch(channel):
        raise ValueError("must be a channel's id such as C0123456789, not its name")
    return channel


def address_or_nothing(url: str) -> str:
    """The same, if there is one."""
    return slash_at_the_end(url) if url else url


DurationOrNone = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A span of time written as a number and a unit: `30s`, `15m`, `4h`, `2d`; or `0s`."""
Duration = Annotated[DurationOrNone, AfterValidator(_positive)]
"""The same, longer than nothing."""
Port = Annotated[int, Field(ge=0, le=65535)]
Threads = Annotated[int, Field(ge=1, le=64)]


def begins(prefix: str) -> BeforeValidator:
    """Demand that a secret begins as those of its kind do."""

    def check(value: object) -> object:
        if plain(value) and not plain(value).startswith(prefix):
            raise ValueError(f"must begin with {prefix}")
        return value

    return BeforeValidator(check)


def plain(value: object) -> str:
    """A value as text, a secret opened."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
