"""Licenses: issued for a registration, kept encrypted, and the same bytes again while unchanged."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from store import entitlement, infrastructures, slots
from store.database import AnyRow
from store.desk import Act, Desk
from store.infrastructures import Infrastructure
from store.keys import SigningKey
from store.license_file import checksum, sign
from store.prepared import PreparedInsert
from store.rules.claims import LicenseFacts, claims, sameness, unchanged
from store.rules.key_states import KeyState
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


class Draft(NamedTuple):
    """What a license of a registration would say, and what decides whether it is the same as another one."""

    registration_id: int
    facts: LicenseFacts
    sameness: str


def issue(act: Act, registration_id: int) -> License:
    """Return the license of a registration: the newest one while it is unchanged, or else a new one.

    Raises `FilesHeld`, `NoSubscription` and `NoActiveKey`. The license is recorded in the act's transaction.
    """
    environment = slots.environment_of(act.connection, registration_id)
    # Two couriers may issue for one slot at once; the second waits here and then finds the first one's.
    act.connection.execute(
        select(slot_rows.c.id).where(slot_rows.c.id == environment.slot_id).with_for_update(key_share=True)
    )
    infrastructure = infrastructures.get(act.connection, environment.infrastructure_id)
    entitlement.require_signed(infrastructure)
    newest = act.connection.execute(_NEWEST.where(licenses.c.slot_id == environment.slot_id)).first()
    draft = draft_of(act, environment, infrastructure, newest)
    if newest and holds(draft, newest, infrastructure):
        return _license(newest)
    return _store(act, environment, draft)


def holds(draft: Draft, newest: AnyRow, infrastructure: Infrastructure) -> bool:
    """Whether the newest license of a slot is one of that registration and still says the same, with a trusted key.

    A license that was made before a suspension does not hold, whatever it says.
    """
    kept = newest.registration_id == draft.registration_id and newest.id > (
        infrastructure.licenses_after or 0
    )
    compromised = newest.key_state == "compromised"
    return kept and unchanged(draft.sameness, newest.sameness, key_compromised=compromised)


def newest_in(connection: Connection, slot_ids: Collection[int]) -> dict[int, AnyRow]:
    """What a next license follows in each of these slots: the newest one, of whatever registration, if there is any."""
    of_slot = licenses.alias("of_slot")
    newest = select(func.max(of_slot.c.seq)).where(of_slot.c.slot_id == slot_rows.c.id).scalar_subquery()
    query = (
        select(*_FOLLOWED)
        .select_from(slot_rows)
        .join(licenses, (licenses.c.slot_id == slot_rows.c.id) & (licenses.c.seq == newest))
        .join(signing_keys, signing_keys.c.id == licenses.c.key_id)
    )
    rows = connection.execute(query.where(slot_rows.c.id.in_(slot_ids)))
    return {row.slot_id: row for row in rows}


def newest_of(connection: Connection, registration_id: int) -> License | None:
    """The newest license of a registration, or `None` while there is none."""
    row = connection.execute(_NEWEST.where(licenses.c.registration_id == registration_id)).first()
    return None if row is None else _license(row)


def get(connection: Connection, license_id: int) -> License:
    """The license of that id; it exists, because other rows refer to it."""
    return _license(connection.execute(_NEWEST.where(licenses.c.id == license_id)).one())


def is_trusted(connection: Connection, license_id: int) -> bool:
    """Whether the key that signed a license may be believed."""
    query = select(signing_keys.c.state).join(licenses, licenses.c.key_id == signing_keys.c.id)
    state = connection.execute(query.where(licenses.c.id == license_id)).scalar_one()
    return KeyState(state).trusted


def text_of(desk: Desk, connection: Connection, license_id: int) -> bytes:
    """The bytes of the license file. Raises `VaultClosed` when the master keys do not open it."""
    sealed = connection.execute(
        select(licenses.c.text_encrypted).where(licenses.c.id == license_id)
    ).scalar_one()
    return desk.vault.decrypt(sealed)


ROWS = PreparedInsert(licenses)
"""Many licenses at once: rows as `row_of` makes them."""
_DECISIVE = (licenses.c.sameness, signing_keys.c.state.label("key_state"))
_COLUMNS = (*(licenses.c[name] for name in License.__slots__), *_DECISIVE)
# Without moments, whose reading takes longer than that of all the rest.
_FOLLOWED = (
    *(licenses.c[name] for name in ("id", "jti", "registration_id", "slot_id", "seq")),
    *_DECISIVE,
)
_NEWEST = (
    select(*_COLUMNS)
    .join(signing_keys, signing_keys.c.id == licenses.c.key_id)
    .order_by(licenses.c.seq.desc())
    .limit(1)
)


def _license(row: AnyRow) -> License:
    return License(*tuple(row)[: len(License.__slots__)])


def draft_of(
    act: Act, environment: Environment, infrastructure: Infrastructure, newest: AnyRow | None
) -> Draft:
    """What a license made now for a registered environment says; `newest` is the newest one of its slot.

    Raises `NoSubscription`.
    """
    registration, term = environment.registration, infrastructure.term
    edition, highest = infrastructure.edition, infrastructure.highest_version
    if registration is None:
        message = "a license is for a registration"
        raise ValueError(message)
    if term is None or edition is None or highest is None:
        raise NoSubscription(infrastructure.id, infrastructure.name)
    facts = LicenseFacts(
        issuer=act.desk.policy.vendor,
        audience=infrastructure.product.audience,
        slot_id=environment.slot_id,
        jti=_new_id(act.now),
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
        declared=_declared(registration.platform_version),
        highest=highest,
        seq=newest.seq + 1 if newest else 1,
        replaces=newest.jti if newest else None,
    )
    return Draft(registration.id, facts, sameness(facts))


def _new_id(now: datetime) -> str:
    """A random UUID of version 7 (RFC 9562, section 5.7).

    Those made one after the other stand beside each other in their index: with ids that are random from the start
    each license would write a page of its own there.
    """
    moment = int(now.timestamp() * 1000) << 80
    random = int.from_bytes(os.urandom(10), "big")
    versioned = (moment | random) & ~(0xF000_C000 << 48) | (0x7000_8000 << 48)
    written = f"{versioned:032x}"
    return f"{written[:8]}-{written[8:12]}-{written[12:16]}-{written[16:20]}-{written[20:]}"


@lru_cache(maxsize=1024)
def _declared(platform_version: str) -> str:
    # Reading a version takes as long as signing; the environments of an infrastructure share a few of them.
    return parse_version(platform_version).declared


def row_of(act: Act, draft: Draft, key: SigningKey) -> dict[str, Any]:
    """The row of a license that says what `draft` does, signed with `key`."""
    facts = draft.facts
    text = sign(claims(facts), key)
    return {
        "jti": facts.jti,
        "registration_id": draft.registration_id,
        "slot_id": facts.slot_id,
        "seq": facts.seq,
        "key_id": key.id,
        "not_before": facts.not_before,
        "license_end": facts.license_end,
        "expires_at": facts.expires_at,
        "sameness": draft.sameness,
        "text_encrypted": act.desk.vault.encrypt(text.encode()),
        "sha256": checksum(text),
        "issued_at": act.now,
        "replaces": facts.replaces,
    }


def _store(act: Act, environment: Environment, draft: Draft) -> License:
    key = act.desk.keys.active(act.connection)
    values = row_of(act, draft, key)
    returned = [licenses.c[name] for name in License.__slots__]
    made = _license(act.connection.execute(insert(licenses).values(values).returning(*returned)).one())
    act.record(
        "issue_license",
        f"slot {made.slot_id}",
        environment.infrastructure_id,
        jti=made.jti,
        seq=made.seq,
        sha256=made.sha256,
        kid=key.kid,
    )
    return made
