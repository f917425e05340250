"""How often one person may ask: counted from the requests that there are."""

from sqlalchemy import select

from store.desk import Act
from store.infrastructures import Seen
from store.rules.request_errors import AskedTooOften
from store.rules.rights import RoleName
from store.tables import requests
from store.workflow_steps import WORKFLOW


def require_rate(act: Act, requester_id: int, seen: Seen) -> None:
    """Raise `AskedTooOften` for somebody who asked as often as one person may; operators may always.

    What workflows asked in a person's name is counted by itself, since whoever builds one can name anybody.
    The requester is held by `hold_requester`, so that two requests at once do not count the others only.
    """
    if RoleName.OPERATOR in seen.rights.roles:
        return
    most, period = act.desk.policy.requests_most, act.desk.policy.requests_period
    lately = (
        requests.c.requester_id == requester_id,
        requests.c.asked_at > act.now - period,
        requests.c.through_workflow == (act.actor.source == WORKFLOW),
    )
    newest = select(requests.c.asked_at).where(*lately).order_by(requests.c.asked_at.desc())
    first = act.connection.execute(newest.offset(most - 1).limit(1)).scalar_one_or_none()
    if first is not None:
        raise AskedTooOften(seen.infrastructure.id, most, first + period)
