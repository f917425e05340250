"""Sending e-mails to people who are not in Slack."""

from hashlib import sha256

from bot.sending.job import Job
from bot.slack_calls import Refused
from store import mails
from store.delivery_claims import COURIER


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
    job.mailer.send(drawn, key, job.now)
    job.note(mailed=True)
    mails.posted(job.desk, COURIER, job.delivery)
