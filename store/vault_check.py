"""Whether the master keys are those of this database, asked before anything is written with them."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, select

from store.database import Database
from store.rotation import SEALED, Sealed
from store.rules.key_keeping import KeptIn
from store.rules.key_states import KeyState
from store.rules.secrets import MasterKeysOther, VaultClosed
from store.tables import signing_keys
from store.vault import Vault

_NEWEST = 3
"""Rows of a kind that are looked at, one of which has to open: that one alone was damaged is no reason to stop."""


def check_vault(database: Database, vault: Vault) -> None:
    """Look whether the master keys open the private keys that sign or will sign, and the newest of everything else.

    Where nothing is encrypted yet, any master keys will do. Raises `MasterKeysOther`.
    """
    with database.read() as connection:
        others = (each for each in SEALED if each.column.table is not signing_keys)
        if not (
            _keys_open(connection, vault) and all(_newest_opens(connection, vault, each) for each in others)
        ):
            raise MasterKeysOther


def _keys_open(connection: Connection, vault: Vault) -> bool:
    in_use = signing_keys.c.state.in_([str(KeyState.ACTIVE), str(KeyState.NEXT)])
    here = signing_keys.c.kept_in == str(KeptIn.DATABASE)
    kept = connection.execute(select(signing_keys.c.private_encrypted).where(in_use, here)).scalars().all()
    return all(_opens(vault.place, each) for each in kept)


def _newest_opens(connection: Connection, vault: Vault, sealed: Sealed) -> bool:
    key = sealed.column.table.c.id
    newest = select(key).where(sealed.column != b"").order_by(key.desc()).limit(_NEWEST)
    ids = connection.execute(newest).scalars().all()
    # One after the other: the files of vendors are large, and the first one opens.
    contents = (connection.execute(select(sealed.column).where(key == each)).scalar_one() for each in ids)
    return not ids or any(_opens(partial(sealed.place, vault), each) for each in contents)


def _opens(place: Callable[[bytes], int], content: bytes) -> bool:
    try:
        place(content)
    except VaultClosed:
        return False
    return True
