"""Sending reminders: said only while what they remind of still stands."""

from collections.abc import Sequence

from bot.sending.channels import look
from bot.sending.job import Job
from bot.sending.notices import send_notice
from bot.sending.posting import Place, direct_place, post, text_at
from bot.slack_calls import Refused
from store import reminders, term_reminders
from store.delivery_claims import COURIER
from store.lost_places import CHANNEL_LOST, MESSAGE_GONE
from store.reminders import WaitingCard

_MOST_LINKED = 10


def send_reminder(job: Job) -> None:
    """Send a reminder, unless there is nothing to remind of any more. Raises `CallFailed`."""
    if job.delivery.notice == reminders.NOTICE:
        _send_waiting(job)
        return
    with job.desk.database.read() as connection:
        due = term_reminders.still_due(connection, job.delivery)
    if due:
        send_notice(job)
    else:
        job.done()


def _send_waiting(job: Job) -> None:
    """Remind of the requests that wait in one conversation."""
    with job.desk.database.read() as connection:
        waiting = reminders.waiting_at(connection, job.delivery, job.now)
    if not waiting:
        job.done()
        return
    try:
        _say(job, waiting)
    except Refused as refused:
        if job.delivery.channel is None or refused.code not in CHANNEL_LOST:
            raise
        reminders.channel_lost(job.desk, COURIER, job.delivery, refused.code)


def _say(job: Job, waiting: Sequence[WaitingCard]) -> None:
    place = _place(job)
    links = {card.request_id: _link(job, card) for card in waiting[:_MOST_LINKED]}
    links |= {card.request_id: None for card in waiting[_MOST_LINKED:]}
    with job.desk.database.read() as connection:
        message = job.drawings.reminder(connection, job.desk, links, job.delivery.channel)
    post(job, place, message)
    job.done()


def _place(job: Job) -> Place:
    if job.delivery.channel is not None:
        look(job, job.delivery.channel)
        return Place(job.delivery.channel)
    if job.delivery.person_id is None:
        raise LookupError(job.delivery.occasion)
    return direct_place(job, job.delivery.person_id)


def _link(job: Job, card: WaitingCard) -> str | None:
    """The address of a card; none for a message that was deleted. Raises `CallFailed`."""
    try:
        answer = job.slack.call("chat.getPermalink", channel=card.channel, message_ts=card.ts)
    except Refused as refused:
        if refused.code in MESSAGE_GONE:
            return None
        raise
    return text_at(answer, "permalink")
