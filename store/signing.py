"""What operators do with signing keys, each in one transaction and on the record."""

from dataclasses import dataclass

from store import key_reissues, keys
from store.desk import Act, intention
from store.kept_keys import OutsideKey
from store.key_formats import ES256
from store.keys import KeyEntry
from store.rules.key_states import KeyPurpose, KeyState, check_published
from store.telling import tell_operators


@dataclass(frozen=True, slots=True)
class Compromised:
    """A compromised key, the one that signs now, and of how many infrastructures licenses are made anew."""

    entry: KeyEntry
    active: KeyEntry
    infrastructures: int


@intention
def init_keys(
    act: Act,
    algorithm: str = ES256,
    purpose: KeyPurpose = KeyPurpose.PRODUCTION,
    outside: OutsideKey | None = None,
) -> KeyEntry:
    """Make the first signing key, or take one that is kept outside the database; it is active at once.

    Raises `ActiveKeyExists`, `KeyKnown`, `AlgorithmUnknown` or `NoTestKeys`.
    """
    return _added(act, keys.init(act.connection, act.desk.vault, act.now, algorithm, purpose, outside))


@intention
def add_key(
    act: Act,
    algorithm: str = ES256,
    purpose: KeyPurpose = KeyPurpose.PRODUCTION,
    outside: OutsideKey | None = None,
) -> KeyEntry:
    """Make a key, or take one that is kept outside the database: published at once, it signs once it is activated.

    Raises `KeyKnown`, `AlgorithmUnknown` or `NoTestKeys`.
    """
    return _added(act, keys.add(act.connection, act.desk.vault, act.now, algorithm, purpose, outside))


@intention
def activate_key(act: Act, kid: str, *, at_once: bool = False) -> KeyEntry:
    """Let a key sign from now on, and retire the one that signed before.

    Raises `KeyNotFound`, `KeyMoveRefused`, `NoTestKeys`, `ActiveKeyExists`, and without `at_once` `KeyNotPublished`
    for a key that products may not know yet.
    """
    entry = keys.find(act.connection, kid)
    if entry.state is KeyState.NEXT and not at_once:
        check_published(kid, entry.created_at, act.desk.policy.key_published_for, act.now)
    entry = keys.activate(act.connection, kid, act.now)
    act.record("key_activated", f"key {kid}", at_once=at_once)
    return entry


@intention
def retire_key(act: Act, kid: str) -> KeyEntry:
    """Give up a key that never signed; it still verifies. Raises `KeyNotFound` or `KeyMoveRefused`."""
    entry = keys.retire(act.connection, kid, act.now)
    act.record("key_retired", f"key {kid}")
    return entry


@intention
def compromise_key(act: Act, kid: str) -> Compromised:
    """Never trust a key again, and begin to replace every license in use that it signed.

    If it was the active one, the next one takes its place, or a new one where there is none. Of a key that is
    compromised already, what is left is begun. The operators are told. Raises `KeyNotFound`.
    """
    entry = keys.find_to_change(act.connection, kid)
    again = entry.state is KeyState.COMPROMISED
    if not again:
        entry = keys.compromise(act.connection, kid, act.now)
    active = keys.succeed(act.connection, act.desk.vault, act.now, entry.algorithm)
    number = key_reissues.begin(act, entry.id)
    if not again:
        act.record("key_compromised", f"key {kid}", successor=active.kid, infrastructures=number)
        tell_operators(act, "key_compromised", f"key_compromised:{entry.id}", key_id=entry.id, number=number)
    return Compromised(entry, active, number)


def _added(act: Act, entry: KeyEntry) -> KeyEntry:
    said = {name: str(getattr(entry, name)) for name in ("algorithm", "state", "purpose", "kept_in")}
    act.record("key_added", f"key {entry.kid}", None, **said)
    return entry
