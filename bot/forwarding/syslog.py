"""A syslog server as destination of the record: RFC 5424, over TCP (RFC 6587), UDP (RFC 5426) or a local socket."""

import errno
import json
import re
import socket
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from bot import syslog_address

_SECONDS: Final = 5.0
_LOG_AUDIT: Final = 13 * 8  # the facility, RFC 5424 section 6.2.1
_WARNING, _INFORMATION = 4, 6
_LONGEST_DATAGRAM: Final = 60_000
_UNPRINTABLE: Final = re.compile(r"[^!-~]")


class NotTaken(OSError):
    """The server did not say that it took everything."""

    def __init__(self) -> None:
        super().__init__(errno.ETIMEDOUT, "the server did not close the connection after the last entry")


class Syslog:
    """Sends to a syslog server, on a connection for each batch; `seconds` is how long it may take for each step."""

    def __init__(self, address: str, seconds: float = _SECONDS) -> None:
        self._address, self._seconds = syslog_address.parse(address), seconds
        self._host = _UNPRINTABLE.sub("", socket.gethostname())[:255] or "-"

    def send(self, entries: Sequence[dict[str, object]]) -> None:
        """Send entries. Raises `OSError`, over UDP only for what is known at once."""
        if self._address.kind == "tcp":
            self._stream(self._connected(), (_counted(self._message(each)) for each in entries))
        elif self._address.kind == "udp":
            self._datagrams(self._connected(), entries)
        else:
            self._local(entries)

    def _connected(self) -> socket.socket:
        host, port = self._address.host, self._address.port
        if self._address.kind == "tcp":
            return socket.create_connection((host, port), self._seconds)
        family, kind, protocol, _, found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        made = socket.socket(family, kind, protocol)
        made.connect(found)
        return made

    def _local(self, entries: Sequence[dict[str, object]]) -> None:
        try:
            self._datagrams(self._at_path(socket.SOCK_DGRAM), entries)
        except OSError as error:
            if error.errno != errno.EPROTOTYPE:
                raise
            lines = (self._message(each) + b"\n" for each in entries)
            self._stream(self._at_path(socket.SOCK_STREAM), lines)

    def _at_path(self, kind: socket.SocketKind) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, kind)
        made.settimeout(self._seconds)
        try:
            made.connect(self._address.path)
        except BaseException:
            made.close()
            raise
        return made

    def _stream(self, connection: socket.socket, messages: Iterable[bytes]) -> None:
        with connection:
            connection.settimeout(self._seconds)
            connection.sendall(b"".join(messages))
            # What was sent may still be on its way, and is lost without a word if the server goes away; that it
            # closes in its turn says that it has read to the end.
            connection.shutdown(socket.SHUT_WR)
            try:
                while connection.recv(4096):
                    pass
            except TimeoutError:
                raise NotTaken from None

    def _datagrams(self, connection: socket.socket, entries: Sequence[dict[str, object]]) -> None:
        with connection:
            connection.settimeout(self._seconds)
            for each in entries:
                message = self._message(each)
                if len(message) > _LONGEST_DATAGRAM:
                    # Its hash is there; what it says is in the database.
                    message = self._message({**each, "facts": {"left_out": len(message)}})
                connection.send(message)
            pending = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if pending:
                raise OSError(pending, "the server does not listen")

    def _message(self, entry: dict[str, object]) -> bytes:
        action = str(entry["action"])
        severity = _WARNING if action.startswith("refused:") else _INFORMATION
        at = datetime.fromisoformat(str(entry["at"])).astimezone(UTC)
        name = _UNPRINTABLE.sub("", action)[:32] or "-"
        said = json.dumps(entry, separators=(",", ":"))
        head = f"<{_LOG_AUDIT + severity}>1 {at:%Y-%m-%dT%H:%M:%S.%fZ} {self._host} license-desk - {name} -"
        return f"{head} {said}".encode("ascii")


def _counted(message: bytes) -> bytes:
    """A message with its length before it, as it goes over TCP."""
    return b"%d %s" % (len(message), message)
