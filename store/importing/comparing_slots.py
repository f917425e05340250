"""Slots in a document beside the database.

A document says how many slots of a type there are. Its names serve for new slots only: people rename their
slots in Slack, and a renamed slot must not become a second one.
"""

from collections.abc import Iterator, Sequence

from store.database import AnyRow
from store.importing.changes import Change, Id, Kind
from store.importing.content import InfrastructureEntry, SlotsEntry
from store.importing.context import Context
from store.rules.environments import EnvironmentType
from store.tables import slots

_LISTED = 10


def slots_of(context: Context, entry: InfrastructureEntry, infrastructure_id: Id) -> None:
    """Find the slots that are missing and those that are too many."""
    if entry.slots is None:
        return
    there = context.state.slots.get(infrastructure_id, []) if isinstance(infrastructure_id, int) else []
    names = {row.name for row in there}
    for environment_type, wanted in entry.slots.items():
        have = [row for row in there if row.environment_type == environment_type]
        if wanted.count > len(have):
            added = tuple(_new_names(wanted, wanted.count - len(have), environment_type, names))
            _add(context, entry, infrastructure_id, environment_type, added)
        elif wanted.count < len(have):
            _too_many(context, entry, wanted, have, infrastructure_id)


def remove_free(context: Context, infrastructure: AnyRow) -> None:
    """Remove every slot of an infrastructure; none of them is taken."""
    for row in context.state.slots.get(infrastructure.id, ()):
        context.remove(slots, row, f"{row.name} of {infrastructure.name}", infrastructure.id)


def generated_name(environment_type: EnvironmentType, number: int) -> str:
    """The name of a slot that nobody named."""
    return f"{environment_type.short} {number}"


def _new_names(
    wanted: SlotsEntry, missing: int, environment_type: EnvironmentType, taken: set[str]
) -> Iterator[str]:
    candidates = [name for name in wanted.names if name not in taken]
    number = 0
    for _ in range(missing):
        if candidates:
            name = candidates.pop(0)
        else:
            number, name = _next_number(environment_type, number, taken)
        taken.add(name)
        yield name


def _next_number(environment_type: EnvironmentType, number: int, taken: set[str]) -> tuple[int, str]:
    while True:
        number += 1
        name = generated_name(environment_type, number)
        if name not in taken:
            return number, name


def _add(
    context: Context,
    entry: InfrastructureEntry,
    infrastructure_id: Id,
    environment_type: EnvironmentType,
    names: tuple[str, ...],
) -> None:
    values: dict[str, object] = {
        "infrastructure_id": infrastructure_id,
        "environment_type": str(environment_type),
    }
    listed = ", ".join(names) if len(names) <= _LISTED else f"{names[0]} … {names[-1]}"
    words = f"{listed} of {entry.name}"
    change = Change(slots, Kind.ADDED, words, values, infrastructure=infrastructure_id, names=names)
    context.changes.append(change)


def _too_many(
    context: Context,
    entry: InfrastructureEntry,
    wanted: SlotsEntry,
    have: Sequence[AnyRow],
    infrastructure_id: Id,
) -> None:
    taken = [row for row in have if row.serial]
    if len(taken) > wanted.count:
        registered = ", ".join(f"{row.name} ({row.serial})" for row in taken)
        words = f"{wanted.count} slots, but {len(taken)} are taken; release {len(taken) - wanted.count} of {registered}"
        context.problem(wanted.place, words)
        return
    # The last ones go first; those that the document names stay if any do.
    free = sorted(
        (row for row in have if not row.serial), key=lambda row: (row.name in wanted.names, -row.id)
    )
    for row in free[: len(have) - wanted.count]:
        context.remove(slots, row, f"{row.name} of {entry.name}", infrastructure_id)
