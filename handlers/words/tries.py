"""What somebody tried to do who was refused, in words, by the name of the conversation or intention."""

from collections.abc import Mapping
from typing import Final

_KINDS: Final = ("_command", "_click", "_submission", "_shortcut")

TRIES: Final[Mapping[str, str]] = {
    "activate_key": "activate a signing key",
    "add_key": "make a signing key",
    "add_member": "add somebody as a member",
    "ask": "ask for license files",
    "ask_access": "ask for access",
    "ask_again": "ask again",
    "ask_by_workflow": "ask for a license file",
    "ask_release": "ask for a release",
    "ask_serial_change": "ask for a change of serial number",
    "bulk": "register environments from a table",
    "bulk_confirm": "register environments from a table",
    "change": "change a role",
    "change_serial": "change a serial number",
    "change_version": "change a platform version",
    "check": "check a license",
    "choose": "forward a request",
    "command": "use a command in Home",
    "compromise_key": "declare a signing key compromised",
    "confirm": "confirm roles",
    "confirm_roles": "confirm roles",
    "decline": "decline a request",
    "decline_access": "decline a request for access",
    "end_stand_in": "end the time of a stand-in",
    "environments": "see environments",
    "form_changed": "register an environment",
    "forward": "forward a request",
    "hand_over": "hand over roles",
    "help": "see the help",
    "history": "see the history",
    "infrastructure_changed": "ask for license files",
    "infrastructure_chosen": "see who is who",
    "init_keys": "make the first signing key",
    "name_stand_in": "name a stand-in",
    "offer": "choose from a menu",
    "offer_places": "choose from a menu",
    "order": "get a report",
    "order_revocations": "get the revocation list",
    "page": "see another page",
    "people": "see who is who",
    "register": "register an environment",
    "register_all": "register environments from a table",
    "reinstate": "reinstate a subscription",
    "release": "release an environment",
    "release_and_register": "release an environment and register another",
    "rename": "rename a slot",
    "renamed": "choose from a menu",
    "renew": "renew a subscription",
    "replaced": "choose from a menu",
    "replace": "release an environment and register another",
    "report": "get a report",
    "revocations": "get the revocation list",
    "request": "ask for license files",
    "requests": "see requests",
    "retire_key": "give up a signing key",
    "role_chosen": "change a role",
    "search": "search",
    "send_again": "have a file sent again",
    "serial_changed": "change a serial number",
    "set_channel": "set an approval channel",
    "set_role": "change a role",
    "show": "see another infrastructure",
    "slots": "see slots",
    "subscription": "see subscriptions",
    "suspend": "suspend a subscription",
    "take_over": "give a role to a successor",
    "to_answer": "answer a request for access",
    "to_decide": "decide a request",
    "undo": "undo a registration",
    "upload": "upload a license file",
    "upload_confirm": "upload a license file",
    "upload_file": "upload a license file",
    "version": "change a platform version",
    "visit": "use the desk",
    "withdraw": "withdraw a request",
}
"""By the name of an intention, or of a conversation without its kind."""


def tried(name: str) -> str:
    """What was tried, after "tried to"; of a name that an older version recorded, its own words."""
    base = name.lstrip("_")
    for kind in _KINDS:
        base = base.removesuffix(kind)
    return TRIES.get(base, base.replace("_", " "))
