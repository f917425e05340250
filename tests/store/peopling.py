"""Steps that the tests of people share: setting roles, and looking at who has which."""

from typing import Any

from sqlalchemy import insert, select

from store import roles as setting
from store.desk import Actor, Desk
from store.role_changes import RoleChange
from store.rules.rights import RoleName
from store.tables import deliveries, persons, roles
from tests.example import WORKSPACE


def set_role(
    desk: Desk,
    actor: int,
    infrastructure: int,
    role: str,
    add: tuple[int, ...] = (),
    remove: tuple[int, ...] = (),
) -> list[tuple[str, int]]:
    """Set a role; what became of whom."""
    changed = setting.change(desk, Actor(actor), infrastructure, RoleName(role), add, remove)
    return outcome(changed.changes)


def outcome(changes: tuple[RoleChange, ...]) -> list[tuple[str, int]]:
    return [(str(each.what), each.held.person.id) for each in changes]


def holders(desk: Desk, role: str, state: str = "active") -> set[int]:
    """Who holds a role anywhere, by id."""
    held = (roles.c.role == role, roles.c.held_until.is_(None), roles.c.state == state)
    with desk.database.read() as connection:
        return set(connection.execute(select(roles.c.person_id).where(*held)).scalars())


def role_ids(desk: Desk, person: int) -> list[int]:
    """The roles that somebody holds, by id."""
    held = (roles.c.person_id == person, roles.c.held_until.is_(None))
    with desk.database.read() as connection:
        return list(connection.execute(select(roles.c.id).where(*held).order_by(roles.c.id)).scalars())


def newcomer(desk: Desk, name: str = "Zoe Quist", **values: Any) -> int:
    """Somebody in Slack without any role."""
    row = {"workspace_id": WORKSPACE, "slack_id": f"U0{name.split()[0].upper()}", "name": name, **values}
    with desk.database.write() as connection:
        return int(connection.execute(insert(persons).values(row).returning(persons.c.id)).scalar_one())


def notices(desk: Desk, notice: str) -> dict[int, Any]:
    """The facts of a notice, by who is told."""
    with desk.database.read() as connection:
        query = select(deliveries.c.person_id, deliveries.c.facts).where(deliveries.c.notice == notice)
        return {row.person_id: row.facts for row in connection.execute(query.order_by(deliveries.c.id))}
