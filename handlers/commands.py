"""The subcommands of `/license`: one table, and how a word finds its line."""

from collections.abc import Mapping
from typing import Any, Final

from handlers import (
    checking,
    environments,
    following,
    held_upload,
    helping,
    history,
    people,
    registration,
    releases,
    reports,
    requesting,
    revocations,
    serial_changes,
    slots,
    subscriptions,
)
from handlers.answers import Answer
from handlers.helping import Subcommand
from handlers.payloads import Command
from handlers.visitors import Visitor
from store.rules.rights import Rights


def help_command(visitor: Visitor, _command: Command) -> Answer:
    """`/license` and `/license help`."""
    return helping.show(visitor, SUBCOMMANDS)


def unknown_command(visitor: Visitor, command: Command) -> Answer:
    """Any other word: the nearest subcommand, and the help."""
    return helping.show(visitor, SUBCOMMANDS, helping.unknown(command.word, SUBCOMMANDS))


def _everybody(_rights: Rights) -> bool:
    return True


def _registers(rights: Rights) -> bool:
    return rights.registers


def _uploads(rights: Rights) -> bool:
    return rights.gets_files_directly


def _releases(rights: Rights) -> bool:
    return rights.releases


def _gets_revocations(rights: Rights) -> bool:
    return rights.gets_revocations


def _oversees(rights: Rights) -> bool:
    return rights.oversees


SUBCOMMANDS: Final = (
    Subcommand(
        ("register", "add", "new"),
        registration.register_command,
        "[serial] [version]",
        "register an environment in a free slot.",
        _registers,
    ),
    Subcommand(
        ("slots", "slot", "capacity"),
        slots.slots_command,
        "[infrastructure]",
        "free and taken slots by type.",
        _everybody,
        quick=True,
    ),
    Subcommand(
        ("environments", "environment", "list"),
        environments.environments_command,
        "[serial or name]",
        "what is registered, and until when it is licensed.",
        _everybody,
    ),
    Subcommand(
        ("request", "ask", "get"),
        requesting.request_command,
        "[serial or name]",
        "get license files, or ask for them.",
        _registers,
    ),
    Subcommand(
        ("upload", "file"),
        held_upload.upload_command,
        "[serial or name]",
        "hand in a license file that the vendor made.",
        _uploads,
    ),
    Subcommand(
        ("requests", "mine", "status"),
        following.requests_command,
        "[number]",
        "what you asked for, and what waits for you.",
        _everybody,
    ),
    Subcommand(
        ("serial-changed", "serial", "serial_changed", "serialchanged"),
        serial_changes.serial_changed_command,
        "[serial or name]",
        "give an environment its new serial number.",
        _registers,
    ),
    Subcommand(
        ("release", "free", "unregister"),
        releases.release_command,
        "[serial or name]",
        "free the slot of an environment that is no longer used.",
        _releases,
    ),
    Subcommand(
        ("subscription", "subscriptions", "renew", "term"),
        subscriptions.subscription_command,
        "[infrastructure]",
        "until when an infrastructure is licensed, and whom to write to.",
        _everybody,
    ),
    Subcommand(
        ("people", "who", "roles", "contacts"),
        people.people_command,
        "[infrastructure]",
        "who is who, and how to change it.",
        _everybody,
    ),
    Subcommand(
        ("history", "log", "audit"),
        history.history_command,
        "[environment]",
        "who did what, when and from where.",
        _everybody,
    ),
    Subcommand(
        ("check", "verify"),
        checking.check_command,
        "[serial]",
        "what a serial number or a license file is, and why a server might refuse it.",
        _everybody,
    ),
    Subcommand(
        ("report", "reports"),
        reports.report_command,
        "[company or infrastructure]",
        "capacity and ending licenses, as a picture and as a table.",
        _oversees,
    ),
    Subcommand(
        ("revocations", "revocation", "revoked"),
        revocations.revocations_command,
        "",
        "the signed list of licenses that count no more, as a file for products.",
        _gets_revocations,
    ),
    Subcommand(("help", "?", "hello", "hi"), help_command, "", "this list.", _everybody, quick=True),
)

_UNKNOWN: Final = Subcommand(("unknown",), unknown_command, "", "", _everybody)
_BY_WORD: Final[Mapping[str, Subcommand]] = {word: each for each in SUBCOMMANDS for word in each.words}
_QUICK: Final = frozenset({"", *(word for each in SUBCOMMANDS if each.quick for word in each.words)})


def find(word: str) -> Subcommand:
    """The subcommand of a word typed in lower case: help for none, the nearest with the help for an unknown one."""
    return _BY_WORD.get(word or "help", _UNKNOWN)


def is_quick(body: Mapping[str, Any]) -> bool:
    """Whether this is a command that a few short reads answer, of whatever shape the payload is."""
    text = body.get("text", "")
    return "command" in body and isinstance(text, str) and text.strip().lower() in _QUICK
