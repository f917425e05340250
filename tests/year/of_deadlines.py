"""Deadlines: each reminder, the asking of company admins and each expiry at its moment, once, and no other."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.year.look import Look
from tests.year.promises import TURN, Promise, promise


def early_or_late(look: Look) -> Iterator[str]:
    """What was done in time was done at its moment."""
    for request, promised in _promised(look):
        for entry in _entries(look, request.id):
            if entry.action == "remind":
                number = entry.facts["number"]
                wanted = promised.reminders[number - 1] if number <= len(promised.reminders) else None
            elif entry.action == "escalate":
                wanted = promised.admins
            elif entry.action == "expire":
                wanted = promised.expires_at
            else:
                continue
            if not _in_time(entry.at, wanted) and not _was_put_elsewhere(look, request.id):
                yield f"request {request.id}: {entry.action} at {entry.at}, promised for {wanted}"


def reminded_twice(look: Look) -> Iterator[str]:
    """No reminder of a request twice."""
    told: set[tuple[str, int]] = set()
    for entry in look.facts.entries.values():
        if entry.action == "remind":
            key = (entry.subject, entry.facts["number"])
            if key in told:
                yield f"{entry.subject} was reminded of twice with reminder {key[1]}"
            told.add(key)


def missed(look: Look) -> Iterator[str]:
    """Nothing that waits has missed a moment."""
    waiting = look.facts.pending()
    for request, promised in _promised(look):
        if request.id not in waiting:
            continue
        if promised.expires_at + TURN < look.now:
            yield f"request {request.id} should have expired at {promised.expires_at}"
        due = sum(each + TURN < look.now for each in promised.reminders)
        if request.reminded < due:
            yield f"request {request.id} had {request.reminded} reminders of {due}"
        if promised.admins and promised.admins + TURN < look.now and not request.escalated_at:
            yield f"request {request.id}: the company admins were not asked at {promised.admins}"


def wrong_expiry(look: Look) -> Iterator[str]:
    """The expiry that is drawn on the card is the one that was promised."""
    for request, promised in _promised(look):
        if request.expires_at != promised.expires_at:
            yield f"request {request.id} expires at {request.expires_at}, promised for {promised.expires_at}"


def _promised(look: Look) -> Iterator[tuple[Any, Promise]]:
    for request in look.facts.requests.values():
        if request.first_posted_at is not None:
            hours = look.facts.infrastructures[request.infrastructure_id].working_hours
            yield request, promise(request, hours)


def _entries(look: Look, request_id: int) -> list[Any]:
    return [each for each in look.facts.new if each.subject == f"request R-{1000 + request_id}"]


def _in_time(at: datetime, wanted: datetime | None) -> bool:
    return wanted is not None and wanted <= at <= wanted + TURN


def _was_put_elsewhere(look: Look, request_id: int) -> bool:
    """Whom it was put to has changed, and with that whether company admins are asked later."""
    subject = f"request R-{1000 + request_id}"
    return any(
        each.action in {"address_anew", "put_to_next_step"} and each.subject == subject
        for each in look.facts.entries.values()
    )
