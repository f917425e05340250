"""License files that the vendor made, kept for registrations in versions; the newest one counts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, or_, select

from store import sealed_files
from store.desk import Desk
from store.infrastructures import Infrastructure
from store.reach import reach
from store.rules.rights import DIRECT, HeldRole
from store.rules.serials import is_serial, parse_serial
from store.tables import held_files, infrastructures, persons, registrations, slots

HELD = "held"
"""What an infrastructure's `files` are where the vendor makes them."""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of the vendor's. `size` is in bytes; `sha256` is of its bytes, in hex.

    `version` counts in its registration, from 1. `names_serial` says whether it names its serial number; it is
    absent where the file is no text.
    """

    id: int
    registration_id: int
    version: int
    name: str
    media_type: str
    size: int
    sha256: str
    names_serial: bool | None
    uploaded_by: int
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A file with the names of what it is for, and of who uploaded it."""

    file: HeldFile
    serial: str
    slot: str
    infrastructure: str
    uploaded_by: str


_COLUMNS = tuple(held_files.c[name] for name in HeldFile.__slots__)


def are_held(infrastructure: Infrastructure) -> bool:
    """Whether the vendor makes the license files of an infrastructure."""
    return infrastructure.files == HELD


def are_held_somewhere(connection: Connection, held: Iterable[HeldRole]) -> bool:
    """Whether the vendor makes the license files of an infrastructure in which somebody may upload them."""
    query = select(infrastructures.c.id).where(
        reach(held, DIRECT).condition(), infrastructures.c.files == HELD, infrastructures.c.hosting != "cloud"
    )
    return connection.execute(query.limit(1)).first() is not None


def awaited_in(connection: Connection, infrastructure_ids: Collection[int]) -> set[int]:
    """Those of some infrastructures in which a registered environment has no file of the vendor's yet."""
    if not infrastructure_ids:
        return set()
    there = exists().where(held_files.c.registration_id == registrations.c.id)
    query = select(registrations.c.infrastructure_id).where(
        registrations.c.infrastructure_id.in_(infrastructure_ids), registrations.c.state == "open", ~there
    )
    return set(connection.execute(query.distinct()).scalars())


def get(connection: Connection, held_file_id: int) -> HeldFile:
    """The file of that id; it exists, because other rows refer to it."""
    return HeldFile(*connection.execute(select(*_COLUMNS).where(held_files.c.id == held_file_id)).one())


def newest_of(connection: Connection, registration_id: int) -> HeldFile | None:
    """The newest file of a registration, or `None` while there is none."""
    return newest_of_each(connection, [registration_id]).get(registration_id)


def newest_of_each(connection: Connection, registration_ids: Collection[int]) -> dict[int, HeldFile]:
    """The newest files of several registrations, by registration id; those without one are absent."""
    of_each = select(*_COLUMNS).where(held_files.c.registration_id.in_(registration_ids))
    rows = connection.execute(of_each.order_by(held_files.c.version)) if registration_ids else ()
    return {row.registration_id: HeldFile(*row) for row in rows}


def listing(connection: Connection, name: str = "") -> list[Listed]:
    """Every file, newest first, or those of a serial number or of the infrastructures called like that."""
    query = (
        select(*_COLUMNS, registrations.c.serial, slots.c.name, infrastructures.c.name, persons.c.name)
        .join(registrations, registrations.c.id == held_files.c.registration_id)
        .join(slots, slots.c.id == registrations.c.slot_id)
        .join(infrastructures, infrastructures.c.id == registrations.c.infrastructure_id)
        .join(persons, persons.c.id == held_files.c.uploaded_by)
        .order_by(held_files.c.id.desc())
    )
    if is_serial(name):
        query = query.where(registrations.c.serial == parse_serial(name))
    elif name:
        query = query.where(or_(infrastructures.c.name == name, infrastructures.c.activation_code == name))
    many = len(_COLUMNS)
    return [Listed(HeldFile(*row[:many]), *row[many:]) for row in connection.execute(query)]


def content_of(desk: Desk, connection: Connection, held_file_id: int) -> bytes:
    """The bytes of a file as they were uploaded. Raises `VaultClosed` when the master keys do not open it."""
    sealed = select(held_files.c.content_encrypted).where(held_files.c.id == held_file_id)
    return sealed_files.unseal(desk.vault, connection.execute(sealed).scalar_one())
