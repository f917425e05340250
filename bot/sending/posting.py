"""Posting a message once: into a channel, or into somebody's direct message with the bot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.sending.job import Job
from bot.slack_calls import AnswerLost, NotDone, Refused
from store import conversations, people
from store.delivery_claims import COURIER, MISSING_SCOPE

log = structlog.get_logger(__name__)

EVENT = "license_desk_delivery"
"""The event type in the metadata of our messages; its payload names the delivery."""

_PAGES = 10
_CLOCKS_APART = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: Slack's id of a channel, or of the direct message of `person_id`."""

    channel: str
    person_id: int | None = None
    remembered: bool = False  # the direct message was opened at some earlier time


def direct_place(job: Job, person_id: int) -> Place:
    """Give a person's direct message, opened if it never was. Raises `CallFailed`."""
    with job.desk.database.read() as connection:
        person = people.get(connection, person_id)
        known = conversations.direct_of(connection, person_id)
    if not person.reachable:
        raise Refused("person_inactive" if person.slack_id else "person_unknown")
    if known is not None:
        return Place(known, person_id, remembered=True)
    channel = text_at(job.slack.call("conversations.open", users=person.slack_id), "channel", "id")
    conversations.remember_direct(job.desk, COURIER, person_id, channel)
    return Place(channel, person_id)


def post(job: Job, place: Place, message: Mapping[str, Any], thread_ts: str | None = None) -> str:
    """Post a message and give its `ts`. Raises `CallFailed`.

    When an earlier attempt may have posted it, it is looked for in a direct message. In a channel, which the
    bot may not read, a possible second message is accepted.
    """
    if job.unsure and place.person_id is not None:
        found = _find(job, place, thread_ts)
        if found is not None:
            return found
        job.note(unsure=False, returned=job.delivery.attempts - 1)
    metadata = {"event_type": EVENT, "event_payload": {"delivery": job.delivery.id}}
    answer = at_place(
        job,
        place,
        "chat.postMessage",
        text=message["text"],
        blocks=message["blocks"],
        metadata=metadata,
        thread_ts=thread_ts,
        unfurl_links=False,
        unfurl_media=False,
    )
    return text_at(answer, "ts")


def at_place(job: Job, place: Place, method: str, **arguments: Any) -> Mapping[str, Any]:
    """Call a method on a conversation; a remembered direct message that Slack does not know is forgotten.

    Raises `CallFailed`; after forgetting, the next attempt opens the direct message anew.
    """
    try:
        return job.slack.call(method, channel=place.channel, **arguments)
    except Refused as refused:
        if refused.code == "channel_not_found":
            forget(job, place)
        raise


def forget(job: Job, place: Place) -> None:
    """Forget a remembered direct message, and have it opened anew. Raises `NotDone` if it was remembered."""
    if place.remembered and place.person_id is not None:
        conversations.forget_direct(job.desk, COURIER, place.person_id)
        raise NotDone("channel_not_found")


def text_at(answer: Mapping[str, Any], *path: str) -> str:
    """Give a text within an answer. Raises `AnswerLost` when it is not there, since Slack always gives it."""
    found: Any = answer
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, str) or not found:
        raise AnswerLost("garbage")
    return found


def _find(job: Job, place: Place, thread_ts: str | None) -> str | None:
    for message in _readable(job, place, thread_ts):
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT and payload.get("delivery") == job.delivery.id:
            return text_at(message, "ts")
    return None


def _readable(job: Job, place: Place, thread_ts: str | None) -> Iterator[dict[str, Any]]:
    """The messages there; none where the app may not read them, so that a possible second message is accepted."""
    try:
        yield from _messages(job, place, thread_ts)
    except Refused as refused:
        if refused.code != MISSING_SCOPE:
            raise
        log.warning("A direct message cannot be read", delivery=job.delivery.id, error=refused.code)


def _messages(job: Job, place: Place, thread_ts: str | None) -> Iterator[dict[str, Any]]:
    method = "conversations.history" if thread_ts is None else "conversations.replies"
    oldest = (job.delivery.created_at - _CLOCKS_APART).timestamp()
    cursor: str | None = None
    for _ in range(_PAGES):
        answer = at_place(
            job,
            place,
            method,
            ts=thread_ts,
            oldest=f"{oldest:.6f}",
            limit=200,
            include_all_metadata=True,
            cursor=cursor,
        )
        yield from answer.get("messages") or []
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return
