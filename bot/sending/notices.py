"""Sending notices to people, and replies into the threads of cards."""

from typing import Final

from bot.sending.job import Job
from bot.sending.posting import Place, direct_place, post
from bot.sending.reports import send_report
from store import cards
from store.cards import request_of, target_of

_WITH_FILES: Final = frozenset({"bulk_result", "report", "revocations"})


def send_notice(job: Job) -> None:
    """Send a direct message, or post into a channel. Raises `CallFailed`."""
    if job.delivery.channel is not None:
        _post(job, Place(job.delivery.channel))
        return
    if job.delivery.person_id is None:
        raise LookupError(job.delivery.occasion)
    if job.delivery.notice in _WITH_FILES:
        send_report(job, job.delivery.person_id)
        return
    _post(job, direct_place(job, job.delivery.person_id))


def _post(job: Job, place: Place) -> None:
    with job.desk.database.read() as connection:
        message = job.drawings.notice(connection, job.desk, job.delivery)
    post(job, place, message)
    job.done()


def send_reply(job: Job) -> None:
    """Reply in the thread of a card; where no card was posted there is none to reply to. Raises `CallFailed`."""
    target = target_of(job.delivery)
    with job.desk.database.read() as connection:
        present = cards.at(connection, request_of(job.delivery), target)
        message = job.drawings.reply(connection, job.desk, job.delivery)
    if present:
        card = present[-1]
        post(job, Place(card.channel, target.person_id), message, thread_ts=card.ts)
    job.done()
