"""How many slots of each type an infrastructure has, brought to other numbers; a taken slot is never removed."""

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select, update

from store import slots
from store.desk import Act
from store.importing.comparing_slots import generated_name
from store.rules.environments import EnvironmentType
from store.rules.subscription_errors import TakenSlots
from store.slots import Environment
from store.tables import registrations
from store.tables import slots as slot_rows

Counts = Mapping[EnvironmentType, int]


def too_few(there: Sequence[Environment], wanted: Counts) -> tuple[TakenSlots, ...]:
    """The types of which more slots are taken than `wanted` says."""
    found = []
    for environment_type, count in wanted.items():
        taken = _taken(there, environment_type)
        if len(taken) > count:
            found.append(TakenSlots(environment_type, count, taken))
    return tuple(found)


def adjust(act: Act, infrastructure_id: int, wanted: Counts) -> None:
    """Add the slots that are missing and remove free ones that are too many, the newest first."""
    if not wanted:
        return
    there = slots.of_infrastructure(act.connection, infrastructure_id)
    names = {each.slot_name for each in there}
    for environment_type, count in wanted.items():
        have = [each for each in there if each.environment_type == environment_type]
        if count > len(have):
            _add(act, infrastructure_id, environment_type, count - len(have), names)
        elif count < len(have):
            _remove(act, infrastructure_id, environment_type, have, len(have) - count)


def _taken(there: Sequence[Environment], environment_type: EnvironmentType) -> tuple[tuple[str, str], ...]:
    of_type = [each for each in there if each.environment_type == environment_type]
    return tuple((each.slot_name, each.registration.serial) for each in of_type if each.registration)


def _add(
    act: Act, infrastructure_id: int, environment_type: EnvironmentType, missing: int, names: set[str]
) -> None:
    row = {"infrastructure_id": infrastructure_id, "environment_type": str(environment_type)}
    rows: list[dict[str, object]] = []
    number = 0
    while len(rows) < missing:
        number += 1
        name = generated_name(environment_type, number)
        if name not in names:
            names.add(name)
            rows.append({**row, "name": name})
    act.connection.execute(insert(slot_rows), rows)
    act.record("slots_added", "slots", infrastructure_id, **{str(environment_type): missing})


def _remove(
    act: Act,
    infrastructure_id: int,
    environment_type: EnvironmentType,
    have: Sequence[Environment],
    surplus: int,
) -> None:
    free = sorted((each.slot_id for each in have if each.registration is None), reverse=True)[:surplus]
    # Somebody may have registered in one since the slots were read; a taken slot is never removed.
    # The infrastructure is named once more, because it has an index of registrations, which a slot has not.
    here = registrations.c.infrastructure_id == slot_rows.c.infrastructure_id
    taken = select(registrations.c.id).where(
        here, registrations.c.slot_id == slot_rows.c.id, registrations.c.state.in_(("reserved", "open"))
    )
    removed = update(slot_rows).where(slot_rows.c.id.in_(free), ~taken.exists()).values(removed_at=act.now)
    gone = act.connection.execute(removed).rowcount
    act.record("slots_removed", "slots", infrastructure_id, **{str(environment_type): gone})
