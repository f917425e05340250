"""E-mail: one attempt with a mail server, with an error that says what may be done next."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from bot.settings import Settings
from bot.slack_calls import NotDone, Refused
from handlers.mails import Mail

_FIRST_PERMANENT: Final = 500
OnCall = Callable[[str, str, float], None]


class Mailer:
    """Hands e-mails to the mail server of the settings; safe to share between threads, each call connects anew."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __repr__(self) -> str:
        return "Mailer()"

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
            raise _failure(refused.smtp_code, self._is_ours(refused)) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotDone(f"mail_{type(error).__name__}"[:60].lower()) from None

    def check(self) -> None:
        """Connect and log in, and send nothing. Raises SMTPException and OSError."""
        with self._connected() as server:
            server.noop()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        given = self._settings
        seconds = given.smtp_timeout.total_seconds()
        if given.smtp_security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                given.smtp_host, given.smtp_port, timeout=seconds, context=context
            )
        else:
            server = smtplib.SMTP(given.smtp_host, given.smtp_port, timeout=seconds)
        with server:
            if given.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if given.smtp_user:
                server.login(given.smtp_user, given.smtp_password.get_secret_value())
            yield server

    def _message(self, mail: Mail, key: str, moment: datetime) -> EmailMessage:
        # This policy refuses line breaks in headers, whoever put them there.
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._settings.vendor, addr_spec=self._settings.smtp_sender)
        message["To"] = Address(mail.name, addr_spec=mail.address)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(moment)
        message["Message-ID"] = f"<{key}@{self._settings.smtp_sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message

    @staticmethod
    def _is_ours(refused: smtplib.SMTPResponseException) -> bool:
        """Whether it is our own log-in that failed, which somebody may put right."""
        return isinstance(refused, smtplib.SMTPAuthenticationError)


def _failure(code: int, may_pass: bool = False) -> NotDone | Refused:
    kind = Refused if code >= _FIRST_PERMANENT and not may_pass else NotDone
    return kind(f"mail_{code}")
