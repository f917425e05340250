"""Uploading a license file that the vendor made, for a registration."""

from dataclasses import dataclass

from sqlalchemy import func, insert, select

from store import awaited_files, entitlement, held_files, sealed_files, slots
from store.desk import Act, Actor, Desk, intention
from store.held_files import HeldFile
from store.infrastructures import Infrastructure, Seen, not_associated, seen
from store.license_file import checksum_of
from store.registration_rows import holder_of
from store.request_changes import hold_registrations, redraw_waiting
from store.rules.errors import Named
from store.rules.held_file_errors import FilesSigned, NamesAnother, SerialNotNamed
from store.rules.held_files import cleaned_name, media_type, names, require_taken, serials_in, text_of
from store.rules.registration_errors import CloudNeedsNothing, NotRegistered
from store.rules.rights import DIRECT
from store.rules.seeing_errors import NoRight
from store.rules.serials import parse_serial
from store.slots import RESERVED_OR_OPEN, Environment, Registration
from store.tables import held_files as rows
from store.tables import registrations
from store.telling import tell_of_change


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What an upload came to.

    `again`: the newest file was this one already. `sent` is how many deliveries that waited for it go on.
    """

    file: HeldFile
    environment: Environment
    infrastructure: Infrastructure
    again: bool = False
    sent: int = 0


@dataclass(frozen=True, slots=True)
class _Given:
    """A file as it was given, looked at and sealed before anything is held in the database."""

    name: str
    size: int
    sha256: str
    text: str | None
    serials: frozenset[str]
    sealed: bytes


def add(
    desk: Desk, actor: Actor, registration_id: int, name: str, content: bytes, *, confirmed: bool = False
) -> Uploaded:
    """Keep a file for a registration, as its newest one; what waited for it is delivered.

    The same bytes again are the same answer. A file that is text has to name the serial number of the
    environment, unless it is `confirmed` that it is the right one all the same; it never names another
    environment's. Raises `HeldFileEmpty`, `HeldFileTooLarge`, `HeldFileEnding`, `NotOneEnvironment`,
    `SerialNotNamed`, `NamesAnother`, `FilesSigned`, `NoRight`, `NotRegistered`, and the refusals of seeing and
    of terms.
    """
    cleaned = cleaned_name(name)
    require_taken(cleaned, len(content), desk.policy.held_file_endings, desk.policy.held_file_largest)
    text = text_of(content)
    serials = frozenset[str]() if text is None else serials_in(text)
    sealed = sealed_files.seal(desk.vault, content)
    given = _Given(cleaned, len(content), checksum_of(content), text, serials, sealed)
    return upload_file(desk, actor, registration_id, given, confirmed=confirmed)


def registration_of(desk: Desk, actor: Actor, serial: str) -> int:
    """The open registration of a serial number that the actor sees.

    Raises the field errors of serial numbers, and `NotAssociated` whether it exists or not.
    """
    number = parse_serial(serial)
    with desk.database.read() as connection:
        found = holder_of(connection, number)
        if found is None or found.registration is None or actor.person_id is None:
            raise not_associated(connection, actor.person_id)
        seen(connection, actor.person_id, found.infrastructure_id)
    return found.registration.id


@intention
def upload_file(act: Act, registration_id: int, given: _Given, *, confirmed: bool) -> Uploaded:
    """Keep a file that was looked at; `add` says what it raises."""
    environment, registration, place = _held_open(act, registration_id)
    named = _require_fitting(act, environment, registration, given, confirmed=confirmed)
    newest = held_files.newest_of(act.connection, registration_id)
    if newest is not None and newest.sha256 == given.sha256:
        return Uploaded(newest, environment, place.infrastructure, again=True)
    made = _insert(act, registration_id, given, named)
    sent = awaited_files.go_on(act, registration_id)
    redraw_waiting(act, registration_id)
    _tell(act, registration, made)
    facts = {"registration": registration_id, "version": made.version, "sha256": made.sha256, "named": named}
    act.record("upload_file", f"slot {environment.slot_id}", environment.infrastructure_id, **facts)
    return Uploaded(made, environment, place.infrastructure, sent=sent)


def _require_uploading(act: Act, own: Seen) -> None:
    """Raise `NoRight`, `CloudNeedsNothing`, `FilesSigned` and the refusals of terms when no file is taken there."""
    infrastructure = own.infrastructure
    if not own.rights.gets_files_directly:
        who_may = entitlement.names_of(act, infrastructure.id, DIRECT)
        raise NoRight(infrastructure.id, "license files", "upload", who_may)
    if infrastructure.is_cloud:
        raise CloudNeedsNothing(infrastructure.id, infrastructure.name)
    if not held_files.are_held(infrastructure):
        raise FilesSigned(infrastructure.id, infrastructure.name)
    entitlement.require_term(act, infrastructure)


def _held_open(act: Act, registration_id: int) -> tuple[Environment, Registration, Seen]:
    """The environment, which nobody ends and for which nobody else uploads until the act ends."""
    found, own = entitlement.registration_seen(act, registration_id)
    _require_uploading(act, own)
    hold_registrations(act.connection, [registration_id], to_end=True)
    environment = slots.environment_of(act.connection, registration_id)
    registration = environment.registration
    if registration is None or registration.state != "open":
        raise NotRegistered(found.infrastructure_id, Named(found.slot_id, found.slot_name))
    return environment, registration, own


def _require_fitting(
    act: Act, environment: Environment, registration: Registration, given: _Given, *, confirmed: bool
) -> bool | None:
    """Whether a file names its serial number. Raises `NamesAnother`, and `SerialNotNamed` until confirmed."""
    if given.text is None:
        return None
    _require_no_other(act, environment, given.serials - {registration.serial})
    named = names(given.text, registration.serial)
    if not named and not confirmed:
        raise SerialNotNamed(registration.serial)
    return named


def _require_no_other(act: Act, environment: Environment, serials: frozenset[str]) -> None:
    query = select(registrations.c.id).where(
        registrations.c.serial.in_(serials), RESERVED_OR_OPEN, registrations.c.slot_id != environment.slot_id
    )
    found = act.connection.execute(query.limit(1)).scalar_one_or_none() if serials else None
    if found is None:
        return
    other = slots.environment_of(act.connection, found)
    here = other.infrastructure_id == environment.infrastructure_id
    raise NamesAnother(
        environment.infrastructure_id,
        Named(environment.slot_id, environment.slot_name),
        other.registration.serial if other.registration else "",
        Named(other.slot_id, other.slot_name) if here else None,
        found,
    )


def _insert(act: Act, registration_id: int, given: _Given, named: bool | None) -> HeldFile:
    last = select(func.max(rows.c.version)).where(rows.c.registration_id == registration_id)
    values = {
        "registration_id": registration_id,
        "version": (act.connection.execute(last).scalar_one() or 0) + 1,
        "name": given.name,
        "media_type": media_type(given.name),
        "size": given.size,
        "sha256": given.sha256,
        "names_serial": named,
        "content_encrypted": given.sealed,
        "uploaded_by": act.actor.person_id,
        "uploaded_at": act.now,
    }
    made = act.connection.execute(insert(rows).values(values).returning(rows.c.id)).scalar_one()
    return held_files.get(act.connection, made)


def _tell(act: Act, registration: Registration, made: HeldFile) -> None:
    tell_of_change(
        act,
        "held_file_uploaded",
        registration.infrastructure_id,
        f"held_file_uploaded:{made.id}",
        also=[registration.registrant_id],
        registration_id=registration.id,
        actor_id=act.actor.person_id,
        held_file_id=made.id,
    )
