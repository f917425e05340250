"""Words for files that people put into forms: why they cannot be read, and why a license file cannot be trusted."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.words.pens import Pen, size
from store.rules.errors import DeskError
from store.rules.license_errors import (
    ClaimMalformed,
    LicenseFileError,
    LicenseFileTooLarge,
    NotALicenseFile,
    NotARevocationList,
    NotAuditHeads,
    NotForThisProduct,
    SignatureMismatch,
    TestKey,
    UnknownExtension,
    UnknownFormatVersion,
    UnknownKey,
    UntrustedKey,
    WrongAlgorithm,
    WrongType,
)
from store.rules.upload_errors import UploadTooLarge, UploadUnreadable

_GET_ANEW: Final = (
    "A server would refuse it. Get the file again with `/license request`, and upload it unchanged."
)
_NOT_OURS: Final = "A server would refuse it. If it was sent to you as a license file, tell the operators."


def _too_large(error: UploadTooLarge, _pen: Pen) -> str:
    return f"This file is too large: at most {size(error.most)} are read here. Nothing has changed."


def _unreadable(_error: UploadUnreadable, _pen: Pen) -> str:
    return "Slack did not give us the file. Nothing has changed. Please try again, and upload the file anew."


def _not_a_license(_error: NotALicenseFile, _pen: Pen) -> str:
    return f"This is not a license file, or it was cut off or wrapped on its way. {_GET_ANEW}"


def _license_too_large(_error: LicenseFileTooLarge, _pen: Pen) -> str:
    return f"This is too large to be a license file. {_GET_ANEW}"


def _changed(_error: SignatureMismatch, _pen: Pen) -> str:
    return f"The signature does not match: the file was changed after it was signed. {_GET_ANEW}"


def _unknown_key(_error: UnknownKey, _pen: Pen) -> str:
    return f"This file is signed with a key that this desk does not have, so it did not make the file. {_NOT_OURS}"


def _untrusted(_error: UntrustedKey, _pen: Pen) -> str:
    return (
        "This file is signed with a key that is not trusted any more, because somebody else may have it. "
        f"{_GET_ANEW}"
    )


def _test_key(_error: TestKey, _pen: Pen) -> str:
    return "This file is signed with a test key: it is for tests of the product alone, and servers refuse it."


def _no_license(_error: LicenseFileError, _pen: Pen) -> str:
    return f"This is signed, but it is not a license file in a form that this desk makes. {_NOT_OURS}"


def _other_product(error: NotForThisProduct, pen: Pen) -> str:
    return (
        f"This license is for another product: {pen.name(error.found)}, not {pen.name(error.expected)}. "
        "A server of this product would refuse it."
    )


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    UploadTooLarge: _too_large,
    UploadUnreadable: _unreadable,
    LicenseFileError: _no_license,
    NotALicenseFile: _not_a_license,
    LicenseFileTooLarge: _license_too_large,
    SignatureMismatch: _changed,
    UnknownKey: _unknown_key,
    UntrustedKey: _untrusted,
    TestKey: _test_key,
    NotForThisProduct: _other_product,
    # These are verified at the command line alone, whose sentence is that of the class.
    NotARevocationList: _no_license,
    NotAuditHeads: _no_license,
    # Each of these is signed by us or by nobody, and never the reader's to put right.
    WrongType: _no_license,
    WrongAlgorithm: _no_license,
    UnknownExtension: _no_license,
    UnknownFormatVersion: _no_license,
    ClaimMalformed: _no_license,
}
