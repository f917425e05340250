"""The buttons of Home: one for every command that somebody may use."""

from typing import Final

from handlers import commands
from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Element, button
from store.rules.rights import Rights

# The first words that people look for come first; the names are those of the subcommands.
_LABELS: Final = {
    "register": "Register an environment",
    "request": "Request a license",
    "slots": "Slots",
    "environments": "Environments",
    "upload": "Upload a license file",
    "requests": "Requests",
    "serial-changed": "Serial changed",
    "release": "Release",
    "people": "People",
    "subscription": "Subscription",
    "history": "History",
    "check": "Check a license",
    "report": "Report",
    "revocations": "Revoked licenses",
    "help": "Help",
}


def command_buttons(rights: Rights) -> list[Element]:
    """A button for each command that these rights allow; none for somebody without a role."""
    if not rights.sees:
        return []
    return [_button(name, label) for name, label in _LABELS.items() if commands.find(name).allowed(rights)]


def _button(name: str, label: str) -> Element:
    action = keyed(Action.HOME_COMMAND, name)
    return button(label, action, name, style="primary" if name == "register" else None)
