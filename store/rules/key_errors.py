"""What can be wrong with a key or a set of keys that somebody hands in; no class carries key material."""

from dataclasses import dataclass

from store.rules.errors import DeskError


@dataclass(eq=False)
class AlgorithmUnknown(DeskError):
    """Licenses are signed with ES256 or EdDSA, not with `algorithm`."""

    algorithm: str


class KeyUnreadable(DeskError):
    """This is no public key of a kind that licenses are signed with (P-256 or Ed25519)."""


class KeySetUnreadable(DeskError):
    """This is neither a JWKS document nor public keys in PEM."""


@dataclass(eq=False)
class KeyMisnamed(DeskError):
    """A key in the set is named `kid`, but its thumbprint is `thumbprint`."""

    kid: str
    thumbprint: str
