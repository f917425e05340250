"""Words for what is found when a license file or a serial number is checked."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from handlers.blocks.text import day, last_day
from handlers.words.pens import Pen
from store.checking import Checked
from store.rules.checking import NotOneOfYours, Trouble
from store.rules.errors import DeskError

_UNKNOWN: Final = "a day that is not known"


def newest(checked: Checked, pen: Pen) -> str:
    """Which license of its slot it is, and whether it is the newest."""
    issued, latest = checked.license, checked.newest
    if issued is None or latest is None:
        return "none was made for it yet"
    said = f"number {issued.seq} of its slot, made on {pen.day(issued.issued_at)}"
    if checked.is_newest:
        return f"{said}; it is the newest"
    return f"{said}; it is not the newest, which is number {latest.seq} of {pen.day(latest.issued_at)}"


def validity(checked: Checked) -> str:
    """From when and until when it is valid."""
    issued = checked.license
    if issued is None:
        return "nothing to be valid"
    since = f"from {day(issued.not_before)} "
    if issued.license_end is None:
        return f"{since}without an end"
    return f"{since}until {_last_day(issued.license_end)}, and in grace until {_last_day(issued.expires_at)}"


def registered(checked: Checked, pen: Pen) -> str:
    """What has become of the registration."""
    registration = checked.registration
    if registration.state == "open":
        return f"since {pen.day(registration.registered_at)}"
    if registration.state == "reserved":
        return "not yet; it waits in a serial change that nobody has decided"
    return f"from {pen.day(registration.registered_at)} until {_day(checked.ended_at, pen)}"


def trouble(found: Trouble, checked: Checked, pen: Pen) -> str:
    """Why a server might refuse it: a sentence."""
    return _TROUBLES[found](checked, pen)


def _last_day(end: datetime | None) -> str:
    return last_day(end) if end else _UNKNOWN


def _day(moment: datetime | None, pen: Pen) -> str:
    return pen.day(moment) if moment else _UNKNOWN


def _starts(checked: Checked, _pen: Pen) -> str:
    start = checked.license.not_before if checked.license else None
    return f"It is not valid before {day(start) if start else _UNKNOWN}."


def _expired(checked: Checked, _pen: Pen) -> str:
    end = checked.license.expires_at if checked.license else None
    return f"It has expired: {_last_day(end)} was the last day of its grace."


def _in_grace(checked: Checked, _pen: Pen) -> str:
    issued = checked.license
    ends = (issued.license_end, issued.expires_at) if issued else (None, None)
    return f"Its term ended with {_last_day(ends[0])}. It still works in grace, until {_last_day(ends[1])}."


def _released(_checked: Checked, _pen: Pen) -> str:
    return (
        "The environment was released, so the file is not meant to be used any more. The old server may accept it "
        "until its date: please remove it there."
    )


def _other_serial(checked: Checked, pen: Pen) -> str:
    present = checked.present.serial if checked.present else ""
    return f"The serial number of this environment is {pen.name(present)} now; a server with that one refuses it."


def _replaced(checked: Checked, _pen: Pen) -> str:
    number = checked.newest.seq if checked.newest else 0
    return f"A newer license was made, number {number}. A server that has seen it may refuse this one."


def _other_product(checked: Checked, pen: Pen) -> str:
    found = checked.file.facts.audience if checked.file else ""
    product = checked.infrastructure.product
    return (
        f"It is made for {pen.name(found)}, and {pen.name(product.name)} asks for {pen.name(product.audience)}: "
        "a server of this product refuses it."
    )


def _other_version(checked: Checked, pen: Pen) -> str:
    declared = checked.file.facts.declared if checked.file else ""
    present = checked.present.platform_version if checked.present else ""
    return f"It was made for version {pen.name(declared)}, and {pen.name(present)} is registered now."


def _other_bytes(_checked: Checked, _pen: Pen) -> str:
    return (
        "Its content is right, but its bytes are not those that were sent, for example because of white space. "
        "A server that compares the checksum refuses it."
    )


def _untrusted(_checked: Checked, _pen: Pen) -> str:
    return "The key that signed it is not trusted any more."


def _test_key(_checked: Checked, _pen: Pen) -> str:
    return "A test key signed it: it is for tests of the product alone, and other servers refuse it."


_TROUBLES: Final[Mapping[Trouble, Callable[[Checked, Pen], str]]] = {
    Trouble.NOT_YET_VALID: _starts,
    Trouble.EXPIRED: _expired,
    Trouble.IN_GRACE: _in_grace,
    Trouble.RELEASED: _released,
    Trouble.OTHER_SERIAL: _other_serial,
    Trouble.REPLACED: _replaced,
    Trouble.OTHER_PRODUCT: _other_product,
    Trouble.OTHER_VERSION: _other_version,
    Trouble.OTHER_BYTES: _other_bytes,
    Trouble.UNTRUSTED: _untrusted,
    Trouble.TEST_KEY: _test_key,
}


def _not_yours(_error: NotOneOfYours, _pen: Pen) -> str:
    return (
        "This is not one of yours: no environment that you see has or had this serial number or license. "
        "Check what you typed, or ask an admin to add you where it belongs."
    )


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {NotOneOfYours: _not_yours}
