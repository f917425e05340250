"""`/license requests`: what a person asked for and what waits for them, with the buttons of each."""

from collections.abc import Sequence
from typing import Final

from handlers import phrases
from handlers.answers import Answer, say, say_blocks
from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Block, Element, actions, button, context, header, section
from handlers.blocks.text import date
from handlers.cards import decision_buttons
from handlers.payloads import Click, Command
from handlers.requesting import outcome
from handlers.visitors import Visitor
from store import infrastructures, people, requests
from store.request_views import ItemView, RequestView, mine, waiting_for
from store.rules.request_states import HAS_FILE, ItemState, RequestKind
from store.rules.rights import Rights

_MOST_SHOWN: Final = 8
_ASKED_AGAIN: Final = frozenset(
    {ItemState.DECLINED, ItemState.EXPIRED, ItemState.WITHDRAWN, ItemState.CLOSED}
)


def requests_command(visitor: Visitor, _command: Command) -> Answer:
    """Show what waits for the visitor, and what they asked for."""
    with visitor.read() as connection:
        held = people.held_roles(connection, visitor.person.id)
        own = mine(connection, visitor.person.id, _MOST_SHOWN)
        waiting = waiting_for(connection, visitor.person.id, visitor.now, _MOST_SHOWN)
        if not own and not Rights(frozenset(each.role for each in held if each.active)).sees:
            raise infrastructures.not_associated(connection, visitor.person.id)
    if not own and not waiting:
        return say(
            "You have asked for nothing yet, and nothing waits for you. `/license request` asks for a license."
        )
    summary = (
        f"{_counted(len(waiting), 'request waits', 'requests wait')} for you; {len(own)} of yours are shown."
    )
    return say_blocks(summary, [section(summary), *_waiting(waiting), *_own(own)])


def withdraw_click(visitor: Visitor, click: Click) -> Answer:
    """Withdraw an item of the visitor's own."""
    item = requests.withdraw(visitor.desk, visitor.actor, click.number)
    return say(
        f"{item.number}: you withdrew your request for {phrases.environment(item.environment)}. "
        "Those who were asked see it on the card."
    )


def ask_again_click(visitor: Visitor, click: Click) -> Answer:
    """Ask once more for what an item asked for."""
    return outcome(requests.ask_again(visitor.desk, visitor.actor, click.number, click.key))


def send_again_click(visitor: Visitor, click: Click) -> Answer:
    """Send the file of an item once more."""
    sent = requests.send_again(visitor.desk, visitor.actor, click.number, click.key)
    what = f"{sent.item.number}: the license file of {phrases.environment(sent.item.environment)}"
    if sent.on_its_way:
        return say(f"{what} is still on its way; I go on trying, and sent nothing twice.")
    return say(f"{what} is being sent again. It is the same decision; nobody is asked anew.")


def _counted(number: int, one: str, several: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {several}"


def _waiting(listed: Sequence[RequestView]) -> list[Block]:
    if not listed:
        return []
    return [header("Waiting for you"), *(block for each in listed for block in _waiting_blocks(each))]


def _waiting_blocks(request: RequestView) -> list[Block]:
    who = phrases.name(request.requester)
    until = f" It expires on {date(request.expires_at)}." if request.expires_at else ""
    said = f"{request.number}: {who} asks {phrases.wish(request)}, {phrases.place(request)}.{until}"
    return [section(said), actions(decision_buttons(request))]


def _own(listed: Sequence[RequestView]) -> list[Block]:
    if not listed:
        return []
    blocks = [block for each in listed for block in _own_blocks(each)]
    return [header("Your requests"), *blocks, context(f"The newest {_MOST_SHOWN} at most are shown.")]


def _own_blocks(request: RequestView) -> list[Block]:
    lines = [f"{request.number}, {phrases.place(request)}, asked {date(request.asked_at)}:"]
    lines += [
        f"{phrases.environment(each.environment)}: {phrases.standing(each, request.kind)}"
        for each in request.items
    ]
    if request.pending and request.asked:
        names = phrases.listed([phrases.name(each) for each in request.asked])
        until = f"; it expires on {date(request.expires_at)}" if request.expires_at else ""
        lines.append(f"Asked: {names}{until}.")
    buttons = [each for item in request.items for each in _item_buttons(request, item)]
    return [section("\n".join(lines)), *([actions(buttons[:10])] if buttons else [])]


def _item_buttons(request: RequestView, item: ItemView) -> list[Element]:
    if item.is_pending:
        return [_button("Withdraw", Action.WITHDRAW, item)]
    if item.state in _ASKED_AGAIN:
        return [_button("Ask again", Action.ASK_AGAIN, item)]
    if item.state in HAS_FILE and request.kind is not RequestKind.RELEASE:
        return [_button("Send again", Action.SEND_AGAIN, item)]
    return []


def _button(text: str, action: Action, item: ItemView) -> Element:
    name = item.environment.slot_name
    label = f"{text}: {item.number}, {name}"
    return button(f"{text}: {name}", keyed(action, item.id), str(item.id), accessibility_label=label)
