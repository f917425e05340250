"""Signing keys: made, kept, moved from state to state; exactly one is active."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.database import AnySelect, violated
from store.kept_keys import KeptKey, KeyAccess, OutsideKey, open_key
from store.key_formats import (
    ES256,
    PrivateKey,
    PublicKey,
    VerifyingKey,
    algorithm_of,
    generate,
    private_der,
    public_from_pem,
    public_pem,
    thumbprint,
)
from store.rules.key_keeping import KeptIn
from store.rules.key_states import (
    ActiveKeyExists,
    KeyKnown,
    KeyMoveRefused,
    KeyNotFound,
    KeyPurpose,
    KeyState,
    NoActiveKey,
    NoTestKeys,
    check_move,
)
from store.signers import Signer
from store.tables import signing_keys
from store.vault import Vault

_OPENED_KEYS = 8
_NO_ACCESS = KeyAccess()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs, opened; `id` is its row, `kid` its RFC 7638 thumbprint.

    The private part need not be in this process: all that is known of it is what signs.
    """

    id: int
    kid: str
    algorithm: str
    signer: Signer = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message` in the form that JOSE wants for the algorithm."""
        return self.signer(message)


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A signing key as it is listed: everything but its private part."""

    id: int
    kid: str
    algorithm: str
    state: KeyState
    public_pem: str
    created_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None
    compromised_at: datetime | None
    purpose: KeyPurpose
    kept_in: KeptIn
    kept_at: str | None

    @property
    def since(self) -> datetime:
        """Since when the key is in its state; as far as older versions of this program noted it."""
        moments = {
            KeyState.NEXT: self.created_at,
            KeyState.ACTIVE: self.activated_at,
            KeyState.RETIRED: self.retired_at,
            KeyState.COMPROMISED: self.compromised_at or self.retired_at,
        }
        return moments[self.state] or self.created_at


class KeyRing:
    """Opens the active key, and keeps what it opened, so that signing much does not decrypt much.

    `access` opens keys that are kept outside the database.

    Which key is active is asked of the database each time, because another process may have changed it.
    """

    def __init__(self, vault: Vault, access: KeyAccess = _NO_ACCESS) -> None:
        # Kept by all that the row says: a key that was encrypted anew is opened anew.
        self._opened = lru_cache(maxsize=_OPENED_KEYS)(lambda kept: open_key(kept, vault, access))

    def __repr__(self) -> str:
        return "KeyRing()"

    def active(self, connection: Connection) -> SigningKey:
        """Return the active key, held as it is until the transaction ends.

        So whoever moves it to another state sees afterwards everything that was signed with it before.
        Raises `NoActiveKey`, `VaultClosed` when the master keys do not open it, `KeyMisnamed` when its private
        part is not the one that its name says, and a `KeyKeepingError` when it is outside and cannot be used.
        """
        # Who waited here for another key to be activated finds none, since the one that was active was looked for.
        row = connection.execute(_ACTIVE).one_or_none() or connection.execute(_ACTIVE).one_or_none()
        if row is None:
            raise NoActiveKey
        kept = KeptKey(row.kid, row.public_pem, KeptIn(row.kept_in), row.kept_at, row.private_encrypted)
        return SigningKey(row.id, row.kid, row.algorithm, self._opened(kept))


def init(
    connection: Connection,
    vault: Vault,
    now: datetime,
    algorithm: str = ES256,
    purpose: KeyPurpose = KeyPurpose.PRODUCTION,
    outside: OutsideKey | None = None,
) -> KeyEntry:
    """Make the first key, or take one that is kept outside; it is active at once.

    Raises `ActiveKeyExists`, `KeyKnown`, `AlgorithmUnknown` or `NoTestKeys`.
    """
    return _insert(connection, _new(vault, algorithm, outside) | {"purpose": purpose}, KeyState.ACTIVE, now)


def add(
    connection: Connection,
    vault: Vault,
    now: datetime,
    algorithm: str = ES256,
    purpose: KeyPurpose = KeyPurpose.PRODUCTION,
    outside: OutsideKey | None = None,
) -> KeyEntry:
    """Make a key, or take one that is kept outside: published at once, it signs once it is activated.

    Raises `KeyKnown`, `AlgorithmUnknown` or `NoTestKeys`.
    """
    return _insert(connection, _new(vault, algorithm, outside) | {"purpose": purpose}, KeyState.NEXT, now)


def activate(connection: Connection, kid: str, now: datetime) -> KeyEntry:
    """Let the key sign from now on, and retire the one that signed before.

    Raises `KeyNotFound`, `KeyMoveRefused`, `NoTestKeys`, or `ActiveKeyExists` when another key is activated at the
    moment.
    """
    entry = find(connection, kid)
    check_move(kid, entry.state, KeyState.ACTIVE)
    _check_purpose(connection, entry.purpose)
    # First the old one: at no moment may two be active.
    was_active = signing_keys.c.state == KeyState.ACTIVE
    connection.execute(update(signing_keys).where(was_active).values(state=KeyState.RETIRED, retired_at=now))
    return _move(connection, entry, KeyState.ACTIVE, activated_at=now)


def retire(connection: Connection, kid: str, now: datetime) -> KeyEntry:
    """Give up a key that never signed; it still verifies. Raises `KeyNotFound` or `KeyMoveRefused`."""
    return _move(connection, find(connection, kid), KeyState.RETIRED, retired_at=now)


def compromise(connection: Connection, kid: str, now: datetime) -> KeyEntry:
    """Never trust the key again; if it was the active one, none is active until `succeed` or `activate`.

    Raises `KeyNotFound` or `KeyMoveRefused`.
    """
    entry = find(connection, kid)
    return _move(
        connection, entry, KeyState.COMPROMISED, retired_at=entry.retired_at or now, compromised_at=now
    )


def succeed(connection: Connection, vault: Vault, now: datetime, algorithm: str) -> KeyEntry:
    """See that a key is active: the one that is, the next one that was published for the longest, or a new one."""
    present = active_entry(connection)
    if present is not None:
        return present
    following = successor(connection)
    if following is not None:
        return activate(connection, following.kid, now)
    return init(connection, vault, now, algorithm, purpose_of(connection))


def purpose_of(connection: Connection) -> KeyPurpose:
    """What the keys of this desk are for: production from its first production key on, whatever was before."""
    for_use = select(signing_keys.c.id).where(signing_keys.c.purpose == str(KeyPurpose.PRODUCTION)).limit(1)
    return KeyPurpose.PRODUCTION if connection.execute(for_use).first() else KeyPurpose.TEST


def successor(connection: Connection) -> KeyEntry | None:
    """The key to activate next: the one that was published for the longest, or none."""
    purpose = purpose_of(connection)
    ready = (each for each in list_keys(connection) if each.state is KeyState.NEXT)
    return next((each for each in ready if each.purpose is purpose), None)


def find(connection: Connection, kid: str) -> KeyEntry:
    """Return the key named `kid`. Raises `KeyNotFound`."""
    return _found(connection, kid, _LISTED)


def find_to_change(connection: Connection, kid: str) -> KeyEntry:
    """The same, held until the transaction ends, so that nobody else moves it meanwhile. Raises `KeyNotFound`."""
    return _found(connection, kid, _LISTED.with_for_update(key_share=True))


def active_entry(connection: Connection) -> KeyEntry | None:
    """The active key, if there is one."""
    return next((each for each in list_keys(connection) if each.state is KeyState.ACTIVE), None)


def _found(connection: Connection, kid: str, query: AnySelect) -> KeyEntry:
    row = connection.execute(query.where(signing_keys.c.kid == kid)).one_or_none()
    if row is None:
        raise KeyNotFound(kid)
    return _entry(row)


def list_keys(connection: Connection) -> list[KeyEntry]:
    """Return every key, the oldest first."""
    return [_entry(row) for row in connection.execute(_LISTED.order_by(signing_keys.c.id))]


def verifying_keys(connection: Connection) -> dict[str, VerifyingKey]:
    """Return every key by its `kid`, compromised ones too, so that a verifier can say what is wrong.

    `key_formats.jwks` publishes the trusted ones of them.
    """
    return {entry.kid: _verifying(entry) for entry in list_keys(connection)}


_ACTIVE = select(signing_keys).where(signing_keys.c.state == KeyState.ACTIVE).with_for_update(read=True)
_LISTED = select(*(column for column in signing_keys.c if column.name != "private_encrypted"))


def _new(vault: Vault, algorithm: str, outside: OutsideKey | None) -> dict[str, Any]:
    """What a row says of a key that does not change."""
    if outside is not None:
        kept = {"kept_in": outside.kept_in, "kept_at": outside.kept_at}
        return _named(outside.public_key) | kept | {"private_encrypted": b""}
    private_key = _generated(algorithm)
    return _named(private_key.public_key()) | {"private_encrypted": vault.encrypt(private_der(private_key))}


def _named(public_key: PublicKey) -> dict[str, Any]:
    return {
        "kid": thumbprint(public_key),
        "algorithm": algorithm_of(public_key),
        "public_pem": public_pem(public_key),
    }


def _insert(connection: Connection, part: dict[str, Any], state: KeyState, now: datetime) -> KeyEntry:
    _check_purpose(connection, part["purpose"])
    activated_at = now if state is KeyState.ACTIVE else None
    row = part | {"state": state, "created_at": now, "activated_at": activated_at}
    with _one_active(part["kid"]):
        connection.execute(insert(signing_keys).values(row))
    return find(connection, part["kid"])


def _generated(algorithm: str) -> PrivateKey:
    """A new key with a name that no command line takes for an option."""
    while True:
        private_key = generate(algorithm)
        if not thumbprint(private_key.public_key()).startswith("-"):
            return private_key


def _check_purpose(connection: Connection, purpose: KeyPurpose) -> None:
    """Raise `NoTestKeys` for a test key where production keys are."""
    if purpose is KeyPurpose.TEST and purpose_of(connection) is KeyPurpose.PRODUCTION:
        raise NoTestKeys


def _move(connection: Connection, entry: KeyEntry, state: KeyState, **moments: datetime) -> KeyEntry:
    check_move(entry.kid, entry.state, state)
    # The state is asked again in the statement: between reading the key and this line somebody may have
    # found it compromised, and then it must not become active.
    as_read = (signing_keys.c.kid == entry.kid) & (signing_keys.c.state == entry.state)
    with _one_active(entry.kid):
        moved = connection.execute(update(signing_keys).where(as_read).values(state=state, **moments))
    present = find(connection, entry.kid)
    if moved.rowcount != 1:
        raise KeyMoveRefused(entry.kid, present.state, state)
    return present


@contextmanager
def _one_active(kid: str) -> Iterator[None]:
    # Two processes may each find no active key and both make theirs active; the constraint lets one win.
    try:
        yield
    except IntegrityError as error:
        if violated(error, "uq_signing_keys_active", "signing_keys.state"):
            raise ActiveKeyExists from None
        if violated(error, "uq_signing_keys_kid", "signing_keys.kid"):
            raise KeyKnown(kid) from None
        raise


def _entry(row: Row[Any]) -> KeyEntry:
    return KeyEntry(
        row.id,
        row.kid,
        row.algorithm,
        KeyState(row.state),
        row.public_pem,
        row.created_at,
        row.activated_at,
        row.retired_at,
        row.compromised_at,
        KeyPurpose(row.purpose),
        KeptIn(row.kept_in),
        row.kept_at,
    )


def _verifying(entry: KeyEntry) -> VerifyingKey:
    public_key = public_from_pem(entry.public_pem)
    return VerifyingKey(entry.kid, entry.algorithm, public_key, entry.state, entry.purpose)
