"""The buttons with which somebody asks for access, and with which that is answered."""

from handlers import phrases
from handlers.blocks.ids import Action
from handlers.blocks.kit import Element, button, confirm
from store.access_requests import AccessRequest
from store.rules.errors import DeskError
from store.rules.seeing_errors import NotAssociated


def ask_access_button() -> Element:
    """*Ask for access*, for somebody who sees nothing."""
    return button("Ask for access", Action.ASK_ACCESS, style="primary")


def after(error: DeskError) -> list[Element]:
    """What somebody can press who was refused because they see nothing."""
    return [ask_access_button()] if isinstance(error, NotAssociated) else []


def access_buttons(request: AccessRequest) -> list[Element]:
    """*Add as member* and *Decline*."""
    name, value = phrases.plain_name(request.person), str(request.id)
    asked = confirm("Decline this request?", f"{name} is told that it was declined.", "Decline", "Not now")
    return [
        button(
            "Add as member",
            Action.ADD_MEMBER,
            value,
            "primary",
            accessibility_label=f"Add {name} as member",
        ),
        button(
            "Decline",
            Action.DECLINE_ACCESS,
            value,
            confirm=asked,
            accessibility_label=f"Decline the request of {name}",
        ),
    ]
