"""Replacements: where no slot is free, one environment is released and another registered in its place."""

from dataclasses import dataclass

from store import entitlement, slots
from store.desk import Act, intention
from store.foreign_serials import reports_foreign_serials
from store.infrastructures import Seen
from store.new_requests import checked_reason
from store.registration_rows import holder_of, serial_refused
from store.registrations import Registered, open_in_slot
from store.releases import carry_out_release
from store.request_changes import close_pending
from store.rules.errors import Named
from store.rules.registration_errors import NotRegistered, ReleaseNeedsOperators, SameSerial
from store.rules.rights import RoleName
from store.rules.serials import parse_serial
from store.rules.versions import PlatformVersion, parse_version
from store.slots import Environment


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was released, and what is registered in its slot now."""

    released: Environment
    registered: Registered


@reports_foreign_serials
@intention
def release_and_register(act: Act, registration_id: int, serial: str, version: str, reason: str) -> Replaced:
    """Release an environment for a reason, and register another serial number in its slot.

    Either both happen or nothing. The same submission again is the same answer. Raises what releasing and
    registering raise: among it `ReleaseNeedsOperators`, `SameSerial`, `NotRegistered`, `VersionNotEntitled`.
    """
    environment, seen = entitlement.registration_seen(act, registration_id)
    entitlement.require_releasing(act, seen, f"slot {environment.slot_id}")
    entitlement.require_registering(act, seen)
    number, parsed, reason = parse_serial(serial), parse_version(version), checked_reason(reason)
    entitlement.require_version(seen.infrastructure, parsed)
    if seen.infrastructure.flagged and RoleName.OPERATOR not in seen.rights.roles:
        raise ReleaseNeedsOperators(seen.infrastructure.id)
    present = _present(act, environment, number, parsed)
    if present:
        return Replaced(environment, Registered(present, seen.infrastructure, again=True))
    close_pending(act, registration_id, "released")
    carry_out_release(act, environment, reason)
    return Replaced(environment, _registered(act, seen, environment, number, parsed))


def _present(act: Act, environment: Environment, serial: str, version: PlatformVersion) -> Environment | None:
    """What the same submission registered before; a serial number that is in use otherwise is refused."""
    holder = holder_of(act.connection, serial)
    if holder is None or holder.registration is None or environment.registration is None:
        return None
    if holder.registration.id == environment.registration.id:
        raise SameSerial(serial)
    before = environment.registration.state == "ended" and holder.slot_id == environment.slot_id
    if (
        before
        and holder.registration.state == "open"
        and holder.registration.platform_version == str(version)
    ):
        return holder
    raise serial_refused(act, environment.infrastructure_id, serial)


def _registered(
    act: Act, seen: Seen, environment: Environment, serial: str, version: PlatformVersion
) -> Registered:
    slots.hold(act.connection, environment.slot_id)
    slot = slots.get_slot(act.connection, environment.slot_id)
    if slot is None:
        raise NotRegistered(environment.infrastructure_id, Named(environment.slot_id, environment.slot_name))
    return open_in_slot(act, seen, slot, serial, version)
