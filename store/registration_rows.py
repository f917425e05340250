"""Rows of registrations: inserted, found by serial number and ended, guarded by the unique constraints."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from store import slots
from store.database import violated
from store.desk import Act
from store.reach import Reach
from store.rules.errors import Named
from store.rules.registration_errors import (
    NotRegistered,
    SerialElsewhere,
    SerialInOtherSlot,
    SerialReserved,
    SlotTaken,
)
from store.slots import OPEN, RESERVED_OR_OPEN, Environment
from store.tables import infrastructures, registrations


def holder_of(connection: Connection, serial: str) -> Environment | None:
    """The environment whose reserved or open registration has this serial number."""
    query = select(registrations.c.id).where(registrations.c.serial == serial, RESERVED_OR_OPEN)
    registration_id = connection.execute(query).scalar_one_or_none()
    return None if registration_id is None else slots.environment_of(connection, registration_id)


def open_within(connection: Connection, reach: Reach, serial: str) -> Environment | None:
    """The environment whose open registration has this serial number, where `reach` has it.

    One that is elsewhere is looked for as little as one that is nowhere, so that the time tells nothing of it.
    """
    query = (
        select(registrations.c.id)
        .join(infrastructures, infrastructures.c.id == registrations.c.infrastructure_id)
        .where(registrations.c.serial == serial, OPEN, reach.condition())
    )
    registration_id = connection.execute(query).scalar_one_or_none()
    return None if registration_id is None else slots.environment_of(connection, registration_id)


def holders_of(connection: Connection, serials: Collection[str]) -> dict[str, Environment]:
    """The same for several serial numbers, by serial number; absent are those that nobody has."""
    query = select(registrations.c.id, registrations.c.serial).where(
        registrations.c.serial.in_(serials), RESERVED_OR_OPEN
    )
    ids = {row.id: row.serial for row in connection.execute(query)}
    return {ids[each]: found for each, found in slots.environments_of(connection, list(ids)).items()}


def end_reason(connection: Connection, registration_id: int) -> str | None:
    """Why a registration was ended, in the words of the person who did; `None` while it was not."""
    query = select(registrations.c.end_reason).where(registrations.c.id == registration_id)
    return connection.execute(query).scalar_one_or_none()


def insert_registration(
    act: Act, slot: Environment, serial: str, version: str, state: str, replaces_id: int | None = None
) -> int:
    """Insert a registration and return its id.

    The unique constraints decide between two people who do so at once; the loser gets `SlotTaken`, or for the
    serial number `SerialInOtherSlot`, `SerialReserved` or `SerialElsewhere`.
    """
    values = _values(act, slot, serial, version, state) | {"replaces_id": replaces_id}
    try:
        with act.connection.begin_nested():
            result = act.connection.execute(
                insert(registrations).values(values).returning(registrations.c.id)
            )
            return int(result.scalar_one())
    except IntegrityError as error:
        if violated(error, "uq_registrations_open_slot", "registrations.slot_id", "registrations.state"):
            raise slot_taken(act, slot) from None
        if violated(error, "uq_registrations_serial", "registrations.serial"):
            raise serial_refused(act, slot.infrastructure_id, serial) from None
        raise


def insert_all(act: Act, wanted: Sequence[tuple[Environment, str, str]]) -> list[int]:
    """Insert open registrations of slots, serial numbers and versions; return their ids in the same order.

    Either all are inserted or, with an `IntegrityError`, none: then somebody else has taken a slot or a serial
    number at this moment, which shows when both are read again.
    """
    rows = [_values(act, slot, serial, version, "open") for slot, serial, version in wanted]
    slot_ids = [slot.slot_id for slot, _, _ in wanted]
    with act.connection.begin_nested():
        act.connection.execute(insert(registrations), rows)
    # SQLite gives ids of many rows in no certain order, so they are read by what is unique among them.
    query = select(registrations.c.slot_id, registrations.c.id).where(
        registrations.c.slot_id.in_(slot_ids), OPEN
    )
    ids = {row.slot_id: row.id for row in act.connection.execute(query)}
    return [ids[each] for each in slot_ids]


def end(act: Act, environment: Environment, reason: str) -> None:
    """End an open registration. Raises `NotRegistered` when somebody else has ended it meanwhile."""
    registration = environment.registration
    slot = Named(environment.slot_id, environment.slot_name)
    # Two people may end one registration at once: only the first of them finds it open.
    ended = registration and act.connection.execute(
        update(registrations)
        .where(registrations.c.id == registration.id, registrations.c.state == "open")
        .values(state="ended", ended_at=act.now, ended_by=act.actor.person_id, end_reason=reason)
    )
    if not ended or ended.rowcount != 1:
        raise NotRegistered(environment.infrastructure_id, slot)


def serial_refused(
    act: Act, infrastructure_id: int, serial: str
) -> SerialInOtherSlot | SerialReserved | SerialElsewhere:
    """The refusal for a serial number that another reserved or open registration has."""
    holder = holder_of(act.connection, serial)
    if holder is None or holder.registration is None or holder.infrastructure_id != infrastructure_id:
        other = holder.registration.id if holder and holder.registration else 0
        return SerialElsewhere(infrastructure_id, serial, other)
    slot = Named(holder.slot_id, holder.slot_name)
    if holder.registration.state == "reserved":
        return SerialReserved(infrastructure_id, slot)
    return SerialInOtherSlot(infrastructure_id, slot, holder.registration.id)


def slot_taken(act: Act, slot: Environment) -> SlotTaken:
    """The refusal for a slot that somebody else has registered in."""
    counts = slots.capacity(act.connection, [slot.infrastructure_id]).get(slot.infrastructure_id, [])
    free = sum(each.free for each in counts if each.environment_type == slot.environment_type)
    return SlotTaken(slot.infrastructure_id, Named(slot.slot_id, slot.slot_name), free)


def _values(act: Act, slot: Environment, serial: str, version: str, state: str) -> dict[str, object]:
    return {
        "slot_id": slot.slot_id,
        "infrastructure_id": slot.infrastructure_id,
        "serial": serial,
        "platform_version": version,
        "registrant_id": act.actor.person_id,
        "state": state,
        "registered_at": act.now,
    }
