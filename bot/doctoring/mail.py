"""E-mail: whether the mail server takes us, without sending anything."""

import smtplib
from collections.abc import Iterator

from bot.doctoring.finding import Finding, ok, problem
from bot.mailing import Mailer
from bot.settings import Settings

SUBJECT = "E-mail"
_REMEDY = (
    "Compare LICENSE_DESK_SMTP_HOST, _PORT, _SECURITY, _USER and _PASSWORD with what your mail server wants."
)


def check(settings: Settings) -> Iterator[Finding]:
    """One finding where contacts are asked by e-mail, and none where they are not."""
    if not settings.mails:
        return
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        Mailer(settings).check()
    except smtplib.SMTPResponseException as refused:
        yield problem(SUBJECT, f"{server} refuses us with code {refused.smtp_code}.", _REMEDY)
    except (smtplib.SMTPException, OSError) as error:
        yield problem(SUBJECT, f"{server} does not answer as it should ({type(error).__name__}).", _REMEDY)
    else:
        yield ok(SUBJECT, f"{server} takes e-mails from {settings.smtp_sender}.")
