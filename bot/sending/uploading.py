"""Files in Slack: uploaded, shared in one message, and looked at until Slack shows them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.sending.job import Job
from bot.sending.posting import Place, forget, text_at
from bot.slack_calls import AnswerLost, NotDone, Refused

SHOWN_WITHIN = timedelta(minutes=15)
"""How long Slack has to show files after their upload was completed."""
SETTLED_AFTER = timedelta(seconds=30)
"""How long an upload may go on whose completion was not answered, before it is completed again."""

_POLLS = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 15.0)
"""Seconds between the looks at files that are not shown yet."""
GONE = frozenset({"file_deleted", "file_not_found"})
"""Slack's codes for a file that is not there any more."""
_NO_PLACE = frozenset({"channel_not_found", "invalid_channel"})

log = structlog.get_logger(__name__)


def upload(job: Job, name: str, content: bytes, told: str | None = None) -> str:
    """Send the bytes of a file, which nobody sees yet; give its id. Raises `CallFailed`.

    `told` is what screen readers say of it.
    """
    ticket = job.slack.call("files.getUploadURLExternal", filename=name, length=len(content), alt_txt=told)
    file = text_at(ticket, "file_id")
    job.slack.upload(text_at(ticket, "upload_url"), content)
    return file


def share(
    job: Job,
    places: Sequence[Place],
    files: Sequence[Mapping[str, str]],
    message: Mapping[str, Any],
    afresh: Mapping[str, Any],
) -> None:
    """Share uploaded files, each `id` and `title`, with their message in these places. Raises `CallFailed`.

    Where what was uploaded is of no use, the steps in `afresh` are noted, so that it is uploaded anew.
    """
    try:
        _share(job, places, files, {"blocks": message["blocks"]}, afresh)
    except Refused as refused:
        if refused.code != "invalid_blocks":
            raise
        # The files matter more than their buttons; the plain words go with them.
        log.warning("Slack refused the blocks of files", delivery=job.delivery.id)
        _share(job, places, files, {"initial_comment": message["text"]}, afresh)


def _share(
    job: Job,
    places: Sequence[Place],
    files: Sequence[Mapping[str, str]],
    said: Mapping[str, Any],
    afresh: Mapping[str, Any],
) -> None:
    channels = [each.channel for each in places]
    where = {"channel_id": channels[0]} if len(channels) == 1 else {"channels": ",".join(channels)}
    try:
        job.slack.call("files.completeUploadExternal", files=list(files), **where, **said)
    except NotDone as failed:
        if failed.code == "file_update_failed":
            # What Slack holds is not what was uploaded, and completing it again would not help.
            job.note(**afresh)
        raise
    except Refused as refused:
        if refused.code in _NO_PLACE and len(places) == 1:
            forget(job, places[0])
        if refused.code != "file_not_found":
            raise
        # An upload is completed once: either it was, in an attempt whose answer was lost, or it is gone.
        if any(_info(job, each["id"]) is None for each in files):
            job.note(**afresh)
            raise AnswerLost("file_not_found") from None


def shown(job: Job, file_ids: Iterable[str]) -> set[str]:
    """The conversations in which Slack shows every one of the files; its answer to an upload does not say so."""
    found: set[str] | None = None
    for file_id in file_ids:
        shares = (_info(job, file_id) or {}).get("shares") or {}
        places = {channel for side in shares.values() for channel, seen in side.items() if seen}
        found = places if found is None else found & places
    return found or set()


def messages_with(job: Job, file_id: str) -> dict[str, str]:
    """The `ts` of the newest message that shows a file, by conversation; none of a file that is not there."""
    shares = (_info(job, file_id) or {}).get("shares") or {}
    places = [place for side in shares.values() for place in side.items()]
    return {channel: text_at(seen[-1], "ts") for channel, seen in places if seen}


def is_settling(job: Job) -> bool:
    """Whether an upload whose completion was not answered may still be under way."""
    return job.now - datetime.fromisoformat(job.steps["uploaded_at"]) < SETTLED_AFTER


def look_again(job: Job) -> bool:
    """Give the delivery back until the next look; False when Slack has had its time to show the files."""
    if job.now - datetime.fromisoformat(job.steps["completed_at"]) > SHOWN_WITHIN:
        return False
    polls = int(job.steps.get("polls", 0))
    job.note(polls=polls + 1)
    job.wait(_POLLS[min(polls, len(_POLLS) - 1)], apart=True)
    return True


def _info(job: Job, file_id: str) -> Mapping[str, Any] | None:
    try:
        return job.slack.call("files.info", file=file_id).get("file") or {}
    except Refused as refused:
        if refused.code in GONE:
            return None
        raise
