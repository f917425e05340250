"""How far somebody's roles reach, as one condition in a query however many infrastructures that is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_, true

from store.rules.rights import HeldRole, RoleName
from store.tables import infrastructures


@dataclass(frozen=True, slots=True)
class Reach:
    """All infrastructures, or those of some companies and some others."""

    everywhere: bool
    company_ids: tuple[int, ...] = ()
    infrastructure_ids: tuple[int, ...] = ()

    @property
    def nowhere(self) -> bool:
        """Whether not a single infrastructure is reached."""
        return not (self.everywhere or self.company_ids or self.infrastructure_ids)

    def covers(self, company_id: int, infrastructure_id: int) -> bool:
        """Whether one infrastructure of a company is reached."""
        return (
            self.everywhere or company_id in self.company_ids or infrastructure_id in self.infrastructure_ids
        )

    def condition(self) -> ColumnElement[bool]:
        """Whether a row of `infrastructures` is reached."""
        if self.everywhere:
            return true()
        if self.nowhere:
            return false()
        return or_(
            infrastructures.c.company_id.in_(self.company_ids),
            infrastructures.c.id.in_(self.infrastructure_ids),
        )


def reach(held: Iterable[HeldRole], roles: Collection[RoleName] = tuple(RoleName)) -> Reach:
    """How far the active ones among these roles reach."""
    active = [each for each in held if each.active and each.role in roles]
    return Reach(
        any(each.company_id is None and each.infrastructure_id is None for each in active),
        _ids(each.company_id for each in active if each.infrastructure_id is None),
        _ids(each.infrastructure_id for each in active),
    )


def _ids(found: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(sorted({each for each in found if each is not None}))
