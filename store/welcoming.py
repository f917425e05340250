"""Welcome messages: everybody who got a role by an import is greeted, once."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, String, cast, exists, literal, or_, select

from store import people
from store.database import AnySelect
from store.desk import Act, Actor, Desk, intention
from store.tables import companies, deliveries, infrastructures, persons, roles
from store.telling import tell

_AT_ONCE = 500


def welcome(desk: Desk, actor: Actor, company_names: Sequence[str], *, everywhere: bool = False) -> int:
    """Queue the welcome of those who have an active role in these companies, and count them.

    `everywhere` includes those who have a role in all companies. Left out are people who were welcomed before, and
    those who are not in Slack yet: a later import welcomes them.
    """
    welcomed = 0
    for start in range(0, len(company_names), _AT_ONCE):
        welcomed += _welcome_those(desk, actor, _in_companies(company_names[start : start + _AT_ONCE]))
    return welcomed + (_welcome_those(desk, actor, _everywhere()) if everywhere else 0)


def _welcome_those(desk: Desk, actor: Actor, found: AnySelect) -> int:
    welcomed = 0
    while True:
        with desk.database.read() as connection:
            ids = _not_welcomed(connection, found)
        if not ids:
            return welcomed
        _queue(desk, actor, ids)
        welcomed += len(ids)


@intention
def _queue(act: Act, person_ids: Collection[int]) -> None:
    for person_id in person_ids:
        tell(act, "welcome", [person_id], "welcome")
    act.record("welcome", "desk", people=len(person_ids))


def _not_welcomed(connection: Connection, found: AnySelect) -> list[int]:
    occasion = literal("welcome:") + cast(persons.c.id, String)
    before = exists().where(deliveries.c.occasion == occasion)
    query = (
        select(persons.c.id)
        .where(persons.c.id.in_(found), persons.c.slack_id.is_not(None), people.is_welcome(), ~before)
        .order_by(persons.c.id)
        .limit(_AT_ONCE)
    )
    return list(connection.execute(query).scalars())


def _in_companies(names: Collection[str]) -> AnySelect:
    ids = select(companies.c.id).where(companies.c.name.in_(names))
    below = select(infrastructures.c.id).where(infrastructures.c.company_id.in_(ids))
    return _holding().where(or_(roles.c.company_id.in_(ids), roles.c.infrastructure_id.in_(below)))


def _everywhere() -> AnySelect:
    return _holding().where(roles.c.company_id.is_(None), roles.c.infrastructure_id.is_(None))


def _holding() -> AnySelect:
    return select(roles.c.person_id).where(roles.c.held_until.is_(None), roles.c.state == "active")
