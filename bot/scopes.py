"""The scopes of the Slack app: what each is used for, and what does not work without it.

This is the one list of them; `manifest.yml` asks for exactly these, and the README explains them in these words.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scope:
    """One right of the app, by Slack's name; `without` ends the sentence "Without it, …"."""

    name: str
    used_for: str
    without: str


SCOPES: Final = (
    Scope(
        "channels:read",
        "sees whether a public approval channel is archived or shared, and who is in it",
        "people in a public approval channel are not recognized there and get each card directly",
    ),
    Scope("chat:write", "posts cards, notices and answers", "no card, notice or answer can be posted"),
    Scope("commands", "takes `/license` and the shortcuts", "Slack does not pass `/license` on"),
    Scope(
        "files:read",
        "sees that Slack has shared a license file, and reads files that people put into forms",
        "no license file can be confirmed as delivered",
    ),
    Scope("files:write", "uploads license files and reports", "no license file can be sent"),
    Scope(
        "groups:read",
        "the same as channels:read, for private approval channels",
        "people in a private approval channel are not recognized there and get each card directly",
    ),
    Scope(
        "im:history",
        "finds a message of its own again when Slack's answer to it was lost, and hears what people write to it",
        "a direct message may be sent twice, and nobody who writes to the bot is answered",
    ),
    Scope("im:write", "opens direct messages", "nobody can be sent a file, card or notice directly"),
    Scope(
        "users:read",
        "sees whether somebody is active, a guest or a bot, and their time zone",
        "nobody who is new can use `/license`, and nobody is noticed who was deactivated",
    ),
    Scope(
        "users:read.email",
        "links somebody to the e-mail address that the import named",
        "people whom the import names by e-mail are not recognized",
    ),
)


def missing(granted: frozenset[str]) -> tuple[Scope, ...]:
    """The scopes that are needed and were not granted."""
    return tuple(each for each in SCOPES if each.name not in granted)
