"""Where somebody is about to set people: the infrastructure of a button or a form, with the right looked at."""

from sqlalchemy import Connection

from handlers.memory import recall
from handlers.payloads import number
from handlers.visitors import Visitor
from store import infrastructures
from store.infrastructures import Infrastructure, Seen
from store.people import holders
from store.rules.rights import ADMINS
from store.rules.seeing_errors import NoRight


def seen_at(connection: Connection, visitor: Visitor, infrastructure_id: int) -> Seen:
    """One infrastructure as the visitor sees it. Raises `NotAssociated`."""
    return infrastructures.seen(connection, visitor.person.id, infrastructure_id)


def remembered(metadata: str) -> int:
    """The infrastructure that a form is about. Raises BadPayload when there is none."""
    return number(recall(metadata).get("infrastructure"))


def administered(
    connection: Connection, visitor: Visitor, infrastructure_id: int, act: str
) -> Infrastructure:
    """An infrastructure that the visitor is an administrator of. Raises `NotAssociated` and `NoRight`."""
    seen = seen_at(connection, visitor, infrastructure_id)
    if not seen.rights.roles & ADMINS:
        raise no_right(connection, infrastructure_id, act)
    return seen.infrastructure


def no_right(connection: Connection, infrastructure_id: int, act: str) -> NoRight:
    """The refusal for somebody who is no administrator, naming a few who are."""
    held = holders(connection, infrastructure_id, ADMINS)
    names = dict.fromkeys(each.person.name for each in held if each.active and each.person.welcome)
    return NoRight(infrastructure_id, f"infrastructure {infrastructure_id}", act, tuple(names)[:3])
