"""Files that the vendor made: what they may be called, what they are, and which serial numbers they name.

Archives are not opened, so what is in them is not looked at.
"""

import mimetypes
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Final

from store.rules.held_file_errors import HeldFileEmpty, HeldFileEnding, HeldFileTooLarge, NotOneEnvironment

LARGEST: Final = 10 * 1024 * 1024
"""Bytes of a file, unless the operators say otherwise."""
ENDINGS: Final = ("lic", "license", "txt", "xml", "json", "key", "dat", "bin", "zip")
"""How the name of a file may end, unless the operators say otherwise."""
LONGEST_NAME: Final = 100
MOST_SERIALS: Final = 1000
"""Serial numbers that are looked for in one file."""
UNKNOWN_TYPE: Final = "application/octet-stream"

_DASHES: Final = "\\-\u2010-\u2015\u2212"
_SERIAL: Final = re.compile(
    r"(?<![A-Z0-9])"
    rf"(?:[A-Z0-9]{{3}}(?:[{_DASHES}][A-Z0-9]{{3}}){{7}}|[A-Z0-9]{{24}}|[A-Z0-9]{{3}}(?: [A-Z0-9]{{3}}){{7}})"
    r"(?![A-Z0-9])"
)
_BETWEEN: Final = re.compile(rf"[\s_.:{_DASHES}]+")
_NOT_IN_NAMES: Final = frozenset('<>:"|?*`')
_FALLBACK: Final = "license"


def cleaned_name(name: str) -> str:
    """A file's name without folders, control and invisible characters, at most `LONGEST_NAME` long with its ending."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(each for each in last if each not in _NOT_IN_NAMES and not _is_invisible(each))
    stem, dot, ending = " ".join(kept.split()).strip(". ").rpartition(".")
    if not dot:
        return (ending or _FALLBACK)[:LONGEST_NAME]
    room = LONGEST_NAME - len(ending) - 1
    return f"{(stem.rstrip('. ') or _FALLBACK)[:room]}.{ending}" if room > 0 else ending[:LONGEST_NAME]


def require_taken(name: str, size: int, endings: Collection[str], most: int) -> None:
    """Raise `HeldFileEmpty`, `HeldFileTooLarge` or `HeldFileEnding` for a file that is not taken."""
    if not size:
        raise HeldFileEmpty
    if size > most:
        raise HeldFileTooLarge(most)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in endings:
        raise HeldFileEnding(ending[:20], tuple(endings))


def media_type(name: str) -> str:
    """The media type that the ending of a name stands for; what the sender says of it counts for nothing."""
    return mimetypes.guess_type(name, strict=True)[0] or UNKNOWN_TYPE


def text_of(content: bytes) -> str | None:
    """The text that a file is, in UTF-8 or, with its mark, in UTF-16; `None` when it is none."""
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def names(text: str, serial: str) -> bool:
    """Whether a text names a serial number, however it is separated or wrapped."""
    return _BETWEEN.sub("", serial) in _BETWEEN.sub("", text.upper())


def serials_in(text: str) -> frozenset[str]:
    """Everything in a text that looks like a serial number, in the form in which they are kept.

    Raises `NotOneEnvironment` for more than `MOST_SERIALS`.
    """
    found: set[str] = set()
    for each in _grouped(text.upper()):
        found.add(each)
        if len(found) > MOST_SERIALS:
            raise NotOneEnvironment(MOST_SERIALS)
    return frozenset(found)


def _grouped(text: str) -> Iterator[str]:
    for match in _SERIAL.finditer(text):
        characters = _BETWEEN.sub("", match.group())
        yield "-".join(characters[start : start + 3] for start in range(0, len(characters), 3))


def _is_invisible(character: str) -> bool:
    """Control, format (such as marks that turn the direction of writing), surrogate and private characters."""
    return unicodedata.category(character).startswith("C")
