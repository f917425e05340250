"""Deliveries: none stuck, none given up without a reason, and everybody told of what became of their request."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.year.look import Look

_PATIENCE = timedelta(minutes=15)
_LONGEST_SILENCE = timedelta(hours=1)
# Codes that say that a person or a place is gone, and not that something went wrong.
_GONE = {"person_inactive", "is_archived", "is_inactive", "channel_not_found"}


def stuck(look: Look) -> Iterator[str]:
    """Nothing waits that was due some time ago, while Slack answers."""
    lately = any(ended and look.now - ended < _LONGEST_SILENCE for _, ended in look.ledger.silent)
    if not look.slack_speaks or lately:
        return
    for each in look.facts.deliveries.values():
        if each.state == "queued" and each.due_at < look.now - _PATIENCE:
            yield f"delivery {each.id} ({each.occasion}) is due since {each.due_at}: {each.error}"


def late(look: Look) -> Iterator[str]:
    """Nothing was sent long after it was due, but what Slack kept waiting by its silence."""
    for each in look.facts.deliveries.values():
        if each.state != "sent" or each.sent_at <= each.due_at + _PATIENCE:
            continue
        known = look.before.deliveries.get(each.id)
        in_silence = any(
            begun <= each.sent_at and _was_silent_from(each, ended) for begun, ended in look.ledger.silent
        )
        if not in_silence and (known is None or known.state == "queued"):
            yield f"delivery {each.id} ({each.occasion}) was due at {each.due_at} and sent at {each.sent_at}"


def given_up(look: Look) -> Iterator[str]:
    """Nothing was given up but what nobody can get any more."""
    for each in look.facts.deliveries.values():
        error = each.error or ""
        if each.state == "failed" and error not in _GONE and not error.startswith("closed:"):
            yield f"delivery {each.id} ({each.occasion}) was given up: {error}"


def requester_not_told(look: Look) -> Iterator[str]:
    """Every request that ended has told its requester, by a file or by words."""
    told = {
        (each.notice, each.person_id, item_id): each
        for each in look.facts.deliveries.values()
        if each.kind == "notice" and each.request_id is not None
        for item_id in each.facts.get("item_ids", ())
    }
    filed = {each.item_id: each for each in look.facts.deliveries.values() if each.kind == "file"}
    for item in look.facts.items.values():
        if item.state in {"pending", "direct", "withdrawn"} or not _wants_to_know(look, item):
            continue
        release = look.facts.requests[item.request_id].kind == "release"
        by_file = item.state == "forwarded" and not release
        found = filed.get(item.id) if by_file else told.get((item.state, item.requester_id, item.id))
        waits = found is not None and found.state == "queued" and found.due_at < look.now - _PATIENCE
        if found is None or (waits and look.slack_speaks):
            yield f"item {item.id} is {item.state} and its requester was not told"


def _was_silent_from(delivery: Any, ended: datetime | None) -> bool:
    """Whether a silence reached into the time in which a delivery waited, or ended just before."""
    return ended is None or delivery.due_at < ended + _LONGEST_SILENCE


def _wants_to_know(look: Look, item: Any) -> bool:
    """Whether the requester was there to be told, and did not end it themselves."""
    here = not look.ledger.is_away(look.facts.persons[item.requester_id].slack_id, item.decided_at)
    return here and item.cause != "taken_directly"
