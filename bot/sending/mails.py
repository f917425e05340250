"""Sending e-mails to people who are not in Slack."""

from hashlib import sha256
from typing import Final

from bot.sending.job import Job
from bot.slack_calls import Refused
from store import mails
from store.delivery_claims import COURIER

_BUSY_SECONDS: Final = 2.0
"""How long an e-mail waits while as many as may be are being sent."""


def send_mail(job: Job) -> None:
    """Send an e-mail, unless there is nothing to say any more. Raises `CallFailed`."""
    with job.desk.database.read() as connection:
        drawn = job.drawings.mail(connection, job.desk, job.delivery)
    if drawn is None:
        job.done()
        return
    if job.mailer is None:
        raise Refused("mail_is_not_set_up")
    key = sha256(f"{job.delivery.id} {job.delivery.occasion}".encode()).hexdigest()[:32]
    with job.mailer.turn() as taken:
        if taken:
            job.mailer.send(drawn, key, job.now)
    if not taken:
        job.wait(_BUSY_SECONDS)
        return
    job.note(mailed=True)
    mails.posted(job.desk, COURIER, job.delivery)
