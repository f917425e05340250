"""Whether somebody may say that production is down: only of production, and only now and then."""

from collections.abc import Iterable

from sqlalchemy import func, select

from store.desk import Act
from store.rules.environments import EnvironmentType
from store.rules.request_errors import NotProduction, UrgentTooOften
from store.slots import Environment
from store.tables import requests


def require_urgent(act: Act, infrastructure_id: int, environments: Iterable[Environment]) -> None:
    """Raise `NotProduction` when none of these is, and `UrgentTooOften`."""
    if not any(each.environment_type is EnvironmentType.PRODUCTION for each in environments):
        raise NotProduction
    since = act.now - act.desk.policy.urgent_period
    own = (requests.c.requester_id == act.actor.person_id, requests.c.urgent, requests.c.asked_at > since)
    made = act.connection.execute(select(func.count()).where(*own)).scalar_one()
    most = act.desk.policy.urgent_requests
    if made >= most:
        raise UrgentTooOften(infrastructure_id, most)
