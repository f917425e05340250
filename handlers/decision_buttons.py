"""The buttons with which a request is decided, on its card and in lists."""

from collections.abc import Sequence
from typing import Final

from handlers import phrases
from handlers.blocks.ids import Action
from handlers.blocks.kit import Element, button, confirm
from handlers.blocks.text import plain
from store.request_views import ItemView, RequestView
from store.rules.request_states import RequestKind

# A question has 300 characters in all, and the names in it may be long.
_LONGEST_NAME: Final = 50

_FORWARD: Final = {
    RequestKind.LICENSE: "Forward license",
    RequestKind.SERIAL_CHANGE: "Forward license",
    RequestKind.RELEASE: "Release",
}


def decision_buttons(request: RequestView) -> list[Element]:
    """Forward, choose and decline; each carries the request's id and nothing else."""
    value, subject = str(request.id), f"{request.number}: {plain_environments(request.pending)}"
    several = len(request.pending) > 1
    text = "Forward all" if several else _FORWARD[request.kind]
    label = f"{text} {subject}"
    forward = button(
        text, Action.FORWARD, value, style="primary", confirm=_confirm(request), accessibility_label=label
    )
    choose = button("Choose…", Action.FORWARD_CHOOSE, value, accessibility_label=f"Choose for {subject}")
    decline = button("Decline", Action.DECLINE, value, accessibility_label=f"Decline {subject}")
    return [forward, *([choose] if several else []), decline]


def plain_environments(items: Sequence[ItemView]) -> str:
    """The names of some environments where text is shown as it is; more than three are counted."""
    names = [plain(each.environment.slot_name, _LONGEST_NAME) for each in items]
    return phrases.shortened(names, phrases.MOST_ENVIRONMENTS_NAMED)


def _confirm(request: RequestView) -> Element:
    number, names = request.number, plain_environments(request.pending)
    if request.kind is RequestKind.RELEASE:
        return confirm(
            f"Release for {number}?",
            f"{number}: the slot of {names} becomes free.",
            "Release",
            "Back",
            style="danger",
        )
    who = plain(request.requester.name, _LONGEST_NAME)
    files = "the license file" if len(request.pending) == 1 else "the license files"
    sends = f"{number}: {who} gets {files} of {names} at once, as a direct message."
    if request.kind is RequestKind.SERIAL_CHANGE:
        sends = f"{sends} The old serial number ends."
    return confirm(f"Forward {number}?", sends, "Forward", "Back", style="primary")
