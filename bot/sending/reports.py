"""Sending a report, or another notice with files: they are uploaded, then shared with its words, then seen in Slack."""

from bot.sending.job import Job
from bot.sending.posting import direct_place, post
from bot.sending.uploading import is_settling, look_again, share, shown, upload
from bot.slack_calls import Refused


def send_report(job: Job, person_id: int) -> None:
    """Take such a notice as far as Slack lets it go at this moment. Raises `CallFailed`."""
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
    files = [
        {"id": upload(job, each["filename"], each["content"], each["told"]), "title": each["title"]}
        for each in message["files"]
    ]
    job.keep(files=[each["id"] for each in files], uploaded_at=job.now.isoformat(), channel=place.channel)
    share(job, [place], files, message, afresh={"files": None})
    job.note(completed_at=job.now.isoformat())
    _look(job)


def _settle(job: Job, person_id: int) -> None:
    """Find out whether the files were shared although the answer was lost, before sharing others."""
    if _are_shown(job):
        job.done()
    elif is_settling(job):
        job.wait(1.0, unsure=True)
    else:
        job.note(unsure=False, returned=job.delivery.attempts - 1, files=None)
        _send(job, person_id)


def _look(job: Job) -> None:
    if _are_shown(job):
        job.done()
    elif not look_again(job):
        raise Refused("never_shared")


def _are_shown(job: Job) -> bool:
    return job.steps["channel"] in shown(job, job.steps["files"])
