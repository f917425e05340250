"""E-mail: one attempt with a mail server, with an error that says what may be done next."""

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from bot.settings import Settings
from bot.slack_calls import NotDone, Refused
from bot.smtp import Conversation, TlsConversation
from handlers.blocks.text import clean
from handlers.mails import Mail

AT_ONCE: Final = 2
"""Conversations at the same time, so that a server that hangs leaves most of the courier's threads to Slack."""
_FIRST_FAILURE: Final = 400
_FIRST_PERMANENT: Final = 500


class Mailer:
    """Hands e-mails to the mail server of the settings; safe to share between threads, each call connects anew."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def __repr__(self) -> str:
        return "Mailer()"

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Take one of the conversations that may be held at the same time; tell whether there was one."""
        taken = self._turns.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                self._turns.release()

    def send(self, mail: Mail, key: str, moment: datetime) -> None:
        """Send an e-mail; `key` names it, so that a second attempt is seen to be the same e-mail.

        Raises `Refused` when the server will never take it, and `NotDone` when it may later.
        """
        message = self._message(mail, key, moment)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, _ = next(iter(refused.recipients.values()))
            raise _failure(code) from None
        except smtplib.SMTPResponseException as refused:
            # Our own log-in somebody may put right.
            is_ours = isinstance(refused, smtplib.SMTPAuthenticationError)
            raise _failure(refused.smtp_code, may_pass=is_ours) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotDone(f"mail_{type(error).__name__}"[:60].lower()) from None

    def check(self) -> None:
        """Connect, greet and log in, and send nothing. Raises SMTPException and OSError."""
        with self._connected() as server:
            server.ehlo_or_helo_if_needed()
            code, said = server.noop()
            if code >= _FIRST_FAILURE:
                raise smtplib.SMTPResponseException(code, said)

    @contextmanager
    def _connected(self) -> Iterator[Conversation]:
        given = self._settings
        with self._opened() as server:
            if given.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if given.smtp_user:
                server.login(given.smtp_user, given.smtp_password.get_secret_value())
            yield server

    def _opened(self) -> Conversation:
        given, seconds = self._settings, self._settings.smtp_timeout.total_seconds()
        if given.smtp_security == "tls":
            context = ssl.create_default_context()
            return TlsConversation(given.smtp_host, given.smtp_port, timeout=seconds, context=context)
        return Conversation(given.smtp_host, given.smtp_port, timeout=seconds)

    def _message(self, mail: Mail, key: str, moment: datetime) -> EmailMessage:
        # This policy refuses line breaks in headers, whoever put them there.
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(clean(self._settings.vendor), addr_spec=self._settings.smtp_sender)
        message["To"] = _addressee(mail)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(moment)
        message["Message-ID"] = f"<{key}@{self._settings.smtp_sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message


def _addressee(mail: Mail) -> Address:
    """The recipient, with the domain as mail servers write it. Raises `Refused` for what is no address."""
    local, _, domain = mail.address.rpartition("@")
    try:
        found = Address(mail.name, addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (ValueError, LookupError, MessageError):
        raise Refused("mail_address_unusable") from None
    # The library leaves out comments, and the mail would go to somebody else.
    if found.username != local:
        raise Refused("mail_address_unusable")
    return found


def _failure(code: int, *, may_pass: bool = False) -> NotDone | Refused:
    kind = Refused if code >= _FIRST_PERMANENT and not may_pass else NotDone
    return kind(f"mail_{code}")
