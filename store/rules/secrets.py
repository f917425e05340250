"""What can be wrong with the master keys; no class carries any part of a key or of what it encrypts."""

from dataclasses import dataclass

from store.rules.errors import DeskError


class MasterKeyMissing(DeskError):
    """There is no master key, and without one neither signing keys nor license files can be kept."""


@dataclass(eq=False)
class MasterKeyMalformed(DeskError):
    """A master key is 32 bytes in URL-safe base64; the one at `position` (from 1) is not."""

    position: int


class VaultClosed(DeskError):
    """None of the master keys opens what is stored: it was encrypted with another key, or it was changed."""


class MasterKeysOther(DeskError):
    """The master keys are not those of this database, so nothing was done. Add the one it was encrypted with."""
