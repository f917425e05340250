"""Sending license files: checked again, uploaded once, and delivered only when Slack shows them."""

from bot.sending.job import Job
from bot.sending.posting import Place, direct_place
from bot.sending.uploading import is_settling, look_again, share, shown, upload
from bot.slack_calls import Refused
from store import deliverability
from store.deliverability import Awaited, NotBefore, Undeliverable
from store.delivery_claims import COURIER


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
    elif isinstance(checked, Awaited):
        job.outcome = "waiting"
    elif isinstance(checked, Undeliverable):
        job.outcome = "closed"
    else:
        if job.delivery.person_id is None:
            raise LookupError(job.delivery.occasion)
        place = direct_place(job, job.delivery.person_id)
        _upload_and_share(job, place, checked.content)
        _look(job)


def _upload_and_share(job: Job, place: Place, content: bytes) -> None:
    with job.desk.database.read() as connection:
        message = job.drawings.file(connection, job.desk, job.delivery.item_id or 0)
    if not job.steps.get("file"):
        file = upload(job, message["filename"], content)
        job.keep(file=file, uploaded_at=job.now.isoformat(), channel=place.channel)
    files = [{"id": job.steps["file"], "title": message["title"]}]
    share(job, [place], files, message, afresh={"file": None})
    job.note(completed_at=job.now.isoformat(), channel=place.channel)


def _settle(job: Job) -> None:
    """Find out whether an upload was completed although the answer was lost, before completing it again."""
    if _is_shown(job):
        deliverability.shared(job.desk, COURIER, job.delivery)
    elif is_settling(job):
        job.wait(1.0, unsure=True)
    else:
        job.note(unsure=False, returned=job.delivery.attempts - 1)
        _send(job)


def _look(job: Job) -> None:
    """End the delivery when the file is shown, or come back later to look again."""
    if _is_shown(job):
        deliverability.shared(job.desk, COURIER, job.delivery)
    elif not look_again(job):
        raise Refused("never_shared")


def _is_shown(job: Job) -> bool:
    return job.steps["channel"] in shown(job, [job.steps["file"]])
