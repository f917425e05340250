"""`/license requests`: what waits for a person and what they asked for, with the buttons of each."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import cards, phrases
from handlers.answers import Answer, say, say_blocks
from handlers.blocks.ids import Action
from handlers.blocks.kit import (
    ROOM_IN_A_MESSAGE,
    Block,
    Element,
    actions,
    button,
    context,
    header,
    length_of,
    section,
)
from handlers.deadlines import numbered, sentences
from handlers.decision_buttons import decision_buttons
from handlers.item_buttons import ask_again_buttons, send_again_buttons, withdraw_buttons
from handlers.outcomes import outcome
from handlers.payloads import Click, Command
from handlers.visitors import Visitor
from store import deadlines, infrastructures, people, request_views, requests
from store.request_views import ItemView, RequestView, mine, waiting_for
from store.rules.request_errors import RequestUnknown
from store.rules.request_states import HAS_FILE, Cause, ItemState, RequestKind, request_id
from store.rules.rights import ADMINS, RoleName, Step, may_decide

_MOST_SHOWN: Final = 8
_MOST_BUTTONS: Final = 10
# The words around the lists need some room, too.
_ROOM: Final = ROOM_IN_A_MESSAGE - 300
_LONGEST_REASON: Final = 400
_ASKED_AGAIN: Final = frozenset({ItemState.DECLINED, ItemState.EXPIRED, ItemState.WITHDRAWN})


def requests_command(visitor: Visitor, command: Command) -> Answer:
    """Show what waits for the visitor and what they asked for, or the one request of a number."""
    return _one(visitor, command.rest) if command.rest else _all(visitor)


def _one(visitor: Visitor, typed: str) -> Answer:
    """Show one request to those who made it, may decide it or oversee it; to others there is none."""
    with visitor.read() as connection:
        wanted, person_id = request_id(typed), visitor.person.id
        found = request_views.shown_to(connection, wanted, person_id, visitor.held, visitor.now)
        if not found:
            raise RequestUnknown
        if found[0].requester.id == visitor.person.id:
            summary = f"{found[0].number} is a request of yours."
            return say_blocks(summary, [section(summary), *_own(visitor, found[0])])
        drawn = cards.card(connection, visitor.desk, found[0].id, None)
        if _decides(connection, visitor, found[0]):
            return say_blocks(drawn["text"], drawn["blocks"])
        if not _oversees(connection, visitor, found[0]):
            raise RequestUnknown
    return say_blocks(drawn["text"], [each for each in drawn["blocks"] if each["type"] != "actions"])


def _decides(connection: Connection, visitor: Visitor, request: RequestView) -> bool:
    rights = people.rights_in(connection, visitor.person.id, request.infrastructure.id)
    if request.kind is RequestKind.RELEASE:
        return RoleName.OPERATOR in rights.roles
    stands_in = people.stands_in(connection, visitor.person.id, request.infrastructure.id, visitor.now)
    operators = request.step is Step.OPERATORS
    return may_decide(rights, stands_in=stands_in, is_requester=False, asked_operators=operators)


def _oversees(connection: Connection, visitor: Visitor, request: RequestView) -> bool:
    rights = people.rights_in(connection, visitor.person.id, request.infrastructure.id)
    return bool(rights.roles & (ADMINS | {RoleName.AUDITOR, RoleName.OPERATOR}))


def _all(visitor: Visitor) -> Answer:
    with visitor.read() as connection:
        own = mine(connection, visitor.person.id, _MOST_SHOWN + 1)
        waiting = waiting_for(connection, visitor.person.id, visitor.now, _MOST_SHOWN + 1)
        if not own and not waiting and not any(each.active for each in visitor.held):
            raise infrastructures.not_associated(connection, visitor.person.id)
    if not own and not waiting:
        ask = button("Request a license", Action.REQUEST, style="primary")
        may_ask = visitor.rights.registers
        return say("Nothing waits for you, and you have asked for nothing yet.", *([ask] if may_ask else []))
    summary = _summary(waiting, own)
    blocks = [section(summary)]
    blocks += _listed("Waiting for you", [_waits(each) for each in waiting], _ROOM // 2)
    blocks += _listed("Your requests", [_own(visitor, each) for each in own], _ROOM - length_of(blocks))
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
    if sent.item.file_missing:
        return say(f"{what} is made by the vendor and not uploaded yet. It comes by itself once it is.")
    if sent.on_its_way:
        return say(f"{what} is still on its way. I go on trying; nothing is sent twice.")
    return say(f"{what} is being sent again. It is the same decision, so nobody is asked anew.")


def _summary(waiting: Sequence[RequestView], own: Sequence[RequestView]) -> str:
    waits = f"{_counted(waiting)} {'waits' if len(waiting) == 1 else 'wait'} for you"
    if not waiting:
        waits = "Nothing waits for you"
    counted = _counted(own)
    asked = f"you have made {counted[0].lower()}{counted[1:]}" if own else "you have asked for nothing"
    return f"{waits}; {asked}."


def _counted(listed: Sequence[RequestView]) -> str:
    if len(listed) > _MOST_SHOWN:
        return f"More than {_MOST_SHOWN} requests"
    return "1 request" if len(listed) == 1 else f"{len(listed)} requests"


def _listed(title: str, parts: Sequence[list[Block]], room: int) -> list[Block]:
    """As many parts, each whole, as fit into `room` characters; the first one at least."""
    blocks: list[Block] = [header(title)] if parts else []
    for number, part in enumerate(parts):
        if number == _MOST_SHOWN or (number and length_of([*blocks, *part]) > room):
            shown = "The newest one is shown." if number == 1 else f"The newest {number} are shown."
            return [*blocks, context(f"{shown} Type `/license requests NUMBER` for another one.")]
        blocks += part
    return blocks


def _waits(request: RequestView) -> list[Block]:
    until = f" It expires {phrases.on(request.expires_at)}." if request.expires_at else ""
    who = phrases.name(request.requester)
    wish = phrases.wish(request, request.pending)
    said = f"{numbered(request)}: {who} asks {wish}, {phrases.place(request)}.{until}"
    return [section(said), actions(decision_buttons(request))]


def _own(visitor: Visitor, request: RequestView) -> list[Block]:
    buttons = _buttons(request, visitor)[:_MOST_BUTTONS]
    said = section("\n".join(_lines(request, visitor)))
    return [said, actions(buttons)] if buttons else [said]


def _lines(request: RequestView, visitor: Visitor) -> Iterator[str]:
    yield f"{numbered(request)}, {phrases.place(request)}, asked {phrases.on(request.asked_at)}:"
    alike: dict[str, list[str]] = {}
    for item in request.items:
        alike.setdefault(phrases.standing(request, item, visitor.now), []).append(
            phrases.environment(item.environment)
        )
    yield from (f"{phrases.listed(names)}: {standing}" for standing, names in alike.items())
    yield from phrases.reasons(request.items, _LONGEST_REASON)
    if request.pending and request.asked:
        yield f"Asked: {phrases.asked(request.asked)}"
        moments = deadlines.of_request(request, visitor.desk.policy, visitor.now)
        yield sentences(moments, visitor.now, request.escalated_at)
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
