"""At delivery everything is checked again, and the license is made from the state at that moment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from store import held_files, infrastructures, licenses, people
from store.awaited_files import LOOKED_AT_AGAIN
from store.database import AnyRow
from store.deliveries import Delivery
from store.delivery_claims import failed, put_off, sent
from store.desk import Act, intention
from store.held_files import HeldFile
from store.infrastructures import Infrastructure
from store.licenses import License
from store.request_changes import announce, file_waits_until, hold_registrations, record
from store.rules.request_states import HAS_FILE, Cause, ItemState
from store.rules.rights import RoleName
from store.serial_changes import NOT_FORWARDED
from store.tables import registrations, request_items, requests
from store.telling import tell, tell_of_change
from store.validity import of_infrastructure, of_requester
from store.workflow_steps import DELIVERED, end_steps


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A file that may be sent now: its license, or the vendor's file, and the bytes of the file."""

    license: License | HeldFile
    content: bytes


@dataclass(frozen=True, slots=True)
class NotBefore:
    """A file that has to wait for the start of the term."""

    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Awaited:
    """A file of the vendor's that is not there yet; its delivery was put off until it is."""


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """A file that must not be sent; its item is closed and everybody was told."""

    cause: Cause | None


Checked = Deliverable | NotBefore | Awaited | Undeliverable


@intention
def prepare(act: Act, delivery: Delivery) -> Checked:
    """Check an item again, and give its file.

    The license is made at the first attempt; later ones give the same bytes, as long as its key is trusted. An item
    that may not be delivered is closed with its cause, its card redrawn, requester and decider told, and the delivery
    ended.
    """
    item = _item(act, delivery)
    # A release at the same moment either waits for this, or has ended the registration before it is read.
    hold_registrations(act.connection, [_registration_of(item)], to_end=False)
    people.hold(act.connection, item.requester_id)
    checked = check(act, item.id)
    if isinstance(checked, Undeliverable):
        _close(act, item, checked)
        failed(act, delivery, f"closed:{checked.cause or item.state}")
    if isinstance(checked, Awaited):
        # In this act, since an upload waits for it to end, and then finds what it has to wake.
        put_off(act, delivery, act.now + LOOKED_AT_AGAIN)
    return checked


def check(act: Act, item_id: int) -> Checked:
    """Say whether the file of an item may be sent now, and give it; the license is made when it has none."""
    item = act.connection.execute(_ITEM.where(request_items.c.id == item_id)).one()
    if ItemState(item.state) not in HAS_FILE:
        return Undeliverable(None)
    infrastructure = infrastructures.get(act.connection, item.infrastructure_id)
    cause = _cause(act, item, infrastructure)
    if cause is not None:
        return Undeliverable(cause)
    waits_until = file_waits_until(infrastructure, act.now)
    if waits_until is not None:
        return NotBefore(waits_until)
    return _held_file(act, item) if held_files.are_held(infrastructure) else _file(act, item)


@intention
def shared(act: Act, delivery: Delivery) -> None:
    """Record that Slack shared the file in the conversation: only now it counts as delivered."""
    item = _item(act, delivery)
    first = (request_items.c.id == item.id, request_items.c.delivered_at.is_(None))
    news = act.connection.execute(update(request_items).where(*first).values(delivered_at=act.now)).rowcount
    if news:
        announce(act, item.request_id, "delivered", [item.id], tell_requester=False)
        end_steps(act, [item.id], DELIVERED)
        _tell_of_operator(act, item)
    _record(act, item, delivery)
    sent(act, delivery)


_ITEM = select(
    request_items.c.id,
    request_items.c.request_id,
    request_items.c.requester_id,
    request_items.c.decider_id,
    request_items.c.state,
    request_items.c.license_id,
    request_items.c.held_file_id,
    request_items.c.registration_id,
    request_items.c.reserved_id,
    requests.c.infrastructure_id,
).join(requests, requests.c.id == request_items.c.request_id)


def _item(act: Act, delivery: Delivery) -> AnyRow:
    return act.connection.execute(_ITEM.where(request_items.c.id == delivery.item_id)).one()


def _registration_of(item: AnyRow) -> int:
    """The registration that the file is for: of a serial change, the new one."""
    return int(item.registration_id if item.reserved_id is None else item.reserved_id)


def _cause(act: Act, item: AnyRow, infrastructure: Infrastructure) -> Cause | None:
    # A file that nobody forwarded needs the right to have it, not only the right to ask.
    taken = item.state == ItemState.DIRECT
    lost = of_requester(
        act.connection,
        item.requester_id,
        infrastructure,
        lambda rights: rights.gets_files_directly if taken else rights.registers,
    )
    return lost or of_infrastructure(infrastructure, act.now) or _registration_cause(act, item)


def _registration_cause(act: Act, item: AnyRow) -> Cause | None:
    query = select(registrations.c.state).where(registrations.c.id == _registration_of(item))
    state = act.connection.execute(query).scalar_one()
    if state == "open":
        return None
    # Looked for in its infrastructure, since what takes the place of a registration is found by no index.
    followed = select(registrations.c.id).where(
        registrations.c.infrastructure_id == item.infrastructure_id,
        registrations.c.replaces_id == _registration_of(item),
        registrations.c.state != "reserved",
        func.coalesce(registrations.c.end_reason, "") != NOT_FORWARDED,
    )
    return Cause.SERIAL_CHANGED if act.connection.execute(followed).first() else Cause.RELEASED


def _file(act: Act, item: AnyRow) -> Deliverable:
    if item.license_id is not None and licenses.is_trusted(act.connection, item.license_id):
        license_ = licenses.get(act.connection, item.license_id)
    else:
        # There is none yet, or a key signed it that was found compromised since, so that nobody would believe it.
        license_ = licenses.issue(act, _registration_of(item))
        _give(act, item, license_id=license_.id, held_file_id=None)
    return Deliverable(license_, licenses.text_of(act.desk, act.connection, license_.id))


def _held_file(act: Act, item: AnyRow) -> Deliverable | Awaited:
    """The newest file of the vendor's at the first attempt; later ones give the same."""
    if item.held_file_id is not None:
        given = held_files.get(act.connection, item.held_file_id)
    else:
        newest = held_files.newest_of(act.connection, _registration_of(item))
        if newest is None:
            return Awaited()
        given = newest
        _give(act, item, held_file_id=given.id)
    return Deliverable(given, held_files.content_of(act.desk, act.connection, given.id))


def _give(act: Act, item: AnyRow, **file: int | None) -> None:
    act.connection.execute(update(request_items).where(request_items.c.id == item.id).values(file))


def _close(act: Act, item: AnyRow, undeliverable: Undeliverable) -> None:
    """Close an item that may not be delivered, unless it was closed or withdrawn before."""
    if undeliverable.cause is None:
        return
    cause = str(undeliverable.cause)
    values = {"state": "closed", "cause": cause}
    act.connection.execute(update(request_items).where(request_items.c.id == item.id).values(values))
    record(act, "close", item.infrastructure_id, item.request_id, [item.id], cause=cause)
    announce(act, item.request_id, "closed", [item.id])
    end_steps(act, [item.id], str(ItemState.CLOSED))
    if item.decider_id is not None:
        facts = {"request_id": item.request_id, "item_ids": [item.id]}
        tell(act, "closed", [item.decider_id], f"closed:item:{item.id}:decider", **facts)


def _tell_of_operator(act: Act, item: AnyRow) -> None:
    rights = people.rights_in(act.connection, item.requester_id, item.infrastructure_id)
    if item.state == ItemState.DIRECT and RoleName.OPERATOR in rights.roles and rights.acts_as_operator_only:
        facts = {"item_id": item.id, "request_id": item.request_id, "operator_id": item.requester_id}
        occasion = f"operator_took_file:{item.id}"
        tell_of_change(act, "operator_took_file", item.infrastructure_id, occasion, **facts)


def _record(act: Act, item: AnyRow, delivery: Delivery) -> None:
    record(
        act,
        "deliver",
        item.infrastructure_id,
        item.request_id,
        [item.id],
        **_which(act, item),
        recipient=delivery.person_id,
        decider=item.decider_id,
    )


def _which(act: Act, item: AnyRow) -> dict[str, object]:
    """What the record says of the file that was sent."""
    if item.held_file_id is not None:
        held = held_files.get(act.connection, item.held_file_id)
        return {"held_file": held.id, "version": held.version, "sha256": held.sha256}
    made = licenses.get(act.connection, item.license_id)
    return {"jti": made.jti, "seq": made.seq, "sha256": made.sha256}
