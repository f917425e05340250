"""Sending re-issued files: one message for all of them, and one upload for all who get the same ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.sending.archives import Attachment, attachments
from bot.sending.job import Job
from bot.sending.posting import Place, direct_place, forget, text_at
from bot.slack_calls import AnswerLost, NotDone, Refused
from store import reissued_files
from store.delivery_claims import COURIER
from store.reissued_files import Closed, NotBefore, Ready

SHOWN_WITHIN = timedelta(minutes=15)
"""How long Slack has to show the files after their upload was completed."""
SETTLED_AFTER = timedelta(seconds=30)
"""How long an upload may go on whose completion was not answered, before it is completed again."""

_POLLS = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 15.0)
"""Seconds between the looks at files that are not shown yet."""
_AFRESH: Mapping[str, Any] = {"files": [], "uploaded_at": None}
_NO_PLACE = frozenset({"channel_not_found", "invalid_channel"})

log = structlog.get_logger(__name__)


def send_reissue(job: Job) -> None:
    """Take the files of a re-issue as far as Slack lets them go at this moment. Raises `CallFailed`."""
    if "completed_at" in job.steps:
        _look(job)
    elif job.steps.get("uploaded_at") and job.unsure:
        _settle(job)
    else:
        _send(job)


def _send(job: Job) -> None:
    checked = reissued_files.prepare(job.desk, COURIER, job.delivery)
    if isinstance(checked, NotBefore):
        job.wait_for_start(checked.starts_at)
    elif isinstance(checked, Closed):
        job.outcome = "closed"
    else:
        _send_to(job, checked)


def _send_to(job: Job, ready: Ready) -> None:
    try:
        places = [_place(job, person_id) for person_id in ready.person_ids]
        _upload(job, ready, places)
        _complete(job, places)
    except Refused as refused:
        if len(ready.person_ids) == 1:
            raise
        # Slack does not say whose direct message it refuses, so each gets a delivery of their own.
        log.info("Files cannot be shared together", delivery=job.delivery.id, error=refused.code)
        _apart(job, [], ready.person_ids)
    else:
        _look(job)


def _place(job: Job, person_id: int) -> Place:
    place = direct_place(job, person_id)
    if not place.remembered:
        job.keep()
    return place


def _upload(job: Job, ready: Ready, places: Sequence[Place]) -> None:
    """Upload what was not uploaded yet; what was uploaded for other licenses or people is left behind."""
    chosen = {"people": list(ready.person_ids), "licenses": list(ready.license_ids)}
    if {name: job.steps.get(name) for name in chosen} != chosen:
        job.note(**_AFRESH, **chosen)
    with job.desk.database.read() as connection:
        wanted = attachments(connection, job.desk, job.delivery, ready.license_ids)
    for each in wanted[len(job.steps["files"]) :]:
        job.keep(files=[*job.steps["files"], _uploaded(job, each)])
    channels = [each.channel for each in places]
    if not job.steps.get("uploaded_at") or job.steps.get("channels") != channels:
        job.keep(uploaded_at=job.now.isoformat(), channels=channels)


def _uploaded(job: Job, attachment: Attachment) -> dict[str, str]:
    length = len(attachment.content)
    ticket = job.slack.call("files.getUploadURLExternal", filename=attachment.name, length=length)
    file = text_at(ticket, "file_id")
    job.slack.upload(text_at(ticket, "upload_url"), attachment.content)
    return {"id": file, "title": attachment.title}


def _complete(job: Job, places: Sequence[Place]) -> None:
    with job.desk.database.read() as connection:
        message = job.drawings.notice(connection, job.desk, job.delivery)
    try:
        _share(job, places, {"blocks": message["blocks"]})
    except Refused as refused:
        if refused.code != "invalid_blocks":
            raise
        # The files matter more than their message; the plain words go with them.
        log.warning("Slack refused the blocks of files", delivery=job.delivery.id)
        _share(job, places, {"initial_comment": message["text"]})
    job.note(completed_at=job.now.isoformat())


def _share(job: Job, places: Sequence[Place], said: Mapping[str, Any]) -> None:
    channels = [each.channel for each in places]
    where = {"channel_id": channels[0]} if len(channels) == 1 else {"channels": ",".join(channels)}
    try:
        job.slack.call("files.completeUploadExternal", files=job.steps["files"], **where, **said)
    except NotDone as failed:
        if failed.code == "file_update_failed":
            # What Slack holds is not what was uploaded, and completing it again would not help.
            job.note(**_AFRESH)
        raise
    except Refused as refused:
        if refused.code in _NO_PLACE and len(places) == 1:
            forget(job, places[0])
        if refused.code != "file_not_found":
            raise
        # An upload is completed once: either it was, in an attempt whose answer was lost, or it is gone.
        if any(_file(job, each["id"]) is None for each in job.steps["files"]):
            job.note(**_AFRESH)
            raise AnswerLost("file_not_found") from None


def _settle(job: Job) -> None:
    """Find out whether an upload was completed although the answer was lost, before completing it again."""
    if set(job.steps["channels"]) <= _shown(job):
        _done(job)
    elif job.now - datetime.fromisoformat(job.steps["uploaded_at"]) < SETTLED_AFTER:
        job.wait(1.0, unsure=True)
    else:
        job.note(unsure=False, returned=job.delivery.attempts - 1)
        _send(job)


def _look(job: Job) -> None:
    """End the delivery when everybody sees the files, or come back later to look again."""
    shown = _shown(job)
    if set(job.steps["channels"]) <= shown:
        _done(job)
    elif job.now - datetime.fromisoformat(job.steps["completed_at"]) <= SHOWN_WITHIN:
        polls = int(job.steps.get("polls", 0))
        job.note(polls=polls + 1)
        job.wait(_POLLS[min(polls, len(_POLLS) - 1)], apart=True)
    elif len(job.steps["people"]) == 1:
        raise Refused("never_shared")
    else:
        places = list(zip(job.steps["people"], job.steps["channels"], strict=True))
        having = [person for person, channel in places if channel in shown]
        _apart(job, having, [person for person, _ in places if person not in having])


def _done(job: Job) -> None:
    _apart(job, job.steps["people"], [])


def _apart(job: Job, having: Sequence[int], missing: Sequence[int]) -> None:
    """End the delivery: some have the files, and those who are missing get a delivery of their own."""
    reissued_files.shared(job.desk, COURIER, job.delivery, having, job.steps.get("licenses") or [], missing)


def _shown(job: Job) -> set[str]:
    """The conversations in which Slack shows every one of the files; its answer to an upload does not say so."""
    found: set[str] | None = None
    for each in job.steps["files"]:
        shares = (_file(job, each["id"]) or {}).get("shares") or {}
        places = {channel for side in shares.values() for channel, shown in side.items() if shown}
        found = places if found is None else found & places
    return found or set()


def _file(job: Job, file_id: str) -> Mapping[str, Any] | None:
    try:
        return job.slack.call("files.info", file=file_id).get("file") or {}
    except Refused as refused:
        if refused.code == "file_not_found":
            return None
        raise
