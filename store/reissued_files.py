"""Re-issued files at their delivery: who may have them is asked again, and who got them is recorded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from store import audit, infrastructures, licenses
from store.database import AnyRow
from store.deliveries import Delivery
from store.delivery_claims import failed, sent
from store.desk import Act, Desk, intention
from store.infrastructures import Infrastructure
from store.license_file import file_name
from store.reissue_recipients import licensed, recipients
from store.reissuing import queue_for
from store.request_changes import file_waits_until
from store.rules.environments import EnvironmentType
from store.tables import licenses as license_rows
from store.tables import registrations, reissues
from store.tables import slots as slot_rows
from store.validity import of_signing


@dataclass(frozen=True, slots=True)
class ReissuedFile:
    """One file: its license, the environment that it is for, and its name."""

    license_id: int
    slot_name: str
    environment_type: EnvironmentType
    serial: str
    sha256: str
    license_end: datetime | None
    expires_at: datetime | None

    @property
    def file_name(self) -> str:
        """The name of the license file."""
        return file_name(self.serial)


@dataclass(frozen=True, slots=True)
class Ready:
    """Files that may be sent now, and to whom."""

    person_ids: tuple[int, ...]
    license_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Files that wait for the start of the term."""

    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """Nobody may have these files any more; the delivery is ended."""

    cause: str


Checked = Ready | NotBefore | Closed


@intention
def prepare(act: Act, delivery: Delivery) -> Checked:
    """Ask again who may have the files of a delivery, and give them with those who get exactly the same.

    Who gets others than the first one by now has a delivery of their own from here on; who may have none is left
    out. Raises `LeaseLost`.
    """
    infrastructure = _infrastructure(act.connection, delivery)
    cause = of_signing(infrastructure, act.now)
    if cause is not None:
        return _closed(act, delivery, infrastructure, str(cause))
    waits_until = file_waits_until(infrastructure, act.now)
    if waits_until is not None:
        return NotBefore(waits_until)
    allowed = _allowed(act, delivery, infrastructure)
    if not allowed:
        return _closed(act, delivery, infrastructure, "requester_without_role")
    first = next(iter(allowed.values()))
    for person_id in [each for each, ids in allowed.items() if ids != first]:
        queue_for(act, delivery.facts["reissue_id"], [person_id], apart=True)
    return Ready(tuple(each for each, ids in allowed.items() if ids == first), first)


@intention
def shared(
    act: Act,
    delivery: Delivery,
    person_ids: Sequence[int],
    license_ids: Sequence[int],
    missing: Sequence[int],
) -> None:
    """Record that Slack shared these files with people; those `missing` get a delivery of their own.

    Raises `LeaseLost`.
    """
    for person_id in missing:
        queue_for(act, delivery.facts["reissue_id"], [person_id], apart=True)
    infrastructure = _infrastructure(act.connection, delivery)
    rows = act.connection.execute(select(license_rows).where(license_rows.c.id.in_(license_ids))).all()
    entries = [_entry(act, infrastructure.id, row, person) for person in person_ids for row in rows]
    act.record_all(entries)
    sent(act, delivery)


def cause_of(connection: Connection, delivery: Delivery) -> str:
    """What the files were made anew for: `renewal`, `reinstatement` or `compromise`."""
    return str(_reissue(connection, delivery).cause)


def infrastructure_of(connection: Connection, delivery: Delivery) -> Infrastructure:
    """The infrastructure whose files a delivery carries."""
    return _infrastructure(connection, delivery)


def files(connection: Connection, license_ids: Collection[int]) -> list[ReissuedFile]:
    """The files of these licenses, in the order of their slots."""
    query = (
        select(
            license_rows.c.id,
            slot_rows.c.name,
            slot_rows.c.environment_type,
            registrations.c.serial,
            license_rows.c.sha256,
            license_rows.c.license_end,
            license_rows.c.expires_at,
        )
        .join(registrations, registrations.c.id == license_rows.c.registration_id)
        .join(slot_rows, slot_rows.c.id == license_rows.c.slot_id)
        .where(license_rows.c.id.in_(license_ids))
        .order_by(slot_rows.c.id)
    )
    found = [ReissuedFile(*row) for row in connection.execute(query)]
    return [replace(each, environment_type=EnvironmentType(each.environment_type)) for each in found]


def content(desk: Desk, connection: Connection, file: ReissuedFile) -> bytes:
    """The bytes of a file. Raises `VaultClosed`."""
    return licenses.text_of(desk, connection, file.license_id)


def _allowed(act: Act, delivery: Delivery, infrastructure: Infrastructure) -> dict[int, tuple[int, ...]]:
    """Those whom the delivery is for, in its order, with the licenses that each may have now."""
    after = _reissue(act.connection, delivery).licenses_after
    now = recipients(act.connection, infrastructure.id, licensed(act.connection, infrastructure.id, after))
    by_person = {each.person.id: each.license_ids for each in now}
    return {each: by_person[each] for each in delivery.facts["person_ids"] if each in by_person}


def _closed(act: Act, delivery: Delivery, infrastructure: Infrastructure, cause: str) -> Closed:
    failed(act, delivery, f"closed:{cause}")
    people = list(delivery.facts["person_ids"])
    act.record("close_reissue", f"delivery {delivery.id}", infrastructure.id, cause=cause, people=people)
    return Closed(cause)


def _reissue(connection: Connection, delivery: Delivery) -> AnyRow:
    query = select(*reissues.c).where(reissues.c.id == delivery.facts["reissue_id"])
    return connection.execute(query).one()


def _infrastructure(connection: Connection, delivery: Delivery) -> Infrastructure:
    return infrastructures.get(connection, _reissue(connection, delivery).infrastructure_id)


def _entry(act: Act, infrastructure_id: int, row: AnyRow, person_id: int) -> audit.Entry:
    facts = {"jti": row.jti, "seq": row.seq, "sha256": row.sha256, "recipient": person_id}
    actor, subject = act.actor, f"slot {row.slot_id}"
    return audit.Entry(infrastructure_id, actor.person_id, actor.source, "deliver", subject, facts)
