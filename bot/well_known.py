"""What products read over HTTP at `/.well-known/`: the public keys, and which licenses count no more."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection
from starlette.routing import BaseRoute

from bot.published import Document, published
from bot.revocation_feed import RevocationFeed
from store import key_sets
from store.desk import Desk

JWKS_PATH: Final = "/.well-known/jwks.json"
PEM_PATH: Final = "/.well-known/jwks.pem"
REVOCATIONS_PATH: Final = "/.well-known/license-revocations.jwt"
LONGEST_KEPT: Final = timedelta(minutes=15)
"""How long others may keep the keys at most, so that a compromised one is soon believed nowhere."""


def well_known(desk: Desk) -> Sequence[BaseRoute]:
    """Make the routes. No key is kept by others for longer than a key is published before it signs."""
    max_age = min(LONGEST_KEPT, desk.policy.key_published_for)

    def document(path: str, media_type: str, text: Callable[[Connection], str]) -> BaseRoute:
        def make() -> bytes:
            with desk.database.read() as connection:
                return text(connection).encode()

        return published(Document(path, media_type, make, max_age))

    return [
        document(JWKS_PATH, "application/jwk-set+json", key_sets.jwks_text),
        document(PEM_PATH, "application/x-pem-file", key_sets.pem_text),
        published(Document(REVOCATIONS_PATH, "application/jwt", RevocationFeed(desk).text, LONGEST_KEPT)),
    ]
