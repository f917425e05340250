"""What can be wrong with a license file; one class for each answer that the verifier gives.

No class carries the text of a license.
"""

from dataclasses import dataclass

from store.rules.errors import DeskError


class LicenseFileError(DeskError):
    """This is not a license file that can be trusted."""


@dataclass(eq=False)
class NotALicenseFile(LicenseFileError):
    """This is not a license file at all, or it was cut off or wrapped on its way.

    `size` is the length of what was read, in bytes.
    """

    size: int


@dataclass(eq=False)
class NotARevocationList(LicenseFileError):
    """This is not a revocation list at all, or it was cut off or wrapped on its way.

    `size` is the length of what was read, in bytes.
    """

    size: int


@dataclass(eq=False)
class NotAuditHeads(LicenseFileError):
    """These are no exported heads of the record at all, or they were cut off or wrapped on their way.

    `size` is the length of what was read, in bytes.
    """

    size: int


@dataclass(eq=False)
class LicenseFileTooLarge(LicenseFileError):
    """This is too large for a license file. `size` and `limit` are in bytes."""

    size: int
    limit: int


@dataclass(eq=False)
class WrongType(LicenseFileError):
    """This is signed, but it is no license file: its header names another type, or none (`found`)."""

    found: str | None


@dataclass(eq=False)
class UnknownExtension(LicenseFileError):
    """This file demands extensions (`names`) that license files do not have, so it must not be accepted."""

    names: tuple[str, ...]


@dataclass(eq=False)
class WrongAlgorithm(LicenseFileError):
    """This file names another signature algorithm (`found`) than the one of its key (`expected`)."""

    found: str | None
    expected: str | None


@dataclass(eq=False)
class UnknownKey(LicenseFileError):
    """This file is signed with a key (`kid`) that is none of the given ones, or names no key."""

    kid: str | None


@dataclass(eq=False)
class UntrustedKey(LicenseFileError):
    """This file is signed with a key (`kid`) that was compromised, so anybody may have made it."""

    kid: str


@dataclass(eq=False)
class TestKey(LicenseFileError):
    """This file is signed with a test key (`kid`), so it is for tests alone, and products refuse it."""

    kid: str


class SignatureMismatch(LicenseFileError):
    """The signature does not match: the file was changed after it was signed."""


@dataclass(eq=False)
class UnknownFormatVersion(LicenseFileError):
    """This file has a version of the format (`found`) that this program does not know."""

    found: str | None


@dataclass(eq=False)
class ClaimMalformed(LicenseFileError):
    """The signature is good, but the content is not a license: `claim` is missing or has a wrong form."""

    claim: str


@dataclass(eq=False)
class NotForThisProduct(LicenseFileError):
    """This license is for another product: its audience is `found`, not `expected`."""

    found: str
    expected: str
