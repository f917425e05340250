"""Sending re-issued files: one message for all of them, and one upload for all who get the same ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot.sending.archives import attachments
from bot.sending.job import Job
from bot.sending.posting import Place, direct_place
from bot.sending.uploading import is_settling, look_again, share, shown, upload
from bot.slack_calls import Refused
from store import reissued_files
from store.delivery_claims import COURIER
from store.reissued_files import Closed, NotBefore, Ready

_AFRESH: Mapping[str, Any] = {"files": [], "uploaded_at": None}

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
        file = {"id": upload(job, each.name, each.content), "title": each.title}
        job.keep(files=[*job.steps["files"], file])
    channels = [each.channel for each in places]
    if not job.steps.get("uploaded_at") or job.steps.get("channels") != channels:
        job.keep(uploaded_at=job.now.isoformat(), channels=channels)


def _complete(job: Job, places: Sequence[Place]) -> None:
    with job.desk.database.read() as connection:
        message = job.drawings.notice(connection, job.desk, job.delivery)
    share(job, places, job.steps["files"], message, afresh=_AFRESH)
    job.note(completed_at=job.now.isoformat())


def _settle(job: Job) -> None:
    """Find out whether an upload was completed although the answer was lost, before completing it again."""
    if set(job.steps["channels"]) <= _shown(job):
        _done(job)
    elif is_settling(job):
        job.wait(1.0, unsure=True)
    else:
        job.note(unsure=False, returned=job.delivery.attempts - 1)
        _send(job)


def _look(job: Job) -> None:
    """End the delivery when everybody sees the files, or come back later to look again."""
    seen = _shown(job)
    if set(job.steps["channels"]) <= seen:
        _done(job)
    elif look_again(job):
        return
    elif len(job.steps["people"]) == 1:
        raise Refused("never_shared")
    else:
        places = list(zip(job.steps["people"], job.steps["channels"], strict=True))
        having = [person for person, channel in places if channel in seen]
        _apart(job, having, [person for person, _ in places if person not in having])


def _done(job: Job) -> None:
    _apart(job, job.steps["people"], [])


def _apart(job: Job, having: Sequence[int], missing: Sequence[int]) -> None:
    """End the delivery: some have the files, and those who are missing get a delivery of their own."""
    reissued_files.shared(job.desk, COURIER, job.delivery, having, job.steps.get("licenses") or [], missing)


def _shown(job: Job) -> set[str]:
    return shown(job, [each["id"] for each in job.steps["files"]])
