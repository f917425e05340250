"""One adapter for each kind of payload: it finds out who acts, holds the conversation, and answers Slack.

An adapter returns the body of the ack. What an ack cannot carry is one call to Slack on the executor; when
that fails the person is told another way. Whatever happens in a conversation, the person gets an answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from http.client import HTTPException
from typing import Any, Final, Generic, TypeVar

import structlog

from handlers import late_views, words
from handlers.access_buttons import after
from handlers.answers import (
    Answer,
    Consult,
    FieldErrors,
    Message,
    Nothing,
    Open,
    Push,
    ReadFile,
    Replace,
    Say,
    say,
)
from handlers.blocks.ids import Callback
from handlers.blocks.kit import Option, View, modal
from handlers.blocks.state import BadPayload
from handlers.context import Context
from handlers.payloads import Click, Command, Place, Shortcut, Submission, Who
from handlers.redraws import Redraws
from handlers.slack import ResponseRefused, failure_code, is_from_slack, is_hash_conflict, is_trigger_over
from handlers.visitors import NOBODY, Visitor, identify, look_up
from store.desk import record_refusal
from store.rules.errors import DeskError, Refusal

log = structlog.get_logger(__name__)

Payload = TypeVar("Payload", Command, Click, Submission, Shortcut)
Conversation = Callable[[Visitor, Payload], Answer]
Ack = Mapping[str, Any] | str

_EMPTY: Final = ""
_LONGEST_NAME: Final = 30  # the column of the audit entry has 40, of which "refused:" takes 8


@dataclass(frozen=True, slots=True)
class Turn(Generic[Payload]):
    """One turn of a conversation: which one it is, who speaks, from where, and what they said."""

    talk: Conversation[Payload]
    who: Who
    place: Place
    payload: Payload


class Adapters:
    """The four adapters, over one context."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._redraws = Redraws()

    def command(self, turn: Turn[Command]) -> Ack:
        """A slash command: words in the ack, a modal after it."""
        answer = self._answer(turn)
        if answer is None:
            self._meet_later(turn)
            return {"response_type": "ephemeral", "text": words.CHECKING}
        if isinstance(answer, Say):
            return {"response_type": "ephemeral", **answer.message}
        self._tell_later(turn.place, answer)
        return _EMPTY

    def click(self, turn: Turn[Click]) -> Ack:
        """A click: the ack carries nothing, so the answer follows it."""
        answer = self._answer(turn)
        if answer is None:
            self._meet_later(turn)
        elif isinstance(answer, Replace) and turn.place.view_id:
            self._redraw_later(turn, answer)
        else:
            self._tell_later(turn.place, answer)
        return _EMPTY

    def shortcut(self, turn: Turn[Shortcut]) -> Ack:
        """A global shortcut: whatever the answer is, it is shown as a modal."""
        answer = self._answer(turn)
        if answer is None:
            self._meet_later(turn)
        else:
            self._tell_later(turn.place, answer)
        return _EMPTY

    def submission(self, turn: Turn[Submission]) -> Ack:
        """A modal sent in: errors at its fields, or what comes next in its place, in the ack."""
        answer = self._answer(turn)
        if answer is None:
            checking, trouble = say(words.CHECKING), say(words.NOT_CHECKED)
            return self._first(turn, checking, trouble, lambda: self._met(turn))
        if isinstance(answer, ReadFile | Consult):
            trouble = say(words.SLACK_FAILED)
            return self._first(turn, answer.first, trouble, lambda: self._carried_on(turn, answer))
        return _response(answer)

    def suggestion(self, who: Who, offer: Callable[[Visitor], list[Option]]) -> list[Option]:
        """What a menu offers somebody for what they typed; nothing where they may see nothing.

        There is no place for words in a menu. What is offered is only a choice, and refused with words once chosen.
        """
        try:
            visitor = identify(self._context, who)
            if visitor is None:
                return []
            visitor.require_heard()
            return offer(visitor)
        except DeskError:
            return []
        except BadPayload as error:
            log.warning("A payload could not be read", problem=str(error))
        except Exception as error:  # noqa: BLE001 # the outermost edge: a menu that stays empty says no more than one
            log.warning("A menu stays empty", reference=words.unforeseen(error))
        return []

    def _first(self, turn: Turn[Submission], first: Say, trouble: Say, find: Callable[[], Answer]) -> Ack:
        """Show what is said first, and draw what is found over it when it is known."""
        name, view = late_views.named(_view(first))
        self._later(turn.place, trouble, lambda: self._rest(turn, find(), name))
        return {"response_action": "update", "view": view}

    def _rest(self, turn: Turn[Submission], rest: Answer, name: str) -> None:
        if isinstance(rest, FieldErrors):
            rest = say(" ".join(rest.errors.values()))
        if not isinstance(rest, Open | Push | Replace | Say):
            return
        shown = late_views.draw(self._context.slack, name, _view(rest), self._context.wait)
        if isinstance(rest, Say) and not shown:
            # The form was closed meanwhile, and the answer is wanted all the same.
            self._context.slack.post_direct(turn.place.slack_id, rest.message)

    def _answer(self, turn: Turn[Payload]) -> Answer | None:
        """What the conversation answers; None for somebody never seen, whom only Slack can tell."""
        try:
            visitor = identify(self._context, turn.who)
        except Refusal as refusal:
            return self._refused(None, turn, refusal)
        except Exception as error:  # noqa: BLE001 # the outermost edge: without the database, too, people get words
            return say(words.unforeseen(error))
        return None if visitor is None else self._converse(visitor, turn)

    def _converse(self, visitor: Visitor, turn: Turn[Payload]) -> Answer:
        try:
            visitor.require_heard()
            return turn.talk(visitor, turn.payload)
        except DeskError as error:
            return self._refused(visitor, turn, error)
        except BadPayload as error:
            log.warning("A payload could not be read", problem=str(error))
            return say(words.UNREADABLE)
        except Exception as error:  # noqa: BLE001 # the outermost edge: a person sees neither a traceback nor silence
            return say(words.unforeseen(error))

    def _refused(self, visitor: Visitor | None, turn: Turn[Payload], error: DeskError) -> Answer:
        policy = self._context.desk.policy
        if isinstance(error, Refusal):
            try:
                self._record(visitor, turn, error)
            except Exception as trouble:  # noqa: BLE001 # the outermost edge: the database may be away or locked
                return say(words.unforeseen(trouble))
        payload, field = turn.payload, words.field_of(error)
        block_id = payload.field(field) if isinstance(payload, Submission) else None
        if block_id:
            return FieldErrors({block_id: words.at_field(error, policy)})
        return say(words.of(error, policy), *after(error))

    def _record(self, visitor: Visitor | None, turn: Turn[Payload], refusal: Refusal) -> None:
        actor, tried = (visitor.actor, _name(turn.talk)) if visitor else (NOBODY, "visit")
        record_refusal(self._context.desk, actor, refusal, tried)
        self._context.counting.refused(type(refusal))

    def _meet_later(self, turn: Turn[Payload]) -> None:
        """Ask Slack who somebody is, and then hold the conversation that they asked for."""
        self._later(turn.place, say(words.NOT_CHECKED), lambda: self._tell_later(turn.place, self._met(turn)))

    def _met(self, turn: Turn[Payload]) -> Answer:
        try:
            visitor = look_up(self._context, turn.who)
        except Refusal as refusal:
            return self._refused(None, turn, refusal)
        except Exception as error:
            if is_from_slack(error):
                raise
            return say(words.unforeseen(error))
        answer = self._converse(visitor, turn)
        return self._carried_on(turn, answer) if isinstance(answer, ReadFile | Consult) else answer

    def _carried_on(self, turn: Turn[Payload], answer: ReadFile | Consult) -> Answer:
        """Read the file, or ask Slack what is to be asked, and go on; who may go on is asked again."""
        slack = self._context.slack

        @wraps(turn.talk)
        def go_on(visitor: Visitor, _payload: Payload) -> Answer:
            if isinstance(answer, Consult):
                return answer.then(visitor, slack)
            person = visitor.person.slack_id or ""
            return answer.then(slack.read_file(answer.file_id, person, answer.most))

        return self._answer(replace(turn, talk=go_on)) or Nothing()

    def _redraw_later(self, turn: Turn[Click], answer: Replace) -> None:
        self._redraws.note(turn.place.view_id, turn.payload.key)
        self._later(turn.place, answer, lambda: self._redraw(turn, answer))

    def _redraw(self, turn: Turn[Click], answer: Replace) -> None:
        try:
            self._context.slack.views_update(turn.place.view_id, answer.view, turn.place.view_hash)
        except Exception as error:
            if not is_hash_conflict(error):
                raise
            # The modal changed between this click and its answer. A later click draws it as it is now; the
            # newest one reads everything again, and draws once more.
            if self._redraws.is_newest(turn.place.view_id, turn.payload.key):
                self._tell(turn.place, self._answer(turn) or Nothing())

    def _tell_later(self, place: Place, answer: Answer) -> None:
        if not isinstance(answer, Nothing):
            self._later(place, answer, lambda: self._tell(place, answer))

    def _later(self, place: Place, answer: Answer, call: Callable[[], None]) -> None:
        self._context.later.submit(call, lambda error: self._failed(place, answer, error))

    def _tell(self, place: Place, answer: Answer) -> None:
        if isinstance(answer, FieldErrors):
            answer = say(" ".join(answer.errors.values()))
        if place.view_id:
            self._tell_in_view(place, answer)
        elif isinstance(answer, Open | Push | Replace):
            self._context.slack.views_open(place.trigger_id, answer.view)
        elif isinstance(answer, Say):
            self._say(place, answer)

    def _tell_in_view(self, place: Place, answer: Answer) -> None:
        if isinstance(answer, Push):
            self._context.slack.views_push(place.trigger_id, answer.view)
        elif isinstance(answer, Open | Replace | Say):
            self._context.slack.views_update(place.view_id, _view(answer))

    def _say(self, place: Place, answer: Say) -> None:
        slack = self._context.slack
        if place.private and place.response_url:
            slack.respond(place.response_url, answer.message, replace=answer.replace)
        elif place.direct:
            slack.post_direct(place.slack_id, answer.message)
        elif place.channel:
            slack.post_ephemeral(place.channel, place.slack_id, answer.message, place.thread_ts)
        else:
            slack.views_open(place.trigger_id, _view(answer))

    def _failed(self, place: Place, answer: Answer, error: Exception) -> None:
        """Tell the person another way what could not be shown the first one."""
        trace = None if is_from_slack(error) else error
        log.warning("A call to Slack for a person who waits failed", code=failure_code(error), exc_info=trace)
        message = answer.message if isinstance(answer, Say) else _apology(error)
        if not (place.response_url and self._responded(place, message)):
            self._context.slack.post_direct(place.slack_id, message)

    def _responded(self, place: Place, message: Message) -> bool:
        try:
            self._context.slack.respond(place.response_url, message)
        except (ResponseRefused, OSError, HTTPException) as error:
            log.warning("A response address did not take an answer", code=failure_code(error))
            return False
        return True


def result_view(answer: Say) -> View:
    """What was said, as a modal that only has to be closed."""
    return modal(Callback.RESULT, answer.title, answer.message["blocks"], close="Close")


def _name(talk: Conversation[Payload]) -> str:
    """What was tried, for the audit entry of a refusal that no intention made."""
    return getattr(talk, "__name__", "conversation")[:_LONGEST_NAME]


def _view(answer: Open | Push | Replace | Say) -> View:
    return result_view(answer) if isinstance(answer, Say) else answer.view


def _response(answer: Answer) -> Ack:
    """The body of the ack of a submission."""
    if isinstance(answer, FieldErrors):
        return {"response_action": "errors", "errors": dict(answer.errors)}
    if isinstance(answer, Push):
        return {"response_action": "push", "view": answer.view}
    if isinstance(answer, Nothing):
        return _EMPTY
    shown = answer.first if isinstance(answer, ReadFile | Consult) else answer
    return {"response_action": "update", "view": _view(shown)}


def _apology(error: Exception) -> Message:
    return say(words.TRY_AGAIN if is_trigger_over(error) else words.SLACK_FAILED).message
