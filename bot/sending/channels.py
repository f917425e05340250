"""Looking at an approval channel before a card is posted there: its state, and who is in it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import structlog

from bot.sending.job import Job
from bot.slack_calls import Refused
from store import conversations, readdressing
from store.cards import request_of, workspace_of
from store.conversations import Conversation
from store.delivery_claims import COURIER
from store.lost_places import CHANNEL_LOST

FRESH = timedelta(seconds=60)
"""How long what was seen of a channel is taken as it is."""

_PAGES = 20

log = structlog.get_logger(__name__)


def look(job: Job, channel: str) -> None:
    """Refresh what is known of a channel; those asked who are not in it get the card directly.

    Raises `CallFailed`; `Refused` with a code of `CHANNEL_LOST` when the channel counts as none.
    """
    with job.desk.database.read() as connection:
        workspace = workspace_of(connection, request_of(job.delivery))
        known = conversations.find(connection, workspace, channel)
    if not _is_fresh(job, known):
        try:
            _refresh(job, workspace, channel)
        except Refused as refused:
            if refused.code in CHANNEL_LOST:
                raise
            # A channel that may not be looked at may still be posted to.
            log.warning("A channel cannot be looked at", channel=channel, error=refused.code)
            conversations.note_state(job.desk, COURIER, workspace, channel)
    readdressing.address_absent(job.desk, COURIER, request_of(job.delivery), workspace, channel)


def _is_fresh(job: Job, known: Conversation | None) -> bool:
    return bool(known and known.usable and known.checked_at and job.now - known.checked_at < FRESH)


def _refresh(job: Job, workspace: str, channel: str) -> None:
    info = job.slack.call("conversations.info", channel=channel).get("channel") or {}
    seen = conversations.note_state(
        job.desk,
        COURIER,
        workspace,
        channel,
        name=info.get("name"),
        archived=bool(info.get("is_archived")),
        absent=not info.get("is_member"),
        shared=bool(info.get("is_ext_shared") or info.get("is_pending_ext_shared")),
    )
    if not seen.usable:
        raise Refused(_lost(seen))
    conversations.note_members(job.desk, COURIER, workspace, channel, list(_members(job, channel)))


def _lost(seen: Conversation) -> str:
    if seen.archived:
        return "is_archived"
    return "not_in_channel" if seen.absent else "channel_is_shared"


def _members(job: Job, channel: str) -> Iterator[str]:
    cursor: str | None = None
    for _ in range(_PAGES):
        answer: Mapping[str, Any] = job.slack.call(
            "conversations.members", channel=channel, limit=1000, cursor=cursor
        )
        yield from answer.get("members") or []
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return
