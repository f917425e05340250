"""Somebody writes to the bot: a short help, once for each message."""

import structlog

from handlers import words
from handlers.answers import say
from handlers.context import Context
from handlers.payloads import Body, Who, event, text
from handlers.slack import failure_code, is_from_slack
from handlers.visitors import NOBODY, identify, look_up
from store.desk import record_refusal
from store.rules.errors import Refusal
from store.short_help import queue_short_help

log = structlog.get_logger(__name__)

_TYPED = frozenset({"", "file_share"})


def message_typed(context: Context, body: Body) -> None:
    """`message.im`: answer what people write; not what the bot wrote itself, and neither edits nor deletions."""
    happened = event(body)
    user, subtype = text(happened, "user"), text(happened, "subtype")
    if not user or subtype not in _TYPED or happened.get("bot_id") or user == context.identity().bot_user_id:
        return
    if text(happened, "channel_type") != "im":
        return
    workspace = text(body, "team_id")
    who = Who(user, workspace, text(happened, "user_team") or workspace)
    key = text(happened, "ts")
    context.later.submit(
        lambda: _answer(context, who, key), lambda error: _not_answered(context, user, error)
    )


def _answer(context: Context, who: Who, key: str) -> None:
    try:
        visitor = identify(context, who) or look_up(context, who)
    except Refusal as refusal:
        record_refusal(context.desk, NOBODY, refusal, "visit")
        context.counting.refused(type(refusal))
        context.slack.post_direct(who.slack_id, say(words.of(refusal, context.desk.policy)).message)
        return
    queue_short_help(context.desk, visitor.actor, visitor.person.id, key)


def _not_answered(context: Context, user: str, error: Exception) -> None:
    log.warning("Somebody who wrote to the bot could not be answered", code=failure_code(error))
    sentence = words.NOT_CHECKED if is_from_slack(error) else words.unforeseen(error)
    context.slack.post_direct(user, say(sentence).message)
