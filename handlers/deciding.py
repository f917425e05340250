"""The buttons of a card: forward, choose what to forward, decline."""

from collections.abc import Sequence

from handlers import phrases
from handlers.answers import Answer, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import Option, checkboxes, input_block, modal, option, section, text_input
from handlers.payloads import Click, Submission, number
from handlers.visitors import Visitor
from store import decisions
from store.decisions import Decision
from store.request_views import ItemView, RequestView
from store.rules.request_errors import LONGEST_REASON
from store.rules.request_states import RequestKind


def forward_click(visitor: Visitor, click: Click) -> Answer:
    """Forward all that waits in a request."""
    return _decided(decisions.forward(visitor.desk, visitor.actor, click.number))


def choose_click(visitor: Visitor, click: Click) -> Answer:
    """Open the modal in which the items to forward are chosen."""
    request = decisions.to_decide(visitor.desk, visitor.actor, click.number)
    options = [_option(each) for each in request.pending]
    everything = [each["value"] for each in options]
    field = checkboxes(Action.ITEMS, options, everything)
    blocks = [
        section(f"{request.number}: {phrases.name(request.requester)} asks {phrases.wish(request)}."),
        input_block(
            "Forward these", field, BlockId.ITEMS, hint="The others stay as they are; decide them later."
        ),
    ]
    return Open(modal(Callback.FORWARD, "Choose", blocks, "Forward", private_metadata=str(request.id)))


def forward_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Forward the items chosen."""
    chosen = [number(each) for each in state.texts(submission.entered, BlockId.ITEMS)]
    return _decided(decisions.forward(visitor.desk, visitor.actor, number(submission.metadata), chosen))


def decline_click(visitor: Visitor, click: Click) -> Answer:
    """Open the modal that asks for the reason."""
    request = decisions.to_decide(visitor.desk, visitor.actor, click.number)
    reason = text_input(Action.REASON, multiline=True, longest=LONGEST_REASON, focus=True)
    who = phrases.name(request.requester)
    blocks = [
        section(f"{request.number}: {who} asks {phrases.wish(request)}. Declining sends no file."),
        input_block("Reason", reason, BlockId.REASON, hint=_readers(request)),
    ]
    return Open(modal(Callback.DECLINE, "Decline", blocks, "Decline", private_metadata=str(request.id)))


def decline_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Decline all that waits in a request."""
    reason = state.text(submission.entered, BlockId.REASON) or ""
    request_id = number(submission.metadata)
    return _decided(decisions.decline(visitor.desk, visitor.actor, request_id, None, reason))


def _readers(request: RequestView) -> str:
    return f"{request.requester.name} and those who were asked will read it."


def _option(item: ItemView) -> Option:
    environment = item.environment
    label = f"{environment.slot_name} ({environment.environment_type.short})"
    return option(label, str(item.id), item.serial)


def _decided(decision: Decision) -> Answer:
    request = decision.request
    sentences = [_outcome(request, _of(request, decision.decided))] if decision.decided else []
    if decision.closed:
        closed = _of(request, decision.closed)
        why = phrases.why_closed(closed[0].cause)
        sentences.append(f"{request.number}: {phrases.environments(closed)} could not be forwarded: {why}.")
    sentences += [
        f"{phrases.environment(each.environment)} was decided before: {phrases.standing(each, request.kind)}."
        for each in decision.already
    ]
    return say("\n".join(sentences))


def _of(request: RequestView, item_ids: Sequence[int]) -> list[ItemView]:
    return [each for each in request.items if each.id in item_ids]


def _outcome(request: RequestView, items: Sequence[ItemView]) -> str:
    who, what = phrases.name(request.requester), phrases.environments(items)
    if items[0].decline_reason:
        return f"{request.number}: you declined {what}. {who} is told, with your reason."
    if request.kind is RequestKind.RELEASE:
        return f"{request.number}: {what} is released. {who} is told."
    if request.kind is RequestKind.SERIAL_CHANGE:
        return f"{request.number}: the serial number of {what} is changed, and the file goes to {who} now."
    return f"{request.number}: you forwarded {phrases.files_of(items)}. It goes to {who} now."
