"""Everything Slack: listeners in, blocks out. Here is the one list of listeners.

`/license` is one listener, registered first, with its own table of subcommands in `handlers.commands`. Clicks,
submissions, shortcuts and events are one listener each, with the tables below: an id that is not listed here
has no conversation. The app is made with `raise_error_for_unhandled_request=True`, so that `on_error` answers
what nobody listens to.
"""

import re
from collections.abc import Mapping
from typing import Final

from slack_bolt import App

from handlers.adapters import Conversation
from handlers.context import Context
from handlers.listening import EventHandler, Listening, on_error
from handlers.payloads import Click, Shortcut, Submission

CLICKS: Final[Mapping[str, Conversation[Click]]] = {}
SUBMISSIONS: Final[Mapping[str, Conversation[Submission]]] = {}
SHORTCUTS: Final[Mapping[str, Conversation[Shortcut]]] = {}
EVENTS: Final[Mapping[str, EventHandler]] = {}

_ANYTHING: Final = re.compile("")


def listeners(app: App, context: Context) -> None:
    """Register every listener with a Bolt app."""
    listening = Listening(context, CLICKS, SUBMISSIONS, SHORTCUTS, EVENTS)
    app.command("/license")(listening.on_command)
    app.action(_ANYTHING)(listening.on_click)
    app.view(_ANYTHING)(listening.on_submission)
    app.shortcut(_ANYTHING)(listening.on_shortcut)
    app.event(_ANYTHING)(listening.on_event)
    app.error(on_error)
