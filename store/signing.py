"""What operators do with signing keys, each in one transaction and on the record."""

from store import keys
from store.desk import Act, intention
from store.key_formats import ES256
from store.keys import KeyEntry


@intention
def init_keys(act: Act, algorithm: str = ES256) -> KeyEntry:
    """Make the first signing key, active at once. Raises `ActiveKeyExists` or `AlgorithmUnknown`."""
    entry = keys.init(act.connection, act.desk.vault, act.now, algorithm)
    act.record("key_added", f"key {entry.kid}", algorithm=entry.algorithm, state=str(entry.state))
    return entry
