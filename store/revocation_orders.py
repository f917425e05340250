"""Having the revocation list sent: who may have it, asked at the command and again when it is sent."""

from sqlalchemy import Connection

from store import infrastructures, people
from store.deliveries import queue_notice
from store.desk import Act, intention
from store.rules.rights import ADMINS, LISTED_TO
from store.rules.seeing_errors import NoRight

_MOST_NAMED = 5


@intention
def order_revocations(act: Act) -> None:
    """Have the list sent to the actor as a direct message. Raises `NotAssociated` and `NoRight`."""
    person_id = act.actor.person_id
    if person_id is None or not may_have(act.connection, person_id):
        raise _refusal(act.connection, person_id)
    # The same command within a minute, typed or delivered by Slack a second time, is one list.
    queue_notice(act, "revocations", person_id, f"revocations:{person_id}:{act.now:%Y%m%d%H%M}")


def may_have(connection: Connection, person_id: int) -> bool:
    """Whether somebody may have the list at this moment: admins of anything, and operators."""
    if not people.get(connection, person_id).active:
        return False
    return any(each.active and each.role in LISTED_TO for each in people.held_roles(connection, person_id))


def _refusal(connection: Connection, person_id: int | None) -> Exception:
    seen = [] if person_id is None else infrastructures.seen_by(connection, person_id, limit=1)
    if not seen:
        return infrastructures.not_associated(connection, person_id)
    infrastructure_id = seen[0].infrastructure.id
    holders = people.holders(connection, infrastructure_id, ADMINS)
    names = dict.fromkeys(each.person.name for each in holders if each.active and each.person.active)
    return NoRight(infrastructure_id, "revocations", "revocations", tuple(names)[:_MOST_NAMED])
