"""Modals that are shown in the answer to a submission, and drawn again once more is known.

The answer and the later drawing travel apart, and the later one may arrive first: drawn by the id of the form it
would then be painted over by the answer. So the first view gets a name of its own, by which nothing can be drawn
before it is there.
"""

import secrets
from collections.abc import Callable
from typing import Final

from handlers.blocks.kit import View
from handlers.context import SlackCalls
from handlers.slack import is_view_unknown

PAUSES: Final = (0.05, 0.15, 0.5, 1.3)
"""Seconds between the attempts to find the view; they outlast the way of an answer to Slack."""


def named(view: View) -> tuple[str, View]:
    """A name that no other view has, and the view with it."""
    name = f"late:{secrets.token_hex(12)}"
    return name, {**view, "external_id": name}


def draw(slack: SlackCalls, name: str, view: View, wait: Callable[[float], None]) -> bool:
    """Draw the named view anew; False when it does not appear, for example because it was closed meanwhile."""
    for pause in (*PAUSES, None):
        try:
            slack.views_update_named(name, view)
        except Exception as error:
            if not is_view_unknown(error):
                raise
            if pause is not None:
                wait(pause)
        else:
            return True
    return False
