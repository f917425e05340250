"""The figures of a report: how many slots are used, and how many licenses end in which month."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from store.database import AnySelect
from store.reach import Reach
from store.reports import Scope
from store.rules.environments import EnvironmentType
from store.tables import companies, infrastructures, licenses, registrations, slots

MONTHS = 12
"""How many months a report looks ahead, the present one included."""


@dataclass(slots=True)
class Row:
    """The figures of one type of environments in one infrastructure.

    `ending` counts licenses by the first day of the month of their last day (UTC); `later` end after the months
    of the report, `ended` are past their term, `endless` are perpetual; `unlicensed` are registered and have no
    license yet.
    """

    company: str
    infrastructure: str
    environment_type: EnvironmentType
    total: int
    used: int
    ending: Counter[date] = field(default_factory=Counter)
    later: int = 0
    ended: int = 0
    endless: int = 0

    @property
    def free(self) -> int:
        """How many can still be registered in."""
        return self.total - self.used

    @property
    def unlicensed(self) -> int:
        """How many are registered and have no license yet."""
        licensed = self.ending.total() + self.later + self.ended + self.endless
        # Slots and licenses are counted by two queries, between which somebody may get a license.
        return max(0, self.used - licensed)


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures at one moment; `months` are the first days of the months that are looked at."""

    scope: Scope
    at: datetime
    months: tuple[date, ...]
    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        """Slots in all."""
        return sum(each.total for each in self.rows)

    @property
    def used(self) -> int:
        """Slots with an open registration."""
        return sum(each.used for each in self.rows)

    @property
    def unlicensed(self) -> int:
        """Registered environments without a license."""
        return sum(each.unlicensed for each in self.rows)

    @property
    def ended(self) -> int:
        """Licenses past their term."""
        return sum(each.ended for each in self.rows)

    @property
    def later(self) -> int:
        """Licenses that end after the months."""
        return sum(each.later for each in self.rows)

    @property
    def endless(self) -> int:
        """Perpetual licenses."""
        return sum(each.endless for each in self.rows)

    def by_type(self) -> dict[EnvironmentType, tuple[int, int]]:
        """Used and all slots of each type that there is, in the order of the types."""
        found = {}
        for kind in EnvironmentType:
            rows = [each for each in self.rows if each.environment_type is kind]
            if rows:
                found[kind] = (sum(each.used for each in rows), sum(each.total for each in rows))
        return found

    def ending(self) -> dict[date, int]:
        """How many licenses end in each of the months, those without any too."""
        return {month: sum(each.ending[month] for each in self.rows) for month in self.months}


def figures(connection: Connection, overseen: Reach, scope: Scope, now: datetime) -> Figures:
    """The figures of a scope, as far as it is overseen."""
    within, months = and_(overseen.condition(), _within(scope)), months_from(now)
    rows: dict[tuple[int, EnvironmentType], Row] = {}
    for found in connection.execute(_capacity(within)):
        kind = EnvironmentType(found.environment_type)
        rows[found.id, kind] = Row(found.company, found.infrastructure, kind, found.total, found.used)
    for found in connection.execute(_ends(within)):
        # An environment may have been registered between the two queries; it is counted the next time.
        row = rows.get((found.id, EnvironmentType(found.environment_type)))
        if row is not None:
            _count(row, found.license_end, found.number, months, now)
    return Figures(scope, now, months, tuple(sorted(rows.values(), key=_order)))


def months_from(now: datetime) -> tuple[date, ...]:
    """The first days of the months that a report of this moment looks at (UTC)."""
    moment = now.astimezone(UTC)
    counted = range(moment.year * 12 + moment.month - 1, moment.year * 12 + moment.month - 1 + MONTHS)
    return tuple(date(each // 12, each % 12 + 1, 1) for each in counted)


def _count(row: Row, end: datetime | None, number: int, months: Sequence[date], now: datetime) -> None:
    if end is None:
        row.endless += number
    elif end <= now:
        row.ended += number
    else:
        # An end is the first moment after the term; people count by its last day.
        last = (end - timedelta(seconds=1)).astimezone(UTC).date().replace(day=1)
        if last in months:
            row.ending[last] += number
        else:
            row.later += number


def _order(row: Row) -> tuple[str, str, int]:
    return row.company, row.infrastructure, list(EnvironmentType).index(row.environment_type)


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.infrastructure_id is not None:
        return infrastructures.c.id == scope.infrastructure_id
    return true() if scope.company_id is None else infrastructures.c.company_id == scope.company_id


def _capacity(within: ColumnElement[bool]) -> AnySelect:
    is_open = and_(registrations.c.slot_id == slots.c.id, registrations.c.state == "open")
    return (
        select(
            infrastructures.c.id,
            companies.c.name.label("company"),
            infrastructures.c.name.label("infrastructure"),
            slots.c.environment_type,
            func.count(slots.c.id).label("total"),
            func.count(registrations.c.id).label("used"),
        )
        .select_from(slots.outerjoin(registrations, is_open))
        .join(infrastructures, infrastructures.c.id == slots.c.infrastructure_id)
        .join(companies, companies.c.id == infrastructures.c.company_id)
        .where(slots.c.removed_at.is_(None), within)
        .group_by(infrastructures.c.id, companies.c.name, infrastructures.c.name, slots.c.environment_type)
    )


def _ends(within: ColumnElement[bool]) -> AnySelect:
    """How many open registrations have a newest license that ends at the same moment."""
    newer = licenses.alias("newer")
    is_newer = and_(newer.c.registration_id == licenses.c.registration_id, newer.c.seq > licenses.c.seq)
    return (
        select(
            infrastructures.c.id,
            slots.c.environment_type,
            licenses.c.license_end,
            func.count().label("number"),
        )
        .select_from(registrations)
        .join(licenses, licenses.c.registration_id == registrations.c.id)
        .join(slots, slots.c.id == registrations.c.slot_id)
        .join(infrastructures, infrastructures.c.id == registrations.c.infrastructure_id)
        .where(
            registrations.c.state == "open",
            slots.c.removed_at.is_(None),
            ~select(newer.c.id).where(is_newer).exists(),
            within,
        )
        .group_by(infrastructures.c.id, slots.c.environment_type, licenses.c.license_end)
    )
