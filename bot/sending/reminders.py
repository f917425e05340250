"""Sending reminders: said only while what they remind of still stands."""

from bot.sending.job import Job
from bot.sending.notices import send_notice
from store import term_reminders


def send_reminder(job: Job) -> None:
    """Send a reminder, unless there is nothing to remind of any more. Raises `CallFailed`."""
    with job.desk.database.read() as connection:
        due = term_reminders.still_due(connection, job.delivery)
    if due:
        send_notice(job)
    else:
        job.done()
