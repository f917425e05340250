"""Reads payloads, finds their conversations and hands both to the adapters; the last edge before Slack."""

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog
from slack_bolt import Ack as BoltAck
from slack_bolt import BoltResponse
from slack_bolt.error import BoltUnhandledRequestError

from handlers import commands, payloads, words
from handlers.adapters import Ack, Adapters, Conversation, Turn, result_view
from handlers.answers import Answer, Nothing, say
from handlers.blocks.ids import base
from handlers.blocks.state import BadPayload
from handlers.context import Context
from handlers.menus import Offers
from handlers.older_messages import not_older
from handlers.payloads import Body, Click, Shortcut, Submission
from handlers.visitors import Visitor
from store.database import may_pass

log = structlog.get_logger(__name__)

_KINDS: Final = frozenset(
    {
        "block_actions",
        "block_suggestion",
        "view_submission",
        "view_closed",
        "shortcut",
        "message_action",
        "event_callback",
    }
)

EventHandler = Callable[[Context, Body], None]


class Listening:
    """The listeners that Bolt calls, over the tables of conversations by id."""

    def __init__(
        self,
        context: Context,
        clicks: Mapping[str, Conversation[Click]],
        submissions: Mapping[str, Conversation[Submission]],
        shortcuts: Mapping[str, Conversation[Shortcut]],
        events: Mapping[str, EventHandler],
        offers: Mapping[str, Offers],
    ) -> None:
        self._context = context
        self._adapters = Adapters(context)
        self._clicks = {action: not_older(talk) for action, talk in clicks.items()}
        self._submissions, self._shortcuts = submissions, shortcuts
        self._events, self._offers = events, offers

    def on_command(self, ack: BoltAck, body: dict[str, Any]) -> None:
        """A slash command."""
        command = payloads.command(body)
        subcommand = commands.find(command.word)
        who, place = payloads.who_commanded(body), payloads.place_of_command(body)
        _ack(ack, self._adapters.command(Turn(subcommand.talk, who, place, command)))

    def on_click(self, ack: BoltAck, body: dict[str, Any]) -> None:
        """A button or menu, in a message or a view."""
        click = payloads.click(body)
        talk = self._clicks.get(base(click.action_id), _old_button)
        who, place = payloads.who_interacted(body), payloads.place_of_interaction(body)
        _ack(ack, self._adapters.click(Turn(talk, who, place, click)))

    def on_submission(self, ack: BoltAck, body: dict[str, Any]) -> None:
        """A modal sent in."""
        submission = payloads.submission(body)
        talk = self._submissions.get(submission.callback_id, _old_form)
        who, place = payloads.who_interacted(body), payloads.place_of_interaction(body)
        _ack(ack, self._adapters.submission(Turn(talk, who, place, submission)))

    def on_shortcut(self, ack: BoltAck, body: dict[str, Any]) -> None:
        """A global shortcut."""
        shortcut = payloads.shortcut(body)
        talk = self._shortcuts.get(shortcut.callback_id, _old_shortcut)
        who, place = payloads.who_interacted(body), payloads.place_of_interaction(body)
        _ack(ack, self._adapters.shortcut(Turn(talk, who, place, shortcut)))

    def on_suggestion(self, ack: BoltAck, body: dict[str, Any]) -> None:
        """Something typed into a menu that we fill."""
        suggestion = payloads.suggestion(body)
        offers = self._offers.get(base(suggestion.action_id))
        who = payloads.who_interacted(body)
        options = (
            self._adapters.suggestion(who, lambda visitor: offers(visitor, suggestion)) if offers else []
        )
        ack(options=options)

    def on_event(self, ack: BoltAck, body: dict[str, Any]) -> BoltResponse | None:
        """An event; those that nobody needs, or that are of another workspace, are acknowledged all the same.

        Nobody would say it again that somebody was deactivated. So while the database is away the event is not
        acknowledged, and Slack sends it again.
        """
        handler = self._events.get(payloads.text(payloads.event(body), "type"))
        if handler and payloads.text(body, "team_id") == self._context.identity().workspace_id:
            try:
                handler(self._context, body)
            except Exception as error:
                # What may pass is kept from `on_error`, which would acknowledge it; all else goes there.
                if not may_pass(error):
                    raise
                log.warning("An event is left to Slack to send again", error=type(error).__name__)
                return BoltResponse(status=503)
        ack()
        return None


def on_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """Answer what no listener answered; always with status 200, since Slack would not show any other answer."""
    if isinstance(error, BoltUnhandledRequestError):
        log.info("Slack sent something that nobody listens to", kind=_kind(body))
        return BoltResponse(status=200, body="")
    if isinstance(error, BadPayload) or _raised_by_bolt(error):
        problem = str(error) if isinstance(error, BadPayload) else type(error).__name__
        log.warning("A payload could not be read", problem=problem)
        return _answered(body, words.UNREADABLE)
    return _answered(body, words.unforeseen(error))


def _kind(body: Mapping[str, Any]) -> str:
    """The kind of a payload for the log, which shows nothing else of it."""
    kind = body.get("type")
    return kind if isinstance(kind, str) and kind in _KINDS else "other"


def _raised_by_bolt(error: Exception) -> bool:
    """Whether Bolt stumbled while looking for a listener: it trusts the shapes of payloads."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and "slack_bolt" in Path(frames[-1].filename).parts


def _answered(body: Mapping[str, Any], sentence: str) -> BoltResponse:
    """Words where the ack carries them: for commands and for submissions."""
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": sentence})
    if body.get("type") == "view_submission":
        view = result_view(say(sentence))
        return BoltResponse(status=200, body={"response_action": "update", "view": view})
    if body.get("type") == "block_suggestion":
        return BoltResponse(status=200, body={"options": []})
    return BoltResponse(status=200, body="")


def _ack(ack: BoltAck, answer: Ack) -> None:
    ack(dict(answer) if isinstance(answer, Mapping) else answer)


def _old_button(_visitor: Visitor, click: Click) -> Answer:
    # A field of a form without a conversation of its own, or a button that is only a link, needs no words.
    return Nothing() if click.entered is not None else say(words.OLD_BUTTON)


def _old_form(_visitor: Visitor, _submission: Submission) -> Answer:
    return say(words.OLD_BUTTON)


def _old_shortcut(_visitor: Visitor, _shortcut: Shortcut) -> Answer:
    return say(words.OLD_BUTTON)
