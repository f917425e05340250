"""A conversation with a mail server that ends within its time, and is over once an e-mail was taken."""

import contextlib
import smtplib
import time
from types import TracebackType
from typing import Any


class Conversation(smtplib.SMTP):
    """One connection that takes `timeout` seconds as a whole, not for each of its answers.

    The library counts anew with each answer, so that a slow server could hold a delivery beyond its lease.
    """

    def __init__(self, host: str, port: int, *, timeout: float, **more: Any) -> None:
        self._ends = time.monotonic() + timeout
        super().__init__(host, port, timeout=timeout, **more)

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer within the time that is left. Raises SMTPServerDisconnected when there is none."""
        self._hurry()
        return super().getreply()

    def send(self, s: Any) -> None:
        """Send within the time that is left. Raises SMTPServerDisconnected when there is none."""
        self._hurry()
        super().send(s)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye; what the server answers to it changes nothing of what it took or refused before."""
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.docmd("QUIT")
        self.close()

    def _hurry(self) -> None:
        left = self._ends - time.monotonic()
        if left <= 0:
            self.close()
            raise smtplib.SMTPServerDisconnected("the time for this conversation is over")
        if self.sock is not None:
            self.sock.settimeout(left)


class TlsConversation(Conversation, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""
