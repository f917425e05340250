"""Terms: every license says the present one, and people are reminded of its end on the day, by day, once."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.year.look import Look

_TOLD_BEFORE = (90, 60, 30, 14, 7, 3, 1)
_AT_THE_END = 0
_GRACE_OVER = -1
_TWO_DAYS = timedelta(days=2)
_MORNING, _EVENING = 9, 18


def license_behind(look: Look) -> Iterator[str]:
    """The newest license of each environment says the present end, once a re-issue has come to its end."""
    under_way = {each.infrastructure_id for each in look.facts.reissues.values() if each.finished_at is None}
    terms = {each.infrastructure_id: each for each in look.facts.subscriptions.values()}
    newest = {each.registration_id: each for each in look.facts.licenses.values()}
    for row in look.facts.registrations.values():
        term, license_ = terms[row.infrastructure_id], newest.get(row.id)
        if row.state != "open" or license_ is None or row.infrastructure_id in under_way:
            continue
        if term.state == "active" and license_.license_end != term.ends_at:
            yield f"registration {row.id} has a license until {license_.license_end}, the term ends {term.ends_at}"


def reminded_of_end_twice(look: Look) -> Iterator[str]:
    """Each moment of a term is told once."""
    told = Counter(
        (each.infrastructure_id, each.facts["ends_at"], each.facts["moment"])
        for each in look.facts.entries.values()
        if each.action == "remind_of_end"
    )
    yield from (f"of {key} was told {number} times" for key, number in told.items() if number > 1)


def reminded_of_end_late(look: Look) -> Iterator[str]:
    """Each moment is told when it has come, and within two days, since a company is told once a day."""
    for entry in look.facts.new:
        if entry.action != "remind_of_end":
            continue
        moment, ends_at = entry.facts["moment"], datetime.fromisoformat(entry.facts["ends_at"])
        grace = timedelta(days=14 if moment == _GRACE_OVER else 0)
        wanted = ends_at + grace - timedelta(days=max(moment, _AT_THE_END))
        if (
            moment not in (*_TOLD_BEFORE, _AT_THE_END, _GRACE_OVER)
            or not wanted <= entry.at < wanted + _TWO_DAYS
        ):
            yield f"entry {entry.id} told of {moment} days before {ends_at} at {entry.at}"


def reminded_of_end_at_night(look: Look) -> Iterator[str]:
    """Such a reminder comes by day, where its reader is; Slack's silence excuses it."""
    for each in look.facts.deliveries.values():
        if each.notice != "term_reminder" or each.state != "sent" or look.ledger.is_silent(each.due_at):
            continue
        hour = each.sent_at.astimezone(ZoneInfo(look.facts.persons[each.person_id].zone)).hour
        if not _MORNING <= hour < _EVENING:
            yield f"delivery {each.id} reminded of an end at {hour} o'clock"
