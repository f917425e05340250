"""Sending a report: its files are uploaded, then shared with its words in one message, then seen in Slack."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.sending.files import SETTLED_AFTER, SHOWN_WITHIN
from bot.sending.job import Job
from bot.sending.posting import Place, direct_place, forget, post, text_at
from bot.slack_calls import AnswerLost, Refused

_LOOK_AGAIN = 2.0
"""Seconds between the looks at files that are not shown yet; nobody waits for the end of this delivery."""


def send_report(job: Job, person_id: int) -> None:
    """Take a report as far as Slack lets it go at this moment. Raises `CallFailed`."""
    if "completed_at" in job.steps:
        _look(job)
    elif job.steps.get("files") and job.unsure:
        _settle(job, person_id)
    else:
        _send(job, person_id)


def _send(job: Job, person_id: int) -> None:
    place = direct_place(job, person_id)
    with job.desk.database.read() as connection:
        message = job.drawings.report(connection, job.desk, job.delivery)
    if not message["files"]:
        post(job, place, message)
        job.done()
        return
    # Words and files are of one moment: files of an earlier attempt were never shared, and nobody sees them.
    files = [_uploaded(job, each) for each in message["files"]]
    job.keep(files=[each["id"] for each in files], uploaded_at=job.now.isoformat(), channel=place.channel)
    _share(job, place, files, message)
    job.note(completed_at=job.now.isoformat())
    _look(job)


def _uploaded(job: Job, file: Mapping[str, Any]) -> dict[str, str]:
    content: bytes = file["content"]
    ticket = job.slack.call(
        "files.getUploadURLExternal", filename=file["filename"], length=len(content), alt_txt=file["told"]
    )
    job.slack.upload(text_at(ticket, "upload_url"), content)
    return {"id": text_at(ticket, "file_id"), "title": file["title"]}


def _share(job: Job, place: Place, files: list[dict[str, str]], message: Mapping[str, Any]) -> None:
    try:
        job.slack.call(
            "files.completeUploadExternal", files=files, channel_id=place.channel, blocks=message["blocks"]
        )
    except Refused as refused:
        if refused.code in {"channel_not_found", "invalid_channel"}:
            forget(job, place)
        if refused.code == "file_not_found":
            # An upload that is gone is made anew.
            job.note(files=None)
            raise AnswerLost(refused.code) from None
        raise


def _settle(job: Job, person_id: int) -> None:
    """Find out whether the files were shared although the answer was lost, before sharing others."""
    if _are_shown(job):
        job.done()
    elif job.now - datetime.fromisoformat(job.steps["uploaded_at"]) < SETTLED_AFTER:
        job.wait(1.0, unsure=True)
    else:
        job.note(unsure=False, returned=job.delivery.attempts - 1, files=None)
        _send(job, person_id)


def _look(job: Job) -> None:
    if _are_shown(job):
        job.done()
    elif job.now - datetime.fromisoformat(job.steps["completed_at"]) > SHOWN_WITHIN:
        raise Refused("never_shared")
    else:
        job.wait(_LOOK_AGAIN, apart=True)


def _are_shown(job: Job) -> bool:
    """Whether Slack shows the last of the files in the conversation; they are shared in one message."""
    try:
        answer = job.slack.call("files.info", file=job.steps["files"][-1])
    except Refused as refused:
        if refused.code == "file_not_found":
            return False
        raise
    shares = (answer.get("file") or {}).get("shares") or {}
    return any(places.get(job.steps["channel"]) for places in shares.values())
