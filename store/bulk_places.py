"""Which infrastructures the rows of a table name: by name or activation code, among those that somebody sees."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, func, or_, select

from store.bulk_wishes import Outcome, Wish, wrong
from store.reach import Reach
from store.rules.errors import FieldError
from store.rules.serials import parse_activation_code
from store.rules.sheet_errors import InfrastructureUnclear, InfrastructureUnknown, SlotRepeated
from store.tables import infrastructures

_AT_ONCE = 300


def by_infrastructure(
    connection: Connection, seen: Reach, wishes: Sequence[Wish]
) -> tuple[dict[int, list[Wish]], list[Outcome]]:
    """The wishes for each infrastructure, in the order of their rows; and the outcomes of those for none."""
    found = _named(connection, seen, {each.row.infrastructure for each in wishes})
    placed: dict[int, list[Wish]] = {}
    faults: list[Outcome] = []
    lines: dict[tuple[int, str], int] = {}
    for wish in wishes:
        try:
            place = _only(found, wish.row.infrastructure)
            if wish.row.slot:
                _once(lines, (place, wish.row.slot), wish.row.line)
        except (FieldError, InfrastructureUnknown) as error:
            faults.append(wrong(wish.row, error))
        else:
            placed.setdefault(place, []).append(wish)
    return placed, faults


def _only(found: dict[str, set[int]], typed: str) -> int:
    ids = found.get(typed, set())
    if not ids:
        raise InfrastructureUnknown(typed)
    if len(ids) > 1:
        raise InfrastructureUnclear(typed)
    return next(iter(ids))


def _once(lines: dict[tuple[int, str], int], slot: tuple[int, str], line: int) -> None:
    if slot in lines:
        raise SlotRepeated(lines[slot])
    lines[slot] = line


def _named(connection: Connection, seen: Reach, typed: Collection[str]) -> dict[str, set[int]]:
    """The ids of those that each text means; a name counts in any case."""
    if seen.nowhere:
        return {}
    keys = {each: (each.lower(), _code(each)) for each in typed}
    found: dict[str, set[int]] = {}
    for texts in _pieces(sorted(keys)):
        names = [keys[each][0] for each in texts]
        codes = [keys[each][1] for each in texts]
        query = select(infrastructures.c.id, infrastructures.c.name, infrastructures.c.activation_code).where(
            seen.condition(),
            or_(
                func.lower(infrastructures.c.name).in_(names),
                infrastructures.c.name.in_(texts),
                infrastructures.c.activation_code.in_(codes),
            ),
        )
        for row in connection.execute(query):
            found.setdefault(row.name.lower(), set()).add(row.id)
            found.setdefault(row.activation_code, set()).add(row.id)
    return {each: found.get(code) or found.get(name, set()) for each, (name, code) in keys.items()}


def _code(typed: str) -> str:
    """The activation code that a text is; what is none cannot be one's name either."""
    try:
        return parse_activation_code(typed)
    except FieldError:
        return typed


def _pieces(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _AT_ONCE):
        yield texts[start : start + _AT_ONCE]
