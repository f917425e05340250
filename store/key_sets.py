"""Public keys as they are given to products: the keys that may be believed, as a JWKS document or in PEM."""

import json

from sqlalchemy import Connection

from store import keys
from store.key_formats import jwks, public_pem


def jwks_text(connection: Connection) -> str:
    """The JWKS document (RFC 7517) of every key that may be believed, the oldest first."""
    return json.dumps(jwks(keys.verifying_keys(connection).values()), indent=2) + "\n"


def pem_text(connection: Connection) -> str:
    """The same keys in PEM, one block after the other."""
    known = keys.verifying_keys(connection).values()
    return "".join(public_pem(each.public_key) for each in known if each.state.trusted)
