"""Drawing somebody's Home: only the latest of the drawings that wait, and nothing once the app was removed."""

import structlog

from bot.sending.job import Job
from bot.slack_calls import Refused
from store import home, identity, people

log = structlog.get_logger(__name__)


def send_home(job: Job) -> None:
    """Publish a person's Home as it is now. Raises `CallFailed`."""
    person_id = job.delivery.person_id
    if person_id is None:
        raise LookupError(job.delivery.occasion)
    with job.desk.database.read() as connection:
        person = people.get(connection, person_id)
        workspace = identity.stored(connection)
        removed = workspace is not None and not workspace.connected
        needless = removed or home.is_overtaken(connection, job.delivery)
        if needless or not person.active or person.slack_id is None:
            view = None
        else:
            view = job.drawings.home(connection, job.desk, person_id)
    if view is not None:
        _publish(job, str(person.slack_id), view)
    job.done()


def _publish(job: Job, slack_id: str, view: dict[str, object]) -> None:
    try:
        job.slack.call("views.publish", user_id=slack_id, view=view)
    except Refused as refused:
        # What cannot be shown to one person there loses nothing: Home is drawn anew when they open it.
        log.warning("A Home was not drawn", person=job.delivery.person_id, code=refused.code)
