"""Deleting files from Slack some days after they were shared, and saying so where they were."""

from collections.abc import Mapping
from typing import Any

import structlog

from bot.sending.job import Job
from bot.sending.posting import Place, at_place, post
from bot.sending.uploading import GONE, messages_with
from bot.slack_calls import Refused
from store import file_deletions
from store.delivery_claims import COURIER
from store.file_deletions import SharedFiles

log = structlog.get_logger(__name__)


def send_deletion(job: Job) -> None:
    """Delete the files that a delivery shared, record it, and say so in each direct message. Raises `CallFailed`."""
    with job.desk.database.read() as connection:
        shared = file_deletions.shared_files(connection, job.delivery)
    if "messages" not in job.steps:
        # Once its file is deleted, Slack does not tell any more which message it was in.
        job.keep(messages=messages_with(job, shared.file_ids[0]))
    if "deleted_at" not in job.steps:
        _delete(job, shared)
    for person_id, channel in shared.places.items():
        if channel not in job.steps.get("said", []):
            _say(job, Place(channel, person_id))
            job.keep(said=[*job.steps.get("said", []), channel])
    job.done()


def _delete(job: Job, shared: SharedFiles) -> None:
    gone = [_is_gone_before(job, each) for each in shared.file_ids]
    # A file that an attempt of ours deleted, whose answer was lost, is gone as well.
    gone_before = all(gone) and not job.unsure
    file_deletions.record_deleted(job.desk, COURIER, shared, gone_before=gone_before)
    job.keep(deleted_at=job.now.isoformat(), gone_before=gone_before)


def _is_gone_before(job: Job, file_id: str) -> bool:
    """Delete one file; tell whether it was not there any more."""
    try:
        job.slack.call("files.delete", file=file_id)
    except Refused as refused:
        if refused.code not in GONE:
            raise
        return True
    return False


def _say(job: Job, place: Place) -> None:
    with job.desk.database.read() as connection:
        message = job.drawings.deletion(connection, job.desk, job.delivery)
    ts = (job.steps.get("messages") or {}).get(place.channel)
    try:
        if not (ts and _is_redrawn(job, place, ts, message)):
            post(job, place, message, thread_ts=ts)
    except Refused as failed:
        # The file is gone, which is what matters; whoever left or closed the conversation is told nothing there.
        log.info("Nobody can be told of deleted files", delivery=job.delivery.id, error=failed.code)


def _is_redrawn(job: Job, place: Place, ts: str, message: Mapping[str, Any]) -> bool:
    """Draw the file's own message anew; not every message with files can be."""
    try:
        at_place(job, place, "chat.update", ts=ts, text=message["text"], blocks=message["blocks"])
    except Refused as refused:
        log.info("The message of deleted files stays", delivery=job.delivery.id, error=refused.code)
        return False
    return True
