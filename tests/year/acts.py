"""What people do at the desk: in Slack where a person asks or decides, otherwise as the app would have it done."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from bot.sandbox.seen import Message
from handlers.blocks.ids import Action, BlockId, Callback, base
from store.tables import cards, conversations, requests
from tests.handlers.requesting import entered
from tests.year.company import slack_id
from tests.year.town import Town


def ask(town: Town, name: str, serial: str, registration_ids: Sequence[int], *, urgent: bool = False) -> str:
    """Ask for license files in the modal of `/license request`; tell how the desk took it."""
    user = slack_id(name)
    answer = town.slack.command(user, f"request {serial}")
    assert answer.ok, answer
    town.settle()
    view = town.slack.view(user)
    if view is None or view.callback_id != Callback.REQUEST or view.raw["submit"] is None:
        close_all(town, name)
        return "answered in words"
    values: dict[str, Any] = entered(view, *registration_ids, reason=f"upgrade of {serial[-3:]}")
    if urgent and any(each.get("block_id") == BlockId.URGENT for each in view.blocks):
        values[str(BlockId.URGENT)] = ["urgent"]
    done = town.slack.submit(user, view, values)
    assert done.trouble is None, done
    town.settle()
    close_all(town, name)
    return "refused" if done.errors else "taken"


def forward(town: Town, name: str, card: Message) -> None:
    """Press *Forward license* on a card."""
    _press(town, name, card, Action.FORWARD)


def forward_one(town: Town, name: str, card: Message) -> None:
    """Press *Choose…* on a card, and forward one of several."""
    _press(town, name, card, Action.FORWARD_CHOOSE)
    view = town.slack.view(slack_id(name))
    assert view is not None
    [field] = [each["element"] for each in view.blocks if each.get("block_id") == BlockId.ITEMS]
    done = town.slack.submit(slack_id(name), view, {str(BlockId.ITEMS): [field["options"][0]["value"]]})
    assert done.trouble is None, done
    town.settle()
    close_all(town, name)


def ask_again(town: Town, request_id: int) -> bool:
    """Press *Ask again* below the words that a request expired; tell whether there is such a button."""
    query = select(requests.c.requester_id).where(requests.c.id == request_id)
    with town.desk.database.read() as connection:
        requester = connection.execute(query).scalar_one()
    name = next(each for each, number in town.people.items() if number == requester)
    place = town.world.direct_of(slack_id(name))
    if place is None or town.world.people[slack_id(name)].deleted:
        return False
    for ts in reversed(place.messages):
        message = _message(town, place.id, ts)
        if f"R-{1000 + request_id}" in message.text:
            button = _button(message, Action.ASK_AGAIN)
            if button is not None:
                _press(town, name, message, button)
            return button is not None
    return False


def look_at_home(town: Town, name: str) -> None:
    """Look at the app's Home."""
    town.slack.open_home(slack_id(name))
    town.settle()


def decline(town: Town, name: str, card: Message) -> None:
    """Press *Decline* on a card, and give a reason."""
    _press(town, name, card, Action.DECLINE)
    view = town.slack.view(slack_id(name))
    if view is not None:
        done = town.slack.submit(slack_id(name), view, {str(BlockId.REASON): "not this week"})
        assert done.trouble is None, done
    town.settle()
    close_all(town, name)


def close_all(town: Town, name: str) -> None:
    """Close every modal that somebody has open."""
    for view in reversed(town.slack.views(slack_id(name))):
        town.slack.close(slack_id(name), view)


def cards_of(town: Town, name: str, request_id: int) -> list[Message]:
    """The cards of a request that somebody sees, each as it is drawn at this moment."""
    here = (
        select(conversations.c.slack_id, cards.c.ts)
        .join(conversations, conversations.c.id == cards.c.conversation_id)
        .where(cards.c.request_id == request_id)
        .order_by(cards.c.id)
    )
    with town.desk.database.read() as connection:
        rows = connection.execute(here).all()
    return [_message(town, *row) for row in rows if _sees(town, name, row.slack_id)]


def is_alive(card: Message) -> bool:
    """Whether a card has the button to forward."""
    return _button(card, Action.FORWARD) is not None


def readers_of(town: Town, card: Message) -> list[str]:
    """Those who see the conversation of a card and can still press it, by first name."""
    place = town.world.conversations[card.channel]
    there = (town.world.people[each] for each in place.members if not place.archived)
    return sorted(each.name for each in there if not each.deleted and not each.is_bot)


def _sees(town: Town, name: str, channel: str) -> bool:
    place = town.world.conversations[channel]
    return slack_id(name) in place.members and not place.archived


def _message(town: Town, channel: str, ts: str) -> Message:
    message = town.world.conversations[channel].messages[ts]
    shown = town.world.message_object(message, with_metadata=True)
    return Message.of({**shown, "channel": channel, "history": message.history, "ephemeral": False})


def _button(message: Message, action: Action) -> str | None:
    """The whole id of the first button of an action."""
    ids = (
        each["action_id"]
        for block in message.blocks
        for each in block.get("elements", ())
        if "action_id" in each
    )
    return next((each for each in ids if base(each) == action), None)


def _press(town: Town, name: str, card: Message, action: str) -> None:
    answer = town.slack.click(slack_id(name), card, str(action))
    assert answer.ok, answer
    town.settle()
