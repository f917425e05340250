"""Files with many renewals: one YAML document for each infrastructure, checked as a whole before any of it counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from store import infrastructures, renewals
from store.importing.parsing import MOST_SLOTS, PERPETUAL
from store.importing.reading import Problems, Section, day, documents
from store.rules.environments import EnvironmentType
from store.rules.import_errors import FileRefused
from store.rules.registration_errors import CloudNeedsNothing, NoSubscription
from store.rules.renewing import Renewal
from store.rules.serials import parse_activation_code
from store.rules.subscription_errors import RenewalEndsTooEarly, RenewalTooSmall
from store.rules.versions import parse_highest
from store.tables import infrastructures as infrastructure_rows


@dataclass(frozen=True, slots=True)
class RenewalEntry:
    """One document of the file: a renewal for an infrastructure."""

    infrastructure_id: int
    renewal: Renewal


def read(connection: Connection, path: Path, now: datetime) -> list[RenewalEntry]:
    """Read a file and check each of its renewals. Raises `FileUnreadable` and `FileRefused`."""
    problems = Problems()
    found = list(_entries(connection, path, problems, now))
    if problems.found:
        raise FileRefused(path.name, tuple(sorted(problems.found, key=lambda problem: problem.line)))
    return found


def _entries(connection: Connection, path: Path, problems: Problems, now: datetime) -> Iterator[RenewalEntry]:
    lines: dict[int, int] = {}
    for section in documents(path, problems, lambda _: None):
        before = len(problems.found)
        code, renewal = _document(section)
        if len(problems.found) > before:
            continue
        infrastructure_id = _infrastructure(connection, section, code)
        if infrastructure_id is None:
            continue
        if infrastructure_id in lines:
            section.problem(
                "infrastructure", f"this is there twice, first in line {lines[infrastructure_id]}"
            )
            continue
        lines[infrastructure_id] = section.line_of("infrastructure")
        if _holds(connection, section, infrastructure_id, renewal, now):
            yield RenewalEntry(infrastructure_id, renewal)


def _document(section: Section) -> tuple[str, Renewal]:
    section.need("infrastructure", "ends")
    code = section.parsed("infrastructure", parse_activation_code) or ""
    starts, ends = section.parsed("starts", day), section.parsed("ends", _end)
    values: Mapping[str, object | None] = {
        "edition": section.text("edition", 80),
        "features": _listed(section.texts("features", 80)),
        "limits": section.numbers("limits"),
        "highest_version": section.parsed("highest_version", parse_highest),
        "grace_days": section.number("grace_days", 0, 3650),
    }
    slots = _slots(section.section("slots"))
    section.finish()
    return code, Renewal(
        ends_at=first_moment_after(ends) if isinstance(ends, date) else None,
        starts_at=midnight(starts) if starts else None,
        values={name: value for name, value in values.items() if value is not None},
        slots=slots,
    )


def first_moment_after(last: date) -> datetime:
    """The end of a term whose last day is `last`, in UTC."""
    return midnight(last + timedelta(days=1))


def midnight(day_: date) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime.combine(day_, time(), UTC)


def _slots(section: Section | None) -> dict[EnvironmentType, int]:
    if section is None:
        return {}
    counts = {each: section.number(each, 0, MOST_SLOTS) for each in EnvironmentType}
    section.finish()
    return {each: count for each, count in counts.items() if count is not None}


def _infrastructure(connection: Connection, section: Section, code: str) -> int | None:
    query = select(infrastructure_rows.c.id).where(infrastructure_rows.c.activation_code == code)
    found = connection.execute(query).scalar_one_or_none()
    if found is None:
        section.problem("infrastructure", "no infrastructure has this activation code")
    return found


def _holds(
    connection: Connection, section: Section, infrastructure_id: int, renewal: Renewal, now: datetime
) -> bool:
    """Whether a renewal can be carried out; if not, a problem is kept for the list."""
    try:
        renewals.check(connection, infrastructures.get(connection, infrastructure_id), renewal, now)
    except RenewalEndsTooEarly as error:
        section.problem("ends", str(error))
    except RenewalTooSmall as error:
        section.problem("infrastructure", str(error))
    except CloudNeedsNothing:
        section.problem("slots", "a cloud infrastructure has no slots; leave them out")
    except NoSubscription as error:
        section.problem("infrastructure", f"{error.name} has no subscription yet; import it first")
    else:
        return True
    return False


def _end(written: str) -> date | str:
    return PERPETUAL if written == PERPETUAL else day(written)


def _listed(texts: tuple[str, ...] | None) -> list[str] | None:
    return None if texts is None else list(texts)
