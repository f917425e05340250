"""The buttons with which somebody follows what they asked for, one for each item."""

from collections.abc import Sequence

from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Element, button
from handlers.blocks.text import plain
from store.request_views import ItemView
from store.slots import Environment


def withdraw_buttons(items: Sequence[ItemView]) -> list[Element]:
    """*Withdraw*, which leaves nothing to decide."""
    return _buttons("Withdraw", Action.WITHDRAW, items)


def ask_again_buttons(items: Sequence[ItemView]) -> list[Element]:
    """*Ask again*, for the same reason as before."""
    return _buttons("Ask again", Action.ASK_AGAIN, items)


def send_again_buttons(items: Sequence[ItemView]) -> list[Element]:
    """*Send again*, which needs no new decision."""
    return _buttons("Send again", Action.SEND_AGAIN, items)


def upload_button(environment: Environment, registration_id: int, *, named: bool = False) -> Element:
    """*Upload the file*, for one registration."""
    name = plain(environment.slot_name, 40)
    text = f"Upload: {name}" if named else "Upload the file"
    label = f"Upload the vendor's file of {name}"
    return button(text, Action.UPLOAD, str(registration_id), accessibility_label=label)


def _buttons(text: str, action: Action, items: Sequence[ItemView]) -> list[Element]:
    several = len(items) > 1
    return [_button(text, action, each, named=several) for each in items]


def _button(text: str, action: Action, item: ItemView, *, named: bool) -> Element:
    name = plain(item.environment.slot_name)
    return button(
        f"{text}: {name}" if named else text,
        keyed(action, item.id),
        str(item.id),
        accessibility_label=f"{text} {item.number}: {name}",
    )
