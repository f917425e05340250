"""What a revocation list says, read back from its claims, of which nothing is taken for granted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from store.rules.claim_reader import Claims, check_version
from store.rules.revocations import Revocation, listed

FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class RevocationClaims:
    """What a list says: whose it is, when it was made, from when on a newer one should be there, and its entries."""

    issuer: str
    issued_at: datetime
    expires_at: datetime
    seq: int
    revocations: tuple[Revocation, ...]

    @property
    def digest(self) -> str:
        """The digest of the entries, as `Listed` has it."""
        return listed(self.revocations).digest


def read_claims(claims: Mapping[str, object]) -> RevocationClaims:
    """Return what `claims` say. Raises `UnknownFormatVersion` or `ClaimMalformed`."""
    check_version(claims, FORMAT_VERSION)
    read = Claims(claims)
    return RevocationClaims(
        read.text("iss"),
        read.moment("iat"),
        read.moment("exp"),
        read.number("seq"),
        tuple(
            Revocation(each.text("jti"), each.text("reason"), each.moment("revoked_at"))
            for each in read.each_within("revocations")
        ),
    )
