"""Where the private part of a signing key is kept, and what can be wrong there; no class carries key material."""

from dataclasses import dataclass
from enum import StrEnum

from store.rules.errors import DeskError


class KeptIn(StrEnum):
    """Where a private part is: encrypted in the database, in a file, or in a PKCS #11 token, which it never leaves."""

    DATABASE = "database"
    FILE = "file"
    TOKEN = "token"  # noqa: S105 - the word of PKCS #11 for a device, and no secret.


class KeyKeepingError(DeskError):
    """The private part of a signing key cannot be used where it is kept."""


@dataclass(eq=False)
class KeyFileUnreadable(KeyKeepingError):
    """The key file `path` cannot be read (`reason`). Check its path, and that this user may read it."""

    path: str
    reason: str


@dataclass(eq=False)
class KeyFileExposed(KeyKeepingError):
    """The key file `path` may be read or written by every user of this machine. Run: chmod o= `path`"""

    path: str


@dataclass(eq=False)
class KeyFileLocked(KeyKeepingError):
    """The passphrase that is set does not open the key file `path`. Check LICENSE_DESK_KEY_PASSPHRASE."""

    path: str


@dataclass(eq=False)
class KeyFileOdd(KeyKeepingError):
    """The key file `path` holds no private key of P-256 or Ed25519 in PKCS #8, as PEM or DER."""

    path: str


class TokenSupportMissing(KeyKeepingError):
    """Keys in a PKCS #11 token need a package that is not installed: install license-desk[pkcs11]."""


class TokenNotSet(KeyKeepingError):
    """No token is set. Set LICENSE_DESK_KEY_TOKEN_MODULE, and LICENSE_DESK_KEY_TOKEN_LABEL and _PIN as well."""


@dataclass(eq=False)
class TokenModuleUnusable(KeyKeepingError):
    """The PKCS #11 module `module` cannot be loaded. Check LICENSE_DESK_KEY_TOKEN_MODULE."""

    module: str


@dataclass(eq=False)
class TokenAway(KeyKeepingError):
    """The PKCS #11 token `token` does not answer as it should (`reason`). Check that it is there and works."""

    token: str
    reason: str


@dataclass(eq=False)
class TokenSilent(KeyKeepingError):
    """The PKCS #11 token `token` did not answer within `seconds` seconds. See that it works; if it stays so, restart.

    Until it has answered after all, it is not asked again, and everybody who needs it gets this at once.
    """

    token: str
    seconds: str


@dataclass(eq=False)
class TokenPinRefused(KeyKeepingError):
    """The token `token` refused the PIN (`reason`). Set the right one: starting again and again locks the token.

    The same process does not try it again.
    """

    token: str
    reason: str


@dataclass(eq=False)
class TokenPinLastTry(KeyKeepingError):
    """The token `token` locks at the next wrong PIN, so none was tried. Log in once with the right one by its tool."""

    token: str


@dataclass(eq=False)
class TokenKeyMissing(KeyKeepingError):
    """The token `token` has no pair of a private and a public key with the label `label`, or several."""

    token: str
    label: str


@dataclass(eq=False)
class TokenKeyOdd(KeyKeepingError):
    """The key `label` in the token `token` is not one of P-256 or Ed25519, or the token does not sign with it."""

    token: str
    label: str


@dataclass(eq=False)
class TokenKeyLeavable(KeyKeepingError):
    """The key `label` could be read out of the token `token`. Make one there that is sensitive and not extractable."""

    token: str
    label: str


@dataclass(eq=False)
class TokenKeyOther(KeyKeepingError):
    """The key `label` in the token `token` is not the one that the desk knows by this label."""

    token: str
    label: str
