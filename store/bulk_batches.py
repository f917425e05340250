"""Some rows of one infrastructure at a time: which slots they get, which rule speaks against them, and the writing.

The rules are those of registering a single environment; here their facts are read for many rows with few statements.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy.exc import IntegrityError

from store import entitlement, registrations, slots
from store.bulk_wishes import Outcome, Result, Wish, wrong
from store.desk import Act
from store.infrastructures import Infrastructure, Seen
from store.registration_rows import holders_of, insert_all, insert_registration, serial_refused, slot_taken
from store.rules.environments import EnvironmentType
from store.rules.errors import DeskError
from store.rules.sheet_errors import NoSlotLeft, SlotOfOtherType, SlotUnknown
from store.slots import Environment

_TRIES: Final = 3
_NONE_LEFT: Final = 2**62


@dataclass(frozen=True, slots=True)
class Given:
    """Which slots of an infrastructure are not to be chosen: those that rows name, and up to the last id given."""

    named: frozenset[str]
    last: Mapping[EnvironmentType, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with the slot that it gets, and whether it has been registered so before; or what speaks against it."""

    wish: Wish
    slot: Environment | None = None
    again: bool = False
    error: DeskError | None = None

    def outcome(self) -> Outcome:
        """What becomes of the row."""
        if self.error:
            return wrong(self.wish.row, self.error)
        name = self.slot.slot_name if self.slot else ""
        return Outcome(self.wish.row, Result.AGAIN if self.again else Result.REGISTERED, name)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, judged, and which slots are given after them."""

    rows: tuple[Judged, ...]
    given: Given


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rules ask for: who has the serial numbers, the slots that rows name, and free ones by type."""

    present: Mapping[str, Environment]
    named: Mapping[str, Environment]
    free: Mapping[EnvironmentType, Iterator[Environment]]
    given: Given


def judged(act: Act, infrastructure_id: int, wishes: Sequence[Wish], given: Given) -> Batch:
    """What the rules say of rows of one infrastructure at this moment."""
    try:
        seen = entitlement.seen_by_actor(act, infrastructure_id)
        entitlement.require_registering(act, seen)
    except DeskError as error:
        return Batch(tuple(Judged(each, error=error) for each in wishes), given)
    facts = _facts(act, infrastructure_id, wishes, given)
    return Batch(tuple(_judged(act, seen, each, facts) for each in wishes), facts.given)


def worked(
    act: Act, infrastructure_id: int, wishes: Sequence[Wish], given: Given
) -> tuple[list[Outcome], Given]:
    """Judge rows and register what can be; what was taken at this very moment is judged once more."""
    for _ in range(_TRIES):
        batch = judged(act, infrastructure_id, wishes, given)
        try:
            _open(act, batch.rows)
        except IntegrityError:
            continue
        return [each.outcome() for each in batch.rows], batch.given
    # Somebody registers the same all the time: row by row, each of them has its own answer.
    batch = judged(act, infrastructure_id, wishes, given)
    return [_opened(act, each).outcome() for each in batch.rows], batch.given


def _facts(act: Act, infrastructure_id: int, wishes: Sequence[Wish], given: Given) -> _Facts:
    """What the rules ask for, read again while somebody else registers these very rows or slots in between."""
    while True:
        facts, moved = _looked_up(act, infrastructure_id, wishes, given)
        if not moved:
            return facts


def _looked_up(act: Act, infrastructure_id: int, wishes: Sequence[Wish], given: Given) -> tuple[_Facts, bool]:
    """The facts, and whether some of them changed from one read to the next."""
    serials = [each.serial for each in wishes]
    present = holders_of(act.connection, serials)
    unnamed = [each for each in wishes if not each.row.slot and each.serial not in present]
    wanted = Counter(each.environment_type for each in unnamed)
    free = {kind: _free(act, infrastructure_id, kind, many, given) for kind, many in wanted.items()}
    ids = slots.named(act.connection, infrastructure_id, {each.row.slot for each in wishes if each.row.slot})
    chosen = [each for of_kind in free.values() for each in of_kind]
    held = slots.hold_all(act.connection, [*ids.values(), *chosen])
    moved = not all(each in held and held[each].registration is None for each in chosen)
    if len(chosen) < len(unnamed):
        # Slots are short, perhaps because somebody has just now registered these rows in them.
        moved = moved or bool(set(holders_of(act.connection, serials)) - set(present))
    facts = _Facts(
        present,
        {name: held[each] for name, each in ids.items() if each in held},
        {kind: iter([held[each] for each in of_kind if each in held]) for kind, of_kind in free.items()},
        replace(given, last={**given.last, **{kind: _last(free[kind], wanted[kind]) for kind in wanted}}),
    )
    return facts, moved


def _free(act: Act, infrastructure_id: int, kind: EnvironmentType, many: int, given: Given) -> list[int]:
    """The ids of that many free slots which no row names; fewer where there are not as many."""
    found: list[int] = []
    after, most = given.last.get(kind, 0), many + 1
    while len(found) < many:
        page = slots.free_after(act.connection, infrastructure_id, kind, after, most)
        found += [each.slot_id for each in page if each.slot_name not in given.named]
        if len(page) < most:
            break
        after = page[-1].slot_id
    return found[:many]


def _last(ids: Sequence[int], wanted: int) -> int:
    return ids[-1] if len(ids) == wanted else _NONE_LEFT


def _judged(act: Act, seen: Seen, wish: Wish, facts: _Facts) -> Judged:
    try:
        entitlement.require_version(seen.infrastructure, wish.version)
        slot = _slot(act, seen.infrastructure, wish, facts)
        present = facts.present.get(wish.serial)
        if present is not None:
            before = registrations.registered_before(act, seen, slot, present, wish.version)
            return Judged(wish, before.environment, again=True)
        if slot.registration:
            raise slot_taken(act, slot)
    except DeskError as error:
        return Judged(wish, error=error)
    return Judged(wish, slot)


def _slot(act: Act, infrastructure: Infrastructure, wish: Wish, facts: _Facts) -> Environment:
    """The slot of a row: the one it names, the one that its serial number has, or a free one."""
    if wish.row.slot:
        return _named(infrastructure, wish, facts)
    present = facts.present.get(wish.serial)
    if present is None:
        return _next(infrastructure, wish, facts)
    if present.infrastructure_id != infrastructure.id or present.environment_type != wish.environment_type:
        raise serial_refused(act, infrastructure.id, wish.serial)
    return present


def _named(infrastructure: Infrastructure, wish: Wish, facts: _Facts) -> Environment:
    slot = facts.named.get(wish.row.slot)
    if slot is None:
        raise SlotUnknown(wish.row.slot, infrastructure.name)
    if slot.environment_type is not wish.environment_type:
        raise SlotOfOtherType(slot.slot_name, slot.environment_type)
    return slot


def _next(infrastructure: Infrastructure, wish: Wish, facts: _Facts) -> Environment:
    slot = next(facts.free[wish.environment_type], None)
    if slot is None:
        manager = entitlement.manager(infrastructure)
        raise NoSlotLeft(infrastructure.id, infrastructure.name, wish.environment_type, manager)
    return slot


def _open(act: Act, rows: Sequence[Judged]) -> None:
    """Write the registrations of a batch together. Raises `IntegrityError`, and has written nothing then."""
    wanted = [
        (each.slot, each.wish.serial, str(each.wish.version))
        for each in rows
        if each.slot and not each.again and not each.error
    ]
    if not wanted:
        return
    ids = insert_all(act, wanted)
    act.record_all([registrations.entry(act, *each) for each in _with_ids(wanted, ids)])


def _with_ids(
    wanted: Sequence[tuple[Environment, str, str]], ids: Sequence[int]
) -> Iterator[tuple[Environment, int, str, str]]:
    for (slot, serial, version), registration_id in zip(wanted, ids, strict=True):
        yield slot, registration_id, serial, version


def _opened(act: Act, row: Judged) -> Judged:
    if row.error or row.again or row.slot is None:
        return row
    serial, version = row.wish.serial, str(row.wish.version)
    try:
        registration_id = insert_registration(act, row.slot, serial, version, "open")
    except DeskError as error:
        return replace(row, error=error)
    act.record_all([registrations.entry(act, row.slot, registration_id, serial, version)])
    return row
