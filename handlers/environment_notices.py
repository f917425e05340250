"""Notices of what was done with environments, to those who look after them."""

from collections.abc import Callable, Mapping
from typing import Final

from handlers import phrases
from handlers.blocks.text import quote
from handlers.told import Told, Words
from store import infrastructures, registration_rows, slots
from store.held_files import are_held
from store.slots import Environment

_OLD_FILE: Final = (
    "The old license file stays technically valid on the old server until its date: please remove it there."
)

_NEW_FILE: Final = (
    "The vendor's file for the old serial number does not fit the new one: a new one has to be uploaded."
)


def _registered(told: Told) -> Words:
    environment = _environment(told)
    return Words(f"{told.person('actor_id')} registered {_named(told, environment)}.", _serial(environment))


def _undone(told: Told) -> Words:
    environment = _environment(told)
    return Words(
        f"{told.person('actor_id')} took back the registration of {_named(told, environment)}.",
        [*_serial(environment), "The slot is free again; no license file was made."],
    )


def _released(told: Told) -> Words:
    environment = _environment(told)
    reason = registration_rows.end_reason(told.connection, told.delivery.registration_id or 0)
    return Words(
        f"{told.person('actor_id')} released {_named(told, environment)}.",
        [
            *_serial(environment),
            *([f"Reason: “{quote(reason, 1000)}”"] if reason else []),
            f"The slot is free again. {_OLD_FILE}",
        ],
    )


def _serial_changed(told: Told) -> Words:
    environment = _environment(told)
    return Words(
        f"{told.person('actor_id')} changed the serial number of {_named(told, environment)}.",
        [*_before(told, environment), *_serial(environment), _OLD_FILE, *_of_held(told, environment)],
    )


def _of_held(told: Told, environment: Environment) -> list[str]:
    infrastructure = infrastructures.get(told.connection, environment.infrastructure_id)
    return [_NEW_FILE] if are_held(infrastructure) else []


def _before(told: Told, environment: Environment) -> list[str]:
    replaced = environment.registration.replaces_id if environment.registration else None
    if replaced is None:
        return []
    old = slots.environment_of(told.connection, replaced).registration
    return [f"Serial number before: {old.serial}"] if old else []


def _version_changed(told: Told) -> Words:
    environment = _environment(told)
    before = quote(str(told.facts.get("before", "")), 60)
    return Words(
        f"{told.person('actor_id')} changed the platform version of {_named(told, environment)}.",
        [f"Platform version before: {before}", *_serial(environment)],
    )


def _renamed(told: Told) -> Words:
    place = phrases.place_of(infrastructures.get(told.connection, told.facts["place_id"]))
    before, name = (quote(str(told.facts[each]), phrases.LONGEST_NAME) for each in ("before", "name"))
    return Words(
        f"{told.person('actor_id')} renamed {before} to {name}, {place}.",
        ["The license file stays valid as it is, with the name in it that it was made with."],
    )


def _foreign_serial(told: Told) -> Words:
    other = slots.environment_of(told.connection, told.facts["other_registration_id"])
    tried = phrases.place_of(infrastructures.get(told.connection, told.facts["infrastructure_id"]))
    holder = phrases.place_of(infrastructures.get(told.connection, other.infrastructure_id))
    registered = other.registration.registered_at if other.registration else told.now
    return Words(
        f"{told.person('tried_by_id')} typed a serial number in {tried} that is in use in {holder}.",
        [
            f"It belongs to {phrases.environment(other)}, registered {phrases.on(registered)}.",
            *_serial(other),
            "They were only told that it is in use elsewhere. If it moved, the other company releases it first.",
        ],
    )


def _environment(told: Told) -> Environment:
    return slots.environment_of(told.connection, told.delivery.registration_id or 0)


def _named(told: Told, environment: Environment) -> str:
    place = phrases.place_of(infrastructures.get(told.connection, environment.infrastructure_id))
    return f"{phrases.environment(environment)}, {place}"


def _serial(environment: Environment) -> list[str]:
    registration = environment.registration
    if registration is None:
        return []
    version = quote(registration.platform_version)
    return [f"Serial number: {registration.serial}", f"Platform version: {version}"]


NOTICES: Final[Mapping[str, Callable[[Told], Words]]] = {
    "registered": _registered,
    "registration_undone": _undone,
    "released": _released,
    "serial_changed": _serial_changed,
    "version_changed": _version_changed,
    "renamed": _renamed,
    "foreign_serial": _foreign_serial,
}
