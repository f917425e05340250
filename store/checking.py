"""Checking a license file or a serial number: what it is, and why a server might refuse it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, select

from store import infrastructures, keys, license_file, licenses, slots
from store.infrastructures import Infrastructure
from store.license_file import LicenseFile
from store.licenses import License
from store.reach import reach
from store.rules.checking import Looked, NotOneOfYours, Standing, Trouble, troubles
from store.rules.claims import Verdict, verdict
from store.rules.key_states import KeyPurpose, KeyState
from store.rules.rights import HeldRole
from store.rules.versions import parse_version
from store.slots import Environment, Registration
from store.tables import infrastructures as infrastructure_rows
from store.tables import licenses as license_rows
from store.tables import registrations, signing_keys


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found.

    `environment` carries the registration that was looked at, whatever has become of it, and `present` what is
    registered in its slot now. `license` is absent while none was made for it; `newest` is that of the slot.
    `file` is what was read, where a file was given. `ended_at` is when the registration ended.
    """

    environment: Environment
    registration: Registration
    ended_at: datetime | None
    present: Registration | None
    infrastructure: Infrastructure
    license: License | None
    newest: License | None
    verdict: Verdict | None
    troubles: tuple[Trouble, ...]
    file: LicenseFile | None = None

    @property
    def is_newest(self) -> bool:
        """Whether no newer license was made for the slot."""
        return self.license == self.newest


def check_serial(connection: Connection, held: Iterable[HeldRole], serial: str, now: datetime) -> Checked:
    """Look at what is or was last registered with a serial number. Raises `NotOneOfYours`."""
    found = connection.execute(
        select(registrations.c.id)
        .join(infrastructure_rows, infrastructure_rows.c.id == registrations.c.infrastructure_id)
        .where(registrations.c.serial == serial, reach(held).condition())
        .order_by(
            case({"open": 0, "reserved": 1}, value=registrations.c.state, else_=2), registrations.c.id.desc()
        )
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise NotOneOfYours
    return _checked(connection, found, licenses.newest_of(connection, found), None, now)


def check_file(
    connection: Connection, held: Iterable[HeldRole], content: str | bytes, now: datetime
) -> Checked:
    """Look at a license file. Raises `NotOneOfYours`, and a `LicenseFileError` for what cannot be trusted."""
    file = license_file.read(content, keys.verifying_keys(connection), test_keys=True)
    checked = standing_of(connection, file, now)
    own = reach(held)
    if checked is None or not own.covers(checked.infrastructure.company_id, checked.infrastructure.id):
        raise NotOneOfYours
    return checked


def standing_of(connection: Connection, file: LicenseFile, now: datetime) -> Checked | None:
    """What the desk knows of a license file that was read; `None` when it has no such license."""
    query = select(license_rows.c.id).where(license_rows.c.jti == file.facts.jti)
    license_id = connection.execute(query).scalar_one_or_none()
    if license_id is None:
        return None
    issued = licenses.get(connection, license_id)
    return _checked(connection, issued.registration_id, issued, file, now)


def _checked(
    connection: Connection,
    registration_id: int,
    issued: License | None,
    file: LicenseFile | None,
    now: datetime,
) -> Checked:
    environment = slots.environment_of(connection, registration_id)
    if environment.registration is None:
        message = "a registration has its environment"
        raise LookupError(message)
    infrastructure = infrastructures.get(connection, environment.infrastructure_id)
    there = slots.get_slot(connection, environment.slot_id)
    present = there.registration if there else None
    newest = _newest(connection, environment.slot_id)
    worth, found = None, tuple[Trouble, ...]()
    if issued and newest:
        worth = verdict(issued.not_before, issued.license_end, issued.expires_at, now)
        standing = _standing(connection, present, issued, newest, infrastructure)
        found = troubles(_looked(environment.registration, issued, worth, file), standing)
    return Checked(
        environment,
        environment.registration,
        _ended_at(connection, registration_id),
        present,
        infrastructure,
        issued,
        newest,
        worth,
        found,
        file,
    )


def _newest(connection: Connection, slot_id: int) -> License | None:
    query = select(license_rows.c.id).where(license_rows.c.slot_id == slot_id)
    found = connection.execute(query.order_by(license_rows.c.seq.desc()).limit(1)).scalar_one_or_none()
    return None if found is None else licenses.get(connection, found)


def _looked(registration: Registration, issued: License, worth: Verdict, file: LicenseFile | None) -> Looked:
    if file is None:
        return Looked(registration.serial, issued.seq, worth)
    facts = file.facts
    return Looked(facts.serial, facts.seq, worth, facts.declared, file.sha256, facts.audience)


def _standing(
    connection: Connection,
    present: Registration | None,
    issued: License,
    newest: License,
    infrastructure: Infrastructure,
) -> Standing:
    key = connection.execute(
        select(signing_keys.c.state, signing_keys.c.purpose)
        .join(license_rows, license_rows.c.key_id == signing_keys.c.id)
        .where(license_rows.c.id == issued.id)
    ).one()
    return Standing(
        present.serial if present else None,
        parse_version(present.platform_version).declared if present else None,
        newest.seq,
        infrastructure.product.audience,
        issued.sha256,
        KeyState(key.state).trusted,
        key.purpose == str(KeyPurpose.TEST),
    )


def _ended_at(connection: Connection, registration_id: int) -> datetime | None:
    query = select(registrations.c.ended_at).where(registrations.c.id == registration_id)
    ended_at: datetime | None = connection.execute(query).scalar_one()
    return ended_at
