"""Public keys as they are given to products: the keys that may be believed, as a JWKS document or in PEM.

Production keys and test keys never come together, so that no product takes a test license for a real one.
"""

import json

from sqlalchemy import Connection

from store import keys
from store.key_formats import VerifyingKey, jwks, pem
from store.rules.key_states import KeyPurpose


def jwks_text(connection: Connection, purpose: KeyPurpose = KeyPurpose.PRODUCTION) -> str:
    """The JWKS document (RFC 7517) of every key of that purpose that may be believed, the oldest first."""
    return json.dumps(jwks(_of(connection, purpose)), indent=2) + "\n"


def pem_text(connection: Connection, purpose: KeyPurpose = KeyPurpose.PRODUCTION) -> str:
    """The same keys in PEM, one block after the other."""
    return "".join(pem(each) for each in _of(connection, purpose) if each.state.trusted)


def _of(connection: Connection, purpose: KeyPurpose) -> list[VerifyingKey]:
    return [each for each in keys.verifying_keys(connection).values() if each.purpose is purpose]
