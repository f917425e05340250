"""Telling Slack how a run of the workflow step ended, so that its workflow goes on."""

import structlog

from bot.sending.job import Job
from bot.slack_calls import Refused

_NOT_RUNNING = "execution_not_in_running_state"

log = structlog.get_logger(__name__)


def send_step(job: Job) -> None:
    """Complete a run, or let it fail in words. Raises `CallFailed`.

    It is done with the bot's own token: the one that comes with a run ends long before most requests do.
    """
    with job.desk.database.read() as connection:
        ending = job.drawings.step(connection, job.desk, job.delivery)
    method = "functions.completeError" if "error" in ending else "functions.completeSuccess"
    try:
        job.slack.call(method, **ending)
    except Refused as refused:
        if refused.code != _NOT_RUNNING:
            raise
        # An attempt whose answer was lost has ended it, or somebody has stopped the workflow meanwhile.
        log.info("A workflow step had ended before", delivery=job.delivery.id)
    job.done()
