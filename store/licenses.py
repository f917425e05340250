"""Licenses: issued for a registration, kept encrypted, and the same bytes again while unchanged."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from store import infrastructures, slots
from store.database import AnyRow
from store.desk import Act, Desk
from store.infrastructures import Infrastructure
from store.license_file import checksum, sign
from store.rules.claims import LicenseFacts, claims, sameness, unchanged
from store.rules.registration_errors import NoSubscription
from store.rules.versions import parse_version
from store.slots import Environment
from store.tables import licenses, signing_keys
from store.tables import slots as slot_rows


@dataclass(frozen=True, slots=True)
class License:
    """An issued license. `expires_at` is the end of grace, `license_end` of the term; absent when perpetual."""

    id: int
    jti: str
    registration_id: int
    slot_id: int
    seq: int
    not_before: datetime
    license_end: datetime | None
    expires_at: datetime | None
    sha256: str
    issued_at: datetime


def issue(act: Act, registration_id: int) -> License:
    """Return the license of a registration: the newest one while it is unchanged, or else a new one.

    Raises `NoSubscription` and `NoActiveKey`. The license is recorded in the act's transaction.
    """
    environment = slots.environment_of(act.connection, registration_id)
    # Two couriers may issue for one slot at once; the second waits here and then finds the first one's.
    act.connection.execute(
        select(slot_rows.c.id).where(slot_rows.c.id == environment.slot_id).with_for_update()
    )
    infrastructure = infrastructures.get(act.connection, environment.infrastructure_id)
    newest = act.connection.execute(_NEWEST.where(licenses.c.slot_id == environment.slot_id)).first()
    facts = _facts(act, environment, infrastructure, newest)
    if newest and newest.registration_id == registration_id:
        compromised = newest.key_state == "compromised"
        if unchanged(facts, newest.sameness, key_compromised=compromised):
            return _license(newest)
    return _store(act, environment, facts)


def newest_of(connection: Connection, registration_id: int) -> License | None:
    """The newest license of a registration, or `None` while there is none."""
    row = connection.execute(_NEWEST.where(licenses.c.registration_id == registration_id)).first()
    return None if row is None else _license(row)


def get(connection: Connection, license_id: int) -> License:
    """The license of that id; it exists, because other rows refer to it."""
    return _license(connection.execute(_NEWEST.where(licenses.c.id == license_id)).one())


def text_of(desk: Desk, connection: Connection, license_id: int) -> bytes:
    """The bytes of the license file. Raises `VaultClosed` when the master keys do not open it."""
    sealed = connection.execute(
        select(licenses.c.text_encrypted).where(licenses.c.id == license_id)
    ).scalar_one()
    return desk.vault.decrypt(sealed)


_NEWEST = (
    select(
        *(licenses.c[name] for name in License.__slots__),
        licenses.c.sameness,
        signing_keys.c.state.label("key_state"),
    )
    .join(signing_keys, signing_keys.c.id == licenses.c.key_id)
    .order_by(licenses.c.seq.desc())
    .limit(1)
)


def _license(row: AnyRow) -> License:
    return License(*tuple(row)[: len(License.__slots__)])


def _facts(
    act: Act, environment: Environment, infrastructure: Infrastructure, newest: AnyRow | None
) -> LicenseFacts:
    registration, term = environment.registration, infrastructure.term
    edition, highest = infrastructure.edition, infrastructure.highest_version
    if registration is None:
        message = "a license is for a registration"
        raise ValueError(message)
    if term is None or edition is None or highest is None:
        raise NoSubscription(infrastructure.id, infrastructure.name)
    return LicenseFacts(
        issuer=act.desk.policy.vendor,
        audience=infrastructure.product.audience,
        slot_id=environment.slot_id,
        jti=str(uuid4()),
        issued_at=act.now,
        not_before=term.unbroken_since,
        expires_at=term.expires_at,
        license_end=term.ends_at,
        serial=registration.serial,
        environment_type=environment.environment_type,
        environment_name=environment.slot_name,
        activation_code=infrastructure.activation_code,
        company=infrastructure.company_name,
        infrastructure=infrastructure.name,
        edition=edition,
        features=tuple(infrastructure.features),
        limits=infrastructure.limits,
        declared=parse_version(registration.platform_version).declared,
        highest=highest,
        seq=newest.seq + 1 if newest else 1,
        replaces=newest.jti if newest else None,
    )


def _store(act: Act, environment: Environment, facts: LicenseFacts) -> License:
    registration, key = environment.registration, act.desk.keys.active(act.connection)
    text = sign(claims(facts), key)
    values = {
        "jti": facts.jti,
        "registration_id": registration.id if registration else None,
        "slot_id": facts.slot_id,
        "seq": facts.seq,
        "key_id": key.id,
        "not_before": facts.not_before,
        "license_end": facts.license_end,
        "expires_at": facts.expires_at,
        "sameness": sameness(facts),
        "text_encrypted": act.desk.vault.encrypt(text.encode()),
        "sha256": checksum(text),
        "issued_at": act.now,
        "replaces": facts.replaces,
    }
    returned = [licenses.c[name] for name in License.__slots__]
    made = _license(act.connection.execute(insert(licenses).values(values).returning(*returned)).one())
    act.record(
        "issue_license",
        f"slot {facts.slot_id}",
        environment.infrastructure_id,
        jti=made.jti,
        seq=made.seq,
        sha256=made.sha256,
        kid=key.kid,
    )
    return made
