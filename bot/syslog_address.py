"""The address of a syslog server, as a setting says it."""

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator

_WRONG: Final = "must be tcp://HOST:PORT, udp://HOST:PORT or unix:///PATH"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a syslog server listens: `kind` is tcp, udp or unix; a path for unix, host and port for the others."""

    kind: str
    host: str
    port: int
    path: str


def parse(text: str) -> Address:
    """Read an address. Raises ValueError with the words for the person who wrote it."""
    try:
        found = urlsplit(text)
        address = Address(found.scheme, found.hostname or "", found.port or 0, found.path)
    except ValueError:
        raise ValueError(_WRONG) from None
    over_network = address.kind in {"tcp", "udp"} and address.host and address.port and not address.path
    if not over_network and not (address.kind == "unix" and not found.netloc and len(address.path) > 1):
        raise ValueError(_WRONG)
    return address


def _address_or_nothing(text: str) -> str:
    if text:
        parse(text)
    return text


SyslogAddress = Annotated[str, AfterValidator(_address_or_nothing)]
"""`tcp://HOST:PORT`, `udp://HOST:PORT`, `unix:///PATH`, or nothing."""
