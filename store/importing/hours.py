"""Working hours and time zones as a file writes them."""

from contextlib import suppress
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from store.importing.reading import Section
from store.rules.deadlines import DAYS, minutes

ALWAYS = "always"
"""What a file says where any time will do; leaving the field out leaves the hours as they are."""


def working_hours(below: Section) -> dict[str, object]:
    """Read the working hours of an infrastructure; nothing where the file does not speak of them."""
    if below.is_text("working_hours"):
        return {} if below.choice("working_hours", (ALWAYS,)) is None else {"working_hours": None}
    section = below.section("working_hours")
    return {} if section is None else _hours(section)


def time_zone(written: str) -> str:
    """Read the name of a time zone. Raises `ValueError` with the nearest one that there is."""
    with suppress(ValueError, KeyError, OSError):
        return ZoneInfo(written).key
    near = get_close_matches(written, available_timezones(), n=1)
    hint = f"; did you mean {near[0]}?" if near else "; write it as Europe/Lisbon"
    raise ValueError(f'"{written}" is not a time zone{hint}')


def _hours(section: Section) -> dict[str, object]:
    section.need("zone", "days", "from", "until")
    zone, days = section.parsed("zone", time_zone), _days(section)
    begins, ends = section.parsed("from", minutes), section.parsed("until", minutes)
    section.finish()
    if zone is None or not days or begins is None or ends is None:
        return {}
    if begins >= ends:
        section.problem("until", "this must be later than the beginning, on the same day")
    hours = {"zone": zone, "days": days, "from": _written(begins), "until": _written(ends)}
    return {"working_hours": hours}


def _days(section: Section) -> list[str]:
    """The days in their order; at least one."""
    written = section.texts("days", 20) if "days" in section else None
    if written is None:
        return []
    for each in written:
        if each not in DAYS:
            section.problem("days", f'"{each}" is not a day; write it as {DAYS[0]}')
    if not written:
        section.problem("days", "at least one day is needed")
    return [each for each in DAYS if each in written]


def _written(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
