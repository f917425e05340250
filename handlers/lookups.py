"""Looking up in Slack whom and what somebody chose in a form; what is known already needs no look."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any, Final

import structlog
from slack_sdk.errors import SlackApiError

from handlers.answers import Answer, Consult, say
from handlers.context import SlackCalls
from handlers.slack import failure_code
from handlers.visitors import Visitor, profile_of, unwelcome
from store import conversations, people, profiles
from store.approval_channels import Looked
from store.rules.people_errors import CannotHoldRole, NotLookedUp

log = structlog.get_logger(__name__)

Known = Mapping[str, int]
"""Ids of people by their Slack ids."""

_UNSEEN: Final = frozenset({"channel_not_found", "not_in_channel", "method_not_supported_for_channel_type"})


def with_people(
    visitor: Visitor, slack_ids: Sequence[str], then: Callable[[Visitor, Known], Answer], title: str
) -> Answer:
    """Go on with people by their Slack ids: at once if all are known, else once Slack told who they are.

    What `then` is given holds all of them. Raises `CannotHoldRole`, and afterwards `NotLookedUp`.
    """
    known = _known(visitor, slack_ids)
    missing = [each for each in dict.fromkeys(slack_ids) if each not in known]
    if not missing:
        return then(visitor, known)

    def look(again: Visitor, slack: SlackCalls) -> Answer:
        return then(again, {**known, **_met(again, slack, missing)})

    return Consult(say("Looking up in Slack who that is…", title=title), look)


def look_at_channel(visitor: Visitor, slack: SlackCalls, slack_id: str) -> Looked:
    """A channel as Slack shows it now, which is kept as well. Raises `NotLookedUp`."""
    workspace = visitor.person.workspace_id
    with _told_by_slack():
        try:
            info = slack.channel_info(slack_id)
        except SlackApiError as error:
            if failure_code(error) not in _UNSEEN:
                raise
            return Looked(slack_id, "", "absent")
        seen = _note(visitor, workspace, slack_id, info)
        if seen.why is None:
            members = slack.channel_members(slack_id)
            conversations.note_members(visitor.desk, visitor.actor, workspace, slack_id, members)
    return seen


def _known(visitor: Visitor, slack_ids: Sequence[str]) -> dict[str, int]:
    with visitor.read() as connection:
        found = {each: people.find(connection, visitor.person.workspace_id, each) for each in slack_ids}
    return {slack_id: person.id for slack_id, person in found.items() if person}


def _met(visitor: Visitor, slack: SlackCalls, slack_ids: Sequence[str]) -> dict[str, int]:
    return {each: _meet(visitor, slack, each) for each in slack_ids}


def _meet(visitor: Visitor, slack: SlackCalls, slack_id: str) -> int:
    workspace = visitor.person.workspace_id
    with _told_by_slack():
        try:
            user = slack.users_info(slack_id)
        except SlackApiError as error:
            if failure_code(error) not in {"user_not_found", "user_not_visible"}:
                raise
            raise CannotHoldRole(slack_id, "unknown") from None
    profile, reason = profile_of(user, workspace), unwelcome(user, workspace)
    if reason:
        raise CannotHoldRole(profile.name, reason)
    return profiles.link(visitor.desk, visitor.actor, profile).id


def _note(visitor: Visitor, workspace: str, slack_id: str, info: Mapping[str, Any]) -> Looked:
    seen = conversations.note_state(
        visitor.desk,
        visitor.actor,
        workspace,
        slack_id,
        name=info.get("name"),
        archived=bool(info.get("is_archived")),
        absent=not info.get("is_member"),
        shared=bool(info.get("is_ext_shared") or info.get("is_pending_ext_shared")),
    )
    why = "archived" if seen.archived else "absent" if seen.absent else "shared" if seen.shared else None
    return Looked(slack_id, f"#{info.get('name') or slack_id}", why)


@contextmanager
def _told_by_slack() -> Iterator[None]:
    """Turn what goes wrong between us and Slack into a sentence."""
    try:
        yield
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("Slack could not be asked for a person who waits", code=failure_code(error))
        raise NotLookedUp from None
