"""The buttons of a card: forward, choose what to forward, decline."""

from collections.abc import Callable, Sequence
from typing import Final

from handlers import phrases
from handlers.answers import Answer, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import Option, checkboxes, input_block, modal, option, section, text_input
from handlers.blocks.text import plain
from handlers.payloads import Click, Submission, number
from handlers.visitors import Visitor
from store import cards, decisions, people, readdressing
from store.card_targets import Target
from store.decisions import Decision
from store.request_changes import file_waits_until
from store.request_views import ItemView, RequestView
from store.rules.request_errors import LONGEST_REASON, AlreadyDecided, MayNotDecide, RequestUnknown
from store.rules.request_states import RequestKind

_DECLINING: Final = {
    RequestKind.LICENSE: "Declining sends no file.",
    RequestKind.SERIAL_CHANGE: "Declining leaves the serial number as it is.",
    RequestKind.RELEASE: "Declining leaves the environment registered.",
}


def forward_click(visitor: Visitor, click: Click) -> Answer:
    """Forward all that waits in a request."""
    return _at_card(
        visitor,
        click,
        lambda: _decided(visitor, decisions.forward(visitor.desk, visitor.actor, click.number)),
    )


def choose_click(visitor: Visitor, click: Click) -> Answer:
    """Open the modal in which the items to forward are chosen."""
    return _at_card(visitor, click, lambda: _choose(_to_decide(visitor, click)))


def decline_click(visitor: Visitor, click: Click) -> Answer:
    """Open the modal that asks for the reason."""
    return _at_card(visitor, click, lambda: _decline(_to_decide(visitor, click)))


def forward_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Forward the items chosen."""
    request_id = number(submission.metadata)
    chosen = [number(each) for each in state.texts(submission.entered, BlockId.ITEMS)]
    return _where_seen(
        visitor,
        request_id,
        lambda: _decided(visitor, decisions.forward(visitor.desk, visitor.actor, request_id, chosen)),
    )


def decline_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Decline all that waits in a request."""
    request_id = number(submission.metadata)
    reason = state.text(submission.entered, BlockId.REASON) or ""
    return _where_seen(
        visitor,
        request_id,
        lambda: _decided(visitor, decisions.decline(visitor.desk, visitor.actor, request_id, None, reason)),
    )


def _at_card(visitor: Visitor, click: Click, decide: Callable[[], Answer]) -> Answer:
    """Decide at a card; one that is not known, since the answer to its post was lost, is redrawn from now on."""
    try:
        answer = _where_seen(visitor, click.number, decide, click.channel)
    except AlreadyDecided:
        _remember_card(visitor, click)
        raise
    _remember_card(visitor, click)
    return answer


def _where_seen(visitor: Visitor, request_id: int, decide: Callable[[], Answer], channel: str = "") -> Answer:
    """Refuse those who may neither see the infrastructure nor have the card before them like any unknown number."""
    try:
        return decide()
    except MayNotDecide as refusal:
        if _sees(visitor, refusal, request_id, channel):
            raise
        unknown = RequestUnknown()
        # The attempt is in the record already, with the request that it was about.
        unknown.recorded = refusal.recorded
        raise unknown from None


def _sees(visitor: Visitor, refusal: MayNotDecide, request_id: int, channel: str) -> bool:
    with visitor.read() as connection:
        infrastructure_id = refusal.infrastructure_id
        if people.rights_in(connection, visitor.person.id, infrastructure_id).sees:
            return True
        return bool(channel and cards.at(connection, request_id, Target(channel=channel)))


def _remember_card(visitor: Visitor, click: Click) -> None:
    if not click.ts:
        return
    with visitor.read() as connection:
        known = cards.at(connection, click.number, Target(channel=click.channel))
    if click.ts not in {each.ts for each in known}:
        workspace = visitor.person.workspace_id
        readdressing.card_came_back(
            visitor.desk, visitor.actor, click.number, workspace, click.channel, click.ts
        )


def _to_decide(visitor: Visitor, click: Click) -> RequestView:
    return decisions.to_decide(visitor.desk, visitor.actor, click.number)


def _choose(request: RequestView) -> Answer:
    options = [_option(each) for each in request.pending]
    field = checkboxes(Action.ITEMS, options, [each["value"] for each in options])
    blocks = [
        section(_asks(request)),
        input_block(
            "Forward these", field, BlockId.ITEMS, hint="The others wait; they can be decided later."
        ),
    ]
    return Open(modal(Callback.FORWARD, "Choose", blocks, "Forward", private_metadata=str(request.id)))


def _decline(request: RequestView) -> Answer:
    reason = text_input(Action.REASON, multiline=True, longest=LONGEST_REASON, focus=True)
    readers = (
        f"{phrases.plain_name(request.requester)} will read it, and so will everybody who sees the card."
    )
    blocks = [
        section(f"{_asks(request)} {_DECLINING[request.kind]}"),
        input_block("Reason", reason, BlockId.REASON, hint=readers),
    ]
    return Open(modal(Callback.DECLINE, "Decline", blocks, "Decline", private_metadata=str(request.id)))


def _asks(request: RequestView) -> str:
    who, place = phrases.name(request.requester), phrases.place(request)
    return f"{request.number}: {who} asks {phrases.wish(request, request.pending)}, {place}."


def _option(item: ItemView) -> Option:
    environment = item.environment
    label = f"{plain(environment.slot_name, 55)} ({environment.environment_type.short})"
    return option(label, str(item.id), item.serial)


def _decided(visitor: Visitor, decision: Decision) -> Answer:
    request = decision.request
    sentences = [_outcome(visitor, request, _of(request, decision.decided))] if decision.decided else []
    if decision.closed:
        closed = _of(request, decision.closed)
        why = phrases.why_closed(closed[0].cause)
        sentences.append(
            f"{request.number}: {phrases.environments(closed)} could not be forwarded, because {why}."
        )
    for each in decision.already:
        standing = phrases.standing(request, each, visitor.now)
        sentences.append(f"{phrases.environment(each.environment)} was decided before: {standing}.")
    return say("\n".join(sentences))


def _of(request: RequestView, item_ids: Sequence[int]) -> list[ItemView]:
    return [each for each in request.items if each.id in item_ids]


def _outcome(visitor: Visitor, request: RequestView, items: Sequence[ItemView]) -> str:
    who, number_, what = phrases.name(request.requester), request.number, phrases.about(request, items)
    if items[0].decline_reason:
        return f"{number_}: you declined {what}. {who} is told, with your reason."
    if request.kind is RequestKind.RELEASE:
        return f"{number_}: you confirmed {what}. The slot is free, and {who} is told."
    when = _when(visitor, request, items)
    if request.kind is RequestKind.SERIAL_CHANGE:
        changed = f"{number_}: you confirmed {what}, which is {items[0].new_serial} now."
        return f"{changed} {who} gets the license file {when}."
    it = "it" if len(items) == 1 else "them"
    return f"{number_}: you forwarded {what}. {who} gets {it} {when}."


def _when(visitor: Visitor, request: RequestView, items: Sequence[ItemView]) -> str:
    missing = sum(each.file_missing for each in items)
    if missing:
        some = "" if missing == len(items) else f", which {missing} of {len(items)} wait for"
        return f"once the vendor's file is uploaded{some}; everybody who may upload it is told"
    waits_until = file_waits_until(request.infrastructure, visitor.now)
    return f"when the subscription starts, {phrases.on(waits_until)}" if waits_until else "at once"
