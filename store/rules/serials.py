"""Serial numbers and activation codes: read as people type them, kept in one form.

A serial number has eight groups of three letters or digits joined by hyphens; an activation code has the
same groups joined by dots. The two are often confused, so that case has its own error.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from store.rules.errors import FieldError
from store.rules.typed import capitals, tidy

LENGTH = 24
_GROUP = 3
_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
# A label counts only with a colon or white space after it: the groups of a serial number have three
# characters, so none of them is ever taken for a label.
_SERIAL_LABEL = re.compile(r"(?:serial(?: ?(?:number|no\.?|nr\.?))?|s/?n)(?: ?[:=#] ?| )", re.IGNORECASE)
_CODE_LABEL = re.compile(r"activation(?: ?code)?(?: ?[:=#] ?| )", re.IGNORECASE)


@dataclass(eq=False)
class SerialMalformed(FieldError):
    """A serial number has 24 letters and digits; what was typed has another length or another character.

    `length` counts what was typed without separators, `expected` is 24, `wrong` is the first character that
    is neither letter nor digit, if there is one.
    """

    length: int
    wrong: str | None = None
    expected: ClassVar[int] = LENGTH
    field = "serial"


class ActivationCodeTyped(FieldError):
    """This is the activation code, which names the infrastructure; the serial number is asked for here."""

    field = "serial"


@dataclass(eq=False)
class ActivationCodeMalformed(FieldError):
    """An activation code has eight groups of three letters or digits joined by dots; this one has not.

    The attributes mean what they mean in `SerialMalformed`.
    """

    length: int
    wrong: str | None = None
    expected: ClassVar[int] = LENGTH
    field = "activation_code"


def parse_serial(text: str) -> str:
    """Return the serial number in `text` as `XXX-XXX-XXX-XXX-XXX-XXX-XXX-XXX`.

    Lower case, spaces, any dashes, no separators, wrapping quotes, invisible characters and a leading label
    such as "Serial number:" are accepted. Raises `ActivationCodeTyped` or `SerialMalformed`.
    """
    typed = capitals(tidy(text))
    if _is_activation_code(typed):
        raise ActivationCodeTyped
    characters = _without(" -", _unlabelled(_SERIAL_LABEL, typed))
    problem = _problem(characters)
    if problem:
        raise SerialMalformed(*problem)
    return _grouped(characters, "-")


def is_serial(text: str) -> bool:
    """Whether `parse_serial` takes it."""
    try:
        parse_serial(text)
    except FieldError:
        return False
    return True


def parse_activation_code(text: str) -> str:
    """Return the activation code in `text` as `XXX.XXX.XXX.XXX.XXX.XXX.XXX.XXX`.

    Lenient like `parse_serial`, except that hyphens make a serial number and are therefore wrong here.
    Raises `ActivationCodeMalformed`.
    """
    characters = _without(" .", _unlabelled(_CODE_LABEL, capitals(tidy(text))))
    problem = _problem(characters)
    if problem:
        raise ActivationCodeMalformed(*problem)
    return _grouped(characters, ".")


def _is_activation_code(typed: str) -> bool:
    if _CODE_LABEL.match(typed):
        return True
    joined = _without(" ", _unlabelled(_SERIAL_LABEL, typed))
    return "." in joined and _problem(_without(".", joined)) is None


def _problem(characters: str) -> tuple[int, str | None] | None:
    wrong = next((each for each in characters if each not in _CHARACTERS), None)
    return (len(characters), wrong) if wrong or len(characters) != LENGTH else None


def _unlabelled(label: re.Pattern[str], typed: str) -> str:
    # What the label leaves may have quotes of its own.
    return tidy(label.sub("", typed, count=1)) if label.match(typed) else typed


def _without(separators: str, text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, separators)))


def _grouped(characters: str, joint: str) -> str:
    return joint.join(characters[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))
