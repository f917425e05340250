"""Files of the vendor's that are waited for: those who may upload are told, and what waits goes on after it.

The delivery of a file that is not there yet stays queued and is looked at now and then, so that what happens
meanwhile to the request or the environment is found as it is for any other file.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, or_, select, update

from store import held_files, people
from store.database import wake_after_commit
from store.deliveries import QUEUED
from store.desk import Act
from store.infrastructures import Infrastructure
from store.rules.rights import DIRECT
from store.tables import deliveries, registrations, request_items
from store.telling import tell

LOOKED_AT_AGAIN: Final = timedelta(hours=1)
"""When a delivery that waits for its file is checked anew."""


def missing(
    connection: Connection, infrastructure: Infrastructure, registration_ids: Collection[int]
) -> list[int]:
    """Those of some registrations of an infrastructure for which the vendor's file is not there yet."""
    if not held_files.are_held(infrastructure):
        return []
    there = held_files.newest_of_each(connection, registration_ids)
    return [each for each in registration_ids if each not in there]


def want(
    act: Act, infrastructure: Infrastructure, registration_ids: Collection[int], occasion: str
) -> list[int]:
    """Tell everybody who may upload the files that are missing, but the actor; return whose files those are."""
    wanted = missing(act.connection, infrastructure, registration_ids)
    if wanted:
        told = _uploaders(act, infrastructure.id) - {act.actor.person_id}
        facts = {"registration_ids": wanted, "actor_id": act.actor.person_id}
        tell(act, "held_file_wanted", told, f"held_file_wanted:{occasion}", **facts)
    return wanted


def want_for_request(
    act: Act, infrastructure: Infrastructure, request_id: int, registration_ids: Collection[int]
) -> None:
    """The same for what a request asks for, once for each request."""
    want(act, infrastructure, registration_ids, f"request-{request_id}")


def go_on(act: Act, registration_id: int) -> int:
    """Take up at once what waits to be delivered for a registration; return how many deliveries did.

    What cannot be delivered any more is closed by that. The registration is held, so that no delivery that
    finds nothing at this moment goes to sleep after this.
    """
    items = select(request_items.c.id).where(_licensing(registration_id))
    sleeping = (
        QUEUED,
        deliveries.c.kind == "file",
        deliveries.c.attempts == 0,
        deliveries.c.due_at > act.now,
    )
    woken = update(deliveries).where(*sleeping, deliveries.c.item_id.in_(items)).values(due_at=act.now)
    number = act.connection.execute(woken).rowcount
    wake_after_commit(act.connection)
    return number


def tell_of_renewal(act: Act, infrastructure: Infrastructure) -> None:
    """Tell those who may upload that a term was renewed for which the vendor may make other files."""
    registered = select(registrations.c.id).where(
        registrations.c.infrastructure_id == infrastructure.id, registrations.c.state == "open"
    )
    if not held_files.are_held(infrastructure) or act.connection.execute(registered.limit(1)).first() is None:
        return
    told = _uploaders(act, infrastructure.id) - {act.actor.person_id}
    occasion = f"held_files_renewal:{infrastructure.id}:{act.now.isoformat()}"
    tell(act, "held_files_renewal", told, occasion, place_id=infrastructure.id)


def _licensing(registration_id: int) -> ColumnElement[bool]:
    """Items whose file is for a registration: of a serial change, those of the one that it took the place of."""
    replaced = select(registrations.c.replaces_id).where(registrations.c.id == registration_id)
    return or_(
        request_items.c.registration_id == registration_id,
        request_items.c.registration_id.in_(replaced.scalar_subquery()),
    )


def _uploaders(act: Act, infrastructure_id: int) -> set[int | None]:
    held = people.holders(act.connection, infrastructure_id, DIRECT)
    return {each.person.id for each in held if each.active}
