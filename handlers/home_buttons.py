"""The buttons of Home: one for every command that somebody may use."""

from typing import Final

from handlers import commands
from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Element, button
from store.rules.rights import Rights

_UPLOAD: Final = "upload"
# The first words that people look for come first; the names are those of the subcommands.
_LABELS: Final = {
    "register": "Register an environment",
    "request": "Request a license",
    "slots": "Slots",
    "environments": "Environments",
    _UPLOAD: "Upload a license file",
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


def command_buttons(rights: Rights, *, uploads: bool) -> list[Element]:
    """A button for each command that these rights allow; none for somebody without a role.

    `uploads` says whether there is anything to upload a file for.
    """
    if not rights.sees:
        return []
    names = [each for each in _LABELS if commands.find(each).allowed(rights) and (uploads or each != _UPLOAD)]
    return [_button(each, _LABELS[each]) for each in names]


def _button(name: str, label: str) -> Element:
    action = keyed(Action.HOME_COMMAND, name)
    return button(label, action, name, style="primary" if name == "register" else None)
