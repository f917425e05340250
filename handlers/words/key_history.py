"""The record of keys and of what they sign or lock, in words."""

from collections.abc import Callable, Mapping
from typing import Final

from handlers.words.pens import Pen, counted
from store.entries import Line


def _key_added(line: Line, pen: Pen) -> str:
    test = " for tests alone" if line.facts.get("purpose") == "test" else ""
    return f"made the signing {pen.name(line.subject)}{test}"


def _key_activated(line: Line, pen: Pen) -> str:
    unknown = ", without waiting until products know it" if line.facts.get("at_once") else ""
    return f"let the {pen.name(line.subject)} sign from now on{unknown}"


def _rotation_begun(line: Line, pen: Pen) -> str:
    return f"began to encrypt secrets anew with the {pen.name(line.subject)}"


def _secrets_rotated(line: Line, pen: Pen) -> str:
    number = line.facts.get("secrets")
    secrets = counted(number, "secret") if isinstance(number, int) else "secrets"
    return f"encrypted {secrets} anew with the {pen.name(line.subject)}"


def _publish_revocations(line: Line, pen: Pen) -> str:
    number = line.facts.get("licenses")
    return f"gave {pen.name(line.subject)} its number ({counted(number if isinstance(number, int) else 0, 'license')})"


def _key_compromised(line: Line, pen: Pen) -> str:
    number, successor = line.facts.get("infrastructures"), pen.name(str(line.facts.get("successor")))
    licenses = ""
    if isinstance(number, int) and number:
        licenses = f", and had licenses of {counted(number, 'infrastructure')} made anew"
    return f"declared the {pen.name(line.subject)} compromised, so that key {successor} signs{licenses}"


KEY_ACTIONS: Final[Mapping[str, Callable[[Line, Pen], str]]] = {
    "key_added": _key_added,
    "key_activated": _key_activated,
    "key_compromised": _key_compromised,
    "rotation_begun": _rotation_begun,
    "secrets_rotated": _secrets_rotated,
    "publish_revocations": _publish_revocations,
}
"""Words for each action about keys that the store records."""
