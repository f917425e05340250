"""Text as people type and paste it: what cannot be seen, and what only wraps it, is taken away."""

import unicodedata

_WRAPPERS = "`'\"“”„‟‘’‚‛«»‹›"
_TRAILING = ".,;:"
_MINUS = "\u2212"  # to Unicode it is no dash
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def tidy(text: str) -> str:
    """Return `text` without invisible characters, wrapping quotes and the end of a sentence.

    Full-width letters and digits of East Asian keyboards become plain ones; white space becomes single
    spaces; every kind of dash becomes a hyphen. Letters keep their case.
    """
    plain = "".join(map(_plain, text.translate(_WIDE)))
    return " ".join(_unwrapped(plain).split())


def capitals(text: str) -> str:
    """Return `text` with the letters a to z in upper case and all others as they are.

    `str.upper` would turn letters outside ASCII into others, such as the dotless i into I.
    """
    return "".join(each.upper() if each.isascii() else each for each in text)


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return "-" if category == "Pd" or character == _MINUS else character


def _unwrapped(text: str) -> str:
    before = None
    while before != text:
        before = text
        text = text.strip().strip(_WRAPPERS).rstrip(_TRAILING)
    return text
