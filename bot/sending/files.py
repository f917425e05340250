"""Sending license files: checked again, uploaded once, and delivered only when Slack shows them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.sending.job import Job
from bot.sending.posting import Place, direct_place, forget, text_at
from bot.slack_calls import AnswerLost, Refused
from store import deliverability
from store.deliverability import NotBefore, Undeliverable
from store.delivery_claims import COURIER

SHOWN_WITHIN = timedelta(minutes=15)
"""How long Slack has to show a file after its upload was completed."""
SETTLED_AFTER = timedelta(seconds=30)
"""How long an upload may go on whose completion was not answered, before it is completed again."""

_POLLS = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 15.0)
"""Seconds between the looks at a file that is not shown yet."""

log = structlog.get_logger(__name__)


def send_file(job: Job) -> None:
    """Take a license file as far as Slack lets it go at this moment. Raises `CallFailed`."""
    if "completed_at" in job.steps:
        _look(job)
    elif job.steps.get("file") and job.unsure:
        _settle(job)
    else:
        _send(job)


def _send(job: Job) -> None:
    checked = deliverability.prepare(job.desk, COURIER, job.delivery)
    if isinstance(checked, NotBefore):
        job.wait_for_start(checked.starts_at)
    elif isinstance(checked, Undeliverable):
        job.outcome = "closed"
    else:
        if job.delivery.person_id is None:
            raise LookupError(job.delivery.occasion)
        place = direct_place(job, job.delivery.person_id)
        _upload_and_complete(job, place, checked.content)
        _look(job)


def _upload_and_complete(job: Job, place: Place, content: bytes) -> None:
    with job.desk.database.read() as connection:
        message = job.drawings.file(connection, job.desk, job.delivery.item_id or 0)
    if not job.steps.get("file"):
        ticket = job.slack.call(
            "files.getUploadURLExternal", filename=message["filename"], length=len(content)
        )
        file = text_at(ticket, "file_id")
        job.slack.upload(text_at(ticket, "upload_url"), content)
        job.keep(file=file, uploaded_at=job.now.isoformat(), channel=place.channel)
    _complete(job, place, message)
    job.note(completed_at=job.now.isoformat(), channel=place.channel)


def _complete(job: Job, place: Place, message: Mapping[str, Any]) -> None:
    files = [{"id": job.steps["file"], "title": message["title"]}]
    said: dict[str, Any] = {"blocks": message["blocks"]}
    try:
        _share(job, place, files, said)
    except Refused as refused:
        if refused.code != "invalid_blocks":
            raise
        # The file matters more than its buttons; the plain words go with it.
        log.warning("Slack refused the blocks of a file", delivery=job.delivery.id)
        _share(job, place, files, {"initial_comment": message["text"]})


def _share(job: Job, place: Place, files: list[dict[str, str]], said: Mapping[str, Any]) -> None:
    try:
        job.slack.call("files.completeUploadExternal", files=files, channel_id=place.channel, **said)
    except Refused as refused:
        if refused.code in {"channel_not_found", "invalid_channel"}:
            forget(job, place)
        if refused.code != "file_not_found":
            raise
        # An upload is completed once: either it was, in an attempt whose answer was lost, or it is gone.
        if _file(job) is None:
            job.note(file=None)
            raise AnswerLost("file_not_found") from None


def _settle(job: Job) -> None:
    """Find out whether an upload was completed although the answer was lost, before completing it again."""
    if _is_shown(job):
        deliverability.shared(job.desk, COURIER, job.delivery)
    elif job.now - datetime.fromisoformat(job.steps["uploaded_at"]) < SETTLED_AFTER:
        job.wait(1.0, unsure=True)
    else:
        job.note(unsure=False, returned=job.delivery.attempts - 1)
        _send(job)


def _look(job: Job) -> None:
    """End the delivery when the file is shown, or come back later to look again."""
    if _is_shown(job):
        deliverability.shared(job.desk, COURIER, job.delivery)
    elif job.now - datetime.fromisoformat(job.steps["completed_at"]) > SHOWN_WITHIN:
        raise Refused("never_shared")
    else:
        polls = int(job.steps.get("polls", 0))
        job.note(polls=polls + 1)
        job.wait(_POLLS[min(polls, len(_POLLS) - 1)], apart=True)


def _is_shown(job: Job) -> bool:
    """Whether Slack shows the file in the conversation; its answer to an upload does not say so."""
    shares = (_file(job) or {}).get("shares") or {}
    return any(places.get(job.steps["channel"]) for places in shares.values())


def _file(job: Job) -> Mapping[str, Any] | None:
    try:
        return job.slack.call("files.info", file=job.steps["file"]).get("file") or {}
    except Refused as refused:
        if refused.code == "file_not_found":
            return None
        raise
