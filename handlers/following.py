"""`/license requests`: what waits for a person and what they asked for, with the buttons of each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from handlers import phrases
from handlers.answers import Answer, say, say_blocks
from handlers.blocks.ids import Action
from handlers.blocks.kit import Block, Element, actions, button, context, header, section
from handlers.decision_buttons import decision_buttons
from handlers.item_buttons import ask_again_buttons, send_again_buttons, withdraw_buttons
from handlers.outcomes import outcome
from handlers.payloads import Click, Command
from handlers.visitors import Visitor
from store import infrastructures, requests
from store.request_views import ItemView, RequestView, mine, waiting_for
from store.rules.request_states import HAS_FILE, Cause, ItemState, RequestKind

# What Slack takes in one message is counted in characters of all blocks; more than these may not fit.
_MOST_SHOWN: Final = 5
_MOST_ITEMS: Final = 4
_MOST_BUTTONS: Final = 10
_ASKED_AGAIN: Final = frozenset({ItemState.DECLINED, ItemState.EXPIRED, ItemState.WITHDRAWN})


def requests_command(visitor: Visitor, _command: Command) -> Answer:
    """Show what waits for the visitor, and what they asked for. Raises `NotAssociated`."""
    with visitor.read() as connection:
        own = mine(connection, visitor.person.id, _MOST_SHOWN + 1)
        waiting = waiting_for(connection, visitor.person.id, visitor.now, _MOST_SHOWN + 1)
        if not own and not waiting and not any(each.active for each in visitor.held):
            raise infrastructures.not_associated(connection, visitor.person.id)
    if not own and not waiting:
        ask = button("Request a license", Action.REQUEST, style="primary")
        return say("Nothing waits for you, and you have asked for nothing yet.", ask)
    summary = _summary(waiting, own)
    blocks = [section(summary), *_waiting(waiting[:_MOST_SHOWN]), *_own(visitor, own[:_MOST_SHOWN])]
    if len(own) > _MOST_SHOWN or len(waiting) > _MOST_SHOWN:
        blocks.append(context(f"The newest {_MOST_SHOWN} of each are shown."))
    return say_blocks(summary, blocks)


def withdraw_click(visitor: Visitor, click: Click) -> Answer:
    """Withdraw an item of the visitor's own."""
    item = requests.withdraw(visitor.desk, visitor.actor, click.number)
    return say(
        f"{item.number}: you withdrew your request for {phrases.environment(item.environment)}. "
        "Those who were asked see it on the card.",
        *ask_again_buttons([item]),
    )


def ask_again_click(visitor: Visitor, click: Click) -> Answer:
    """Ask once more for what an item asked for; the same click again is the same request."""
    return outcome(requests.ask_again(visitor.desk, visitor.actor, click.number, click.key))


def send_again_click(visitor: Visitor, click: Click) -> Answer:
    """Send the file of an item once more; the same click again sends nothing more."""
    sent = requests.send_again(visitor.desk, visitor.actor, click.number, click.key)
    what = f"{sent.item.number}: the license file of {phrases.environment(sent.item.environment)}"
    if sent.on_its_way:
        return say(f"{what} is still on its way. I go on trying; nothing is sent twice.")
    return say(f"{what} is being sent again. It is the same decision, so nobody is asked anew.")


def _summary(waiting: Sequence[RequestView], own: Sequence[RequestView]) -> str:
    waits = f"{_counted(waiting)} {'waits' if len(waiting) == 1 else 'wait'} for you"
    if not waiting:
        waits = "Nothing waits for you"
    asked = f"you asked for {_counted(own)}" if own else "you have asked for nothing"
    return f"{waits}; {asked}."


def _counted(listed: Sequence[RequestView]) -> str:
    if len(listed) > _MOST_SHOWN:
        return f"More than {_MOST_SHOWN} requests"
    return "1 request" if len(listed) == 1 else f"{len(listed)} requests"


def _waiting(listed: Sequence[RequestView]) -> Iterator[Block]:
    if listed:
        yield header("Waiting for you")
    for each in listed:
        yield section(_waits(each))
        yield actions(decision_buttons(each))


def _waits(request: RequestView) -> str:
    until = f" It expires {phrases.on(request.expires_at)}." if request.expires_at else ""
    who = phrases.name(request.requester)
    return f"{request.number}: {who} asks {phrases.wish(request)}, {phrases.place(request)}.{until}"


def _own(visitor: Visitor, listed: Sequence[RequestView]) -> Iterator[Block]:
    if listed:
        yield header("Your requests")
    for each in listed:
        yield section("\n".join(_lines(each, visitor.now)))
        buttons = _buttons(each, visitor)
        if buttons:
            yield actions(buttons[:_MOST_BUTTONS])


def _lines(request: RequestView, now: datetime) -> Iterator[str]:
    yield f"{request.number}, {phrases.place(request)}, asked {phrases.on(request.asked_at)}:"
    for item in request.items[:_MOST_ITEMS]:
        yield f"{phrases.environment(item.environment)}: {phrases.standing(request, item, now)}"
    if len(request.items) > _MOST_ITEMS:
        yield f"and {len(request.items) - _MOST_ITEMS} more environments"
    yield from (f"{each[:1].upper()}{each[1:]}" for each in phrases.reasons(request.items))
    if request.pending and request.asked:
        until = f"; it expires {phrases.on(request.expires_at)}" if request.expires_at else ""
        yield f"Asked: {phrases.people(request.asked)}{until}"
    if request.pending and request.skipped:
        yield f"Not reached in Slack: {phrases.people(request.skipped)}"


def _buttons(request: RequestView, visitor: Visitor) -> list[Element]:
    again = [each for each in request.items if _can_be_asked_again(each)]
    sent = [each for each in request.items if _can_be_sent_again(request, each, visitor)]
    return [*withdraw_buttons(request.pending), *ask_again_buttons(again), *send_again_buttons(sent)]


def _can_be_asked_again(item: ItemView) -> bool:
    return item.state in _ASKED_AGAIN or item.cause is Cause.NOBODY_REACHABLE


def _can_be_sent_again(request: RequestView, item: ItemView, visitor: Visitor) -> bool:
    if item.state not in HAS_FILE or request.kind is RequestKind.RELEASE or item.decided_at is None:
        return False
    return visitor.now <= item.decided_at + visitor.desk.policy.send_again_for
