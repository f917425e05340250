"""Registering environments: into a free slot, with another version, and back out again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from store import awaited_files, entitlement, held_files, slots, telling
from store.audit import Entry
from store.desk import Act, intention
from store.foreign_serials import reports_foreign_serials
from store.infrastructures import Infrastructure, Seen, not_associated
from store.registration_rows import end, holder_of, insert_registration, serial_refused, slot_taken
from store.request_changes import close_pending, hold_registrations, redraw_waiting
from store.rules.environments import EnvironmentType
from store.rules.errors import Named
from store.rules.registration_errors import (
    CannotUndo,
    Holding,
    NoSlotFree,
    NotRegistered,
    VersionDiffers,
)
from store.rules.rights import DIRECT, RELEASERS, RoleName
from store.rules.seeing_errors import NoRight
from store.rules.serials import parse_serial
from store.rules.versions import PlatformVersion, parse_version
from store.serial_changes import replace_serial
from store.slots import Environment, Registration
from store.tables import licenses, registrations


@dataclass(frozen=True, slots=True)
class Registered:
    """What a registration or a change of version came to.

    `again` says that the same registration was there already; `undo_until` is absent when it cannot be undone.
    """

    environment: Environment
    infrastructure: Infrastructure
    again: bool = False
    version_changed: bool = False
    undo_until: datetime | None = None


@reports_foreign_serials
@intention
def register(
    act: Act, slot_id: int, serial: str, version: str, *, confirm_version_change: bool = False
) -> Registered:
    """Register an environment: its serial number and platform version in a slot.

    The same registration again is the same answer. Raises the field errors of serial numbers and versions,
    `VersionDiffers` until the change of version is confirmed, and the refusals of seeing and registering.
    """
    slots.hold(act.connection, slot_id)
    slot = slots.get_slot(act.connection, slot_id)
    if slot is None:
        raise not_associated(act.connection, act.actor.person_id)
    seen = entitlement.seen_by_actor(act, slot.infrastructure_id)
    entitlement.require_registering(act, seen)
    number, parsed = parse_serial(serial), parse_version(version)
    entitlement.require_version(seen.infrastructure, parsed)
    present = holder_of(act.connection, number)
    if present is None:
        return open_in_slot(act, seen, slot, number, parsed)
    return registered_before(act, seen, slot, present, parsed, confirm_version_change=confirm_version_change)


@intention
def change_version(act: Act, registration_id: int, version: str) -> Registered:
    """Declare another platform version for a registered environment.

    Raises the field errors of versions, `VersionNotEntitled`, `NotRegistered` and the refusals of seeing.
    """
    environment, seen = entitlement.registration_seen(act, registration_id)
    entitlement.require_registering(act, seen)
    parsed = parse_version(version)
    entitlement.require_version(seen.infrastructure, parsed)
    return _change_version(act, seen, environment, parsed)


@intention
def undo(act: Act, registration_id: int) -> Environment:
    """Take back the actor's own registration. Raises `CannotUndo`, `NotRegistered` and `NotAssociated`."""
    environment, seen = entitlement.registration_seen(act, registration_id)
    hold_registrations(act.connection, [registration_id], to_end=True)
    why = _why_not_undone(act, environment)
    if why:
        raise CannotUndo(seen.infrastructure.id, why)
    end(act, environment, "undone")
    close_pending(act, registration_id, "undone")
    act.record(
        "undo", f"slot {environment.slot_id}", environment.infrastructure_id, registration=registration_id
    )
    telling.tell_of_change(
        act,
        "registration_undone",
        environment.infrastructure_id,
        f"undone:{registration_id}",
        registration_id=registration_id,
        actor_id=act.actor.person_id,
    )
    return environment


@reports_foreign_serials
@intention
def change_serial(act: Act, registration_id: int, serial: str) -> Registered:
    """Release an environment and register it with a new serial number in the same slot, in one step.

    For those who get files directly; others ask with `requests.ask_serial_change`. Raises `NoRight`,
    `NotRegistered`, `SameSerial` and what registering raises.
    """
    environment, seen = entitlement.registration_seen(act, registration_id)
    entitlement.require_registering(act, seen)
    if not seen.rights.changes_serial_directly:
        who_may = entitlement.names_of(act, seen.infrastructure.id, DIRECT - {RoleName.OPERATOR})
        raise NoRight(seen.infrastructure.id, f"slot {environment.slot_id}", "serial_change", who_may)
    close_pending(act, registration_id, "serial_changed")
    new_id = replace_serial(act, registration_id, serial)
    awaited_files.want(act, seen.infrastructure, [new_id], f"registration-{new_id}")
    return Registered(slots.environment_of(act.connection, new_id), seen.infrastructure)


def require_free_slot(act: Act, seen: Seen, environment_type: EnvironmentType) -> None:
    """Raise `NoSlotFree`, which lists what holds the slots, when none of that type is free."""
    infrastructure = seen.infrastructure
    of_type = [
        each
        for each in slots.of_infrastructure(act.connection, infrastructure.id)
        if each.environment_type == environment_type
    ]
    if all(each.registration for each in of_type):
        releasers = RELEASERS - {RoleName.OPERATOR}
        raise NoSlotFree(
            infrastructure.id,
            infrastructure.name,
            environment_type,
            tuple(_holding(each) for each in of_type),
            entitlement.names_of(act, infrastructure.id, releasers),
            entitlement.manager(infrastructure),
        )


def entry(act: Act, slot: Environment, registration_id: int, serial: str, version: str) -> Entry:
    """What the record says of a registration."""
    facts = {"registration": registration_id, "serial": serial, "version": version}
    actor, subject = act.actor, f"slot {slot.slot_id}"
    return Entry(slot.infrastructure_id, actor.person_id, actor.source, "register", subject, facts)


def open_in_slot(
    act: Act, seen: Seen, slot: Environment, serial: str, version: PlatformVersion
) -> Registered:
    """Register in a slot as a part of an intention that has checked everything else.

    Raises `NoSlotFree`, `SlotTaken`, and what a serial number in use is refused with.
    """
    if slot.registration:
        require_free_slot(act, seen, slot.environment_type)
        raise slot_taken(act, slot)
    registration_id = insert_registration(act, slot, serial, str(version), "open")
    act.record_all([entry(act, slot, registration_id, serial, str(version))])
    telling.tell_of_change(
        act,
        "registered",
        slot.infrastructure_id,
        f"registered:{registration_id}",
        registration_id=registration_id,
        actor_id=act.actor.person_id,
    )
    environment = slots.environment_of(act.connection, registration_id)
    return Registered(environment, seen.infrastructure, undo_until=act.now + act.desk.policy.undo_window)


def registered_before(
    act: Act,
    seen: Seen,
    slot: Environment,
    present: Environment,
    version: PlatformVersion,
    *,
    confirm_version_change: bool = False,
) -> Registered:
    """The answer for a serial number that `present` has: the same again, or its version changed if confirmed.

    Raises `VersionDiffers`, and the refusals for a serial number that is registered or waits elsewhere.
    """
    registration = present.registration
    if registration is None or registration.state != "open" or present.slot_id != slot.slot_id:
        raise serial_refused(act, slot.infrastructure_id, registration.serial if registration else "")
    if registration.platform_version == str(version):
        return Registered(present, seen.infrastructure, again=True)
    if not confirm_version_change:
        name = Named(present.slot_id, present.slot_name)
        raise VersionDiffers(name, registration.id, registration.platform_version, str(version))
    return _change_version(act, seen, present, version)


def _change_version(act: Act, seen: Seen, found: Environment, version: PlatformVersion) -> Registered:
    environment, registration = _held_open(act, found)
    if registration.platform_version == str(version):
        return Registered(environment, seen.infrastructure, again=True)
    act.connection.execute(
        update(registrations)
        .where(registrations.c.id == registration.id)
        .values(platform_version=str(version))
    )
    redraw_waiting(act, registration.id)
    facts = {"registration": registration.id, "from": registration.platform_version, "to": str(version)}
    act.record("change_version", f"slot {environment.slot_id}", environment.infrastructure_id, **facts)
    telling.tell_of_change(
        act,
        "version_changed",
        environment.infrastructure_id,
        f"version:{registration.id}:{act.now.isoformat()}",
        also=[registration.registrant_id],
        registration_id=registration.id,
        actor_id=act.actor.person_id,
        before=registration.platform_version,
    )
    changed = slots.environment_of(act.connection, registration.id)
    return Registered(changed, seen.infrastructure, version_changed=True)


def _held_open(act: Act, found: Environment) -> tuple[Environment, Registration]:
    """The environment as it is now and stays until the act ends. Raises `NotRegistered` when it was ended."""
    slot = Named(found.slot_id, found.slot_name)
    if found.registration is None:
        raise NotRegistered(found.infrastructure_id, slot)
    hold_registrations(act.connection, [found.registration.id], to_end=True)
    environment = slots.environment_of(act.connection, found.registration.id)
    registration = environment.registration
    if registration is None or registration.state != "open":
        raise NotRegistered(found.infrastructure_id, slot)
    return environment, registration


def _why_not_undone(act: Act, environment: Environment) -> str | None:
    registration = environment.registration
    if registration is None or registration.registrant_id != act.actor.person_id:
        return "other_registrant"
    if registration.replaces_id is not None:
        # Taking it back would not bring back what it took the place of: it would be a release.
        return "serial_changed"
    if act.now > registration.registered_at + act.desk.policy.undo_window:
        return "too_late"
    made = select(licenses.c.id).where(licenses.c.registration_id == registration.id).limit(1)
    has_file = act.connection.execute(made).first() or held_files.newest_of(act.connection, registration.id)
    return "licensed" if has_file else None


def _holding(environment: Environment) -> Holding:
    registration = environment.registration
    if registration is None:
        message = "a free slot holds nothing"
        raise ValueError(message)
    return Holding(environment.slot_name, registration.id, registration.registered_at)
