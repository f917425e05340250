"""Renames of slots: people call their environments what they like, and no license file changes by it."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from store import entitlement, slots, telling
from store.database import violated
from store.desk import Act, intention
from store.infrastructures import Infrastructure, not_associated
from store.request_changes import redraw_waiting
from store.rules.rights import RELEASERS, RoleName
from store.rules.seeing_errors import NoRight
from store.rules.slot_errors import NameTaken, slot_name
from store.slots import Environment
from store.tables import infrastructures
from store.tables import slots as slot_rows


@dataclass(frozen=True, slots=True)
class Renamed:
    """A slot with its new name, and the one `before`; both are the same when nothing has changed."""

    environment: Environment
    infrastructure: Infrastructure
    before: str


@intention
def rename(act: Act, slot_id: int, name: str) -> Renamed:
    """Give a slot another name, which is unique in its infrastructure; in ended terms, too.

    Raises `NameMissing`, `NameTooLong`, `NameTaken`, `NoRight` and `NotAssociated`.
    """
    slot = slots.get_slot(act.connection, slot_id)
    if slot is None:
        raise not_associated(act.connection, act.actor.person_id)
    seen = entitlement.seen_by_actor(act, slot.infrastructure_id)
    if not seen.rights.renames:
        who_may = entitlement.names_of(act, seen.infrastructure.id, RELEASERS - {RoleName.OPERATOR})
        raise NoRight(seen.infrastructure.id, f"slot {slot_id}", "rename", who_may)
    wanted = slot_name(name)
    before = _write(act, slot, wanted)
    if before != wanted:
        _record(act, slot, before, wanted)
    renamed = slots.get_slot(act.connection, slot_id) or slot
    return Renamed(renamed, seen.infrastructure, before)


def _write(act: Act, slot: Environment, name: str) -> str:
    """Write the name and give the one before, read again under the lock of the infrastructure."""
    # One rename at a time: names that differ only in capitals count as one, which no constraint says.
    place = select(infrastructures.c.id).where(infrastructures.c.id == slot.infrastructure_id)
    act.connection.execute(place.with_for_update(key_share=True))
    row = select(slot_rows.c.name).where(slot_rows.c.id == slot.slot_id).with_for_update(key_share=True)
    before: str = act.connection.execute(row).scalar_one()
    if before == name:
        return before
    same = select(slot_rows.c.name).where(
        slot_rows.c.infrastructure_id == slot.infrastructure_id,
        slot_rows.c.removed_at.is_(None),
        slot_rows.c.id != slot.slot_id,
        func.lower(slot_rows.c.name) == name.lower(),
    )
    other = act.connection.execute(same.limit(1)).scalar_one_or_none()
    if other is not None:
        raise NameTaken(other)
    try:
        with act.connection.begin_nested():
            act.connection.execute(update(slot_rows).where(slot_rows.c.id == slot.slot_id).values(name=name))
    except IntegrityError as error:
        # Two people may give one name to two slots at once, and both find it free.
        if violated(error, "uq_slots_name", "slots.infrastructure_id", "slots.name"):
            raise NameTaken(name) from None
        raise
    return before


def _record(act: Act, slot: Environment, before: str, name: str) -> None:
    registration = slot.registration
    if registration:
        redraw_waiting(act, registration.id)
    act.record("rename", f"slot {slot.slot_id}", slot.infrastructure_id, **{"from": before, "to": name})
    telling.tell_of_change(
        act,
        "renamed",
        slot.infrastructure_id,
        f"renamed:{slot.slot_id}:{act.now.isoformat()}",
        also=[registration.registrant_id] if registration else [],
        place_id=slot.infrastructure_id,
        actor_id=act.actor.person_id,
        before=before,
        name=name,
    )
