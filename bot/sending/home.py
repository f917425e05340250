"""Drawing somebody's Home: only the latest of the drawings that wait, and nothing once the app was removed."""

from bot.sending.job import Job
from store import home, identity, people


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
        job.slack.call("views.publish", user_id=str(person.slack_id), view=view)
    job.done()
