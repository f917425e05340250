"""Serial changes: a new serial number for an environment, reserved while its request waits."""

from sqlalchemy import update

from store import slots, telling
from store.desk import Act
from store.registration_rows import end, holder_of, insert_registration, serial_refused
from store.rules.errors import Named
from store.rules.registration_errors import NotRegistered, SameSerial
from store.rules.serials import parse_serial
from store.slots import Environment
from store.tables import registrations

NOT_FORWARDED = "not forwarded"
"""Why a reserved registration ended that never took the place of another one."""


def reserve_serial(act: Act, registration_id: int, serial: str) -> int:
    """Reserve a serial number for an open registration and return the reserved registration's id.

    Raises the field errors of serial numbers, `SameSerial`, `NotRegistered`, and what `insert_registration`
    raises for a serial number in use.
    """
    number = parse_serial(serial)
    environment = slots.environment_of(act.connection, registration_id)
    registration = environment.registration
    if registration is None or registration.state != "open":
        raise NotRegistered(environment.infrastructure_id, Named(environment.slot_id, environment.slot_name))
    if registration.serial == number:
        raise SameSerial(number)
    if holder_of(act.connection, number):
        raise serial_refused(act, environment.infrastructure_id, number)
    return insert_registration(
        act, environment, number, registration.platform_version, "reserved", registration.id
    )


def carry_out_serial_change(act: Act, registration_id: int, reserved_id: int) -> None:
    """End the old registration and open the reserved one in its place. Raises `NotRegistered`."""
    old = slots.environment_of(act.connection, registration_id)
    end(act, old, "serial changed")
    opened = act.connection.execute(
        update(registrations)
        .where(registrations.c.id == reserved_id, registrations.c.state == "reserved")
        .values(state="open", registered_at=act.now)
    )
    if opened.rowcount != 1:
        raise NotRegistered(old.infrastructure_id, Named(old.slot_id, old.slot_name))
    record_serial_change(act, old, reserved_id)


def replace_serial(act: Act, registration_id: int, serial: str) -> int:
    """End a registration and register the new serial number in its slot; return the new registration's id.

    Raises what `reserve_serial` raises.
    """
    new_id = reserve_serial(act, registration_id, serial)
    carry_out_serial_change(act, registration_id, new_id)
    return new_id


def drop_reserved(act: Act, reserved_id: int) -> None:
    """Give a reserved serial number back; a registration that is not reserved stays as it is."""
    act.connection.execute(
        update(registrations)
        .where(registrations.c.id == reserved_id, registrations.c.state == "reserved")
        .values(state="ended", ended_at=act.now, ended_by=act.actor.person_id, end_reason=NOT_FORWARDED)
    )


def record_serial_change(act: Act, old: Environment, new_id: int) -> None:
    """Record a serial change and tell those who are told of it."""
    registrant = old.registration.registrant_id if old.registration else None
    act.record(
        "change_serial",
        f"slot {old.slot_id}",
        old.infrastructure_id,
        registration=new_id,
        replaces=old.registration.id if old.registration else None,
    )
    telling.tell_of_change(
        act,
        "serial_changed",
        old.infrastructure_id,
        f"serial-changed:{new_id}",
        also=[registrant] if registrant else [],
        registration_id=new_id,
        actor_id=act.actor.person_id,
    )
