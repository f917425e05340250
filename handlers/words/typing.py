"""Words for what was typed and cannot be used: serial numbers, versions, reasons, numbers of requests."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.words.pens import Pen
from store.rules.errors import DeskError
from store.rules.registration_errors import SameSerial, VersionDiffers
from store.rules.request_errors import ReasonMissing, ReasonTooLong
from store.rules.request_states import NumberMalformed
from store.rules.serials import ActivationCodeMalformed, ActivationCodeTyped, SerialMalformed
from store.rules.slot_errors import NameMissing, NameTaken, NameTooLong
from store.rules.versions import HighestVersionMalformed, ReleaseNameTyped, VersionMalformed


def _serial_malformed(error: SerialMalformed, pen: Pen) -> str:
    if error.wrong:
        return (
            f"A serial number has only letters and digits; “{pen.name(error.wrong)}” is neither. "
            "Copy it from your console again."
        )
    return (
        f"A serial number has {error.expected} letters and digits; this has {error.length}. "
        "Copy it from your console again."
    )


def _activation_code_typed(_error: ActivationCodeTyped, _pen: Pen) -> str:
    return (
        "This is the activation code, which names your infrastructure. The serial number of the environment is asked "
        "for here: the one with hyphens instead of dots."
    )


def _activation_code_malformed(error: ActivationCodeMalformed, _pen: Pen) -> str:
    return (
        f"An activation code has {error.expected} letters and digits in groups joined by dots; this has not."
    )


def _release_name_typed(error: ReleaseNameTyped, pen: Pen) -> str:
    return (
        f"“{pen.name(error.typed)}” is the name of a release. The version number is asked for here, such as "
        "11.17.0 (Build 36348); your console shows it next to the serial number."
    )


def _version_malformed(error: VersionMalformed, pen: Pen) -> str:
    typed = f"“{pen.name(error.typed)}”" if error.typed else "This"
    return (
        f"{typed} is not a platform version. It looks like 11.17.0 (Build 36348) or 11.0.539.0; your console shows it "
        "next to the serial number."
    )


def _highest_version_malformed(error: HighestVersionMalformed, pen: Pen) -> str:
    return f"“{pen.name(error.typed)}” is not a highest version; it looks like 11 or 11.17."


def _same_serial(_error: SameSerial, _pen: Pen) -> str:
    return "This is the serial number that the environment already has. Enter the new one."


def _version_differs(error: VersionDiffers, pen: Pen) -> str:
    return (
        f"This serial number is registered in {pen.name(error.slot.name)} with version {pen.name(error.present)}. "
        f"Confirm that it is {pen.name(error.wanted)} now."
    )


def _reason_missing(_error: ReasonMissing, _pen: Pen) -> str:
    return "Say in a few words what this is for; those who decide read it, and it is kept in the history."


def _reason_too_long(error: ReasonTooLong, _pen: Pen) -> str:
    return f"The reason has {error.length:,} characters; at most {error.most:,} fit. Say it shorter."


def _number_malformed(error: NumberMalformed, pen: Pen) -> str:
    return f"“{pen.name(error.typed)}” is not the number of a request; it looks like R-1042."


def _name_missing(_error: NameMissing, _pen: Pen) -> str:
    return "Type the new name."


def _name_too_long(error: NameTooLong, _pen: Pen) -> str:
    return f"The name has {error.length:,} characters; at most {error.most} fit."


def _name_taken(error: NameTaken, pen: Pen) -> str:
    return (
        f"Another slot of this infrastructure is called {pen.name(error.name)} already. Choose another name."
    )


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    SerialMalformed: _serial_malformed,
    ActivationCodeTyped: _activation_code_typed,
    ActivationCodeMalformed: _activation_code_malformed,
    ReleaseNameTyped: _release_name_typed,
    VersionMalformed: _version_malformed,
    HighestVersionMalformed: _highest_version_malformed,
    SameSerial: _same_serial,
    VersionDiffers: _version_differs,
    ReasonMissing: _reason_missing,
    ReasonTooLong: _reason_too_long,
    NumberMalformed: _number_malformed,
    NameMissing: _name_missing,
    NameTooLong: _name_too_long,
    NameTaken: _name_taken,
}
