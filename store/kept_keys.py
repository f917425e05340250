"""Private parts of signing keys, wherever they are kept: in the database, in a file, or in a token."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from store.key_files import read_key_file
from store.key_formats import PublicKey, private_from_der, public_from_pem, thumbprint
from store.key_tokens import TokenAccess, token_public_key, token_signer
from store.rules.key_errors import KeyMisnamed
from store.rules.key_keeping import KeptIn
from store.signers import Signer, signer_of
from store.vault import Vault

_TOKEN_URI = re.compile(r"pkcs11:token=([^;?]*);object=([^;?]*)")


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """What opens keys that are kept outside the database: the passphrase of files, and how the token is reached."""

    passphrase: str = field(default="", repr=False)
    token: TokenAccess = field(default_factory=TokenAccess)


@dataclass(frozen=True, slots=True)
class OutsideKey:
    """A key that is kept outside the database; `kept_at` is a path, or a URI of a token's object (RFC 7512)."""

    public_key: PublicKey = field(repr=False)
    kept_in: KeptIn
    kept_at: str


@dataclass(frozen=True, slots=True)
class KeptKey:
    """What a row says of a private part; `private_encrypted` is empty for one outside the database."""

    kid: str
    public_pem: str
    kept_in: KeptIn
    kept_at: str | None
    private_encrypted: bytes = field(repr=False)


def key_in_file(path: Path, access: KeyAccess) -> OutsideKey:
    """Look at a key in a file. Raises a `KeyKeepingError`."""
    absolute = str(path.absolute())
    return OutsideKey(read_key_file(absolute, access.passphrase).public_key(), KeptIn.FILE, absolute)


def key_in_token(label: str, access: KeyAccess) -> OutsideKey:
    """Look at the pair of keys with this label in the token that is set. Raises a `KeyKeepingError`."""
    public_key = token_public_key(access.token, label)
    uri = f"pkcs11:token={quote(access.token.token, safe='')};object={quote(label, safe='')}"
    return OutsideKey(public_key, KeptIn.TOKEN, uri)


def open_key(kept: KeptKey, vault: Vault, access: KeyAccess) -> Signer:
    """Return what signs with a private part.

    Raises `VaultClosed` when the master keys do not open it, `KeyMisnamed` when it is not the one that its name
    says, and a `KeyKeepingError` when it cannot be used where it is.
    """
    if kept.kept_in is KeptIn.TOKEN:
        return _in_token(kept, access)
    if kept.kept_in is KeptIn.FILE:
        private_key = read_key_file(str(kept.kept_at), access.passphrase)
    else:
        private_key = private_from_der(vault.decrypt(kept.private_encrypted))
    _check_name(kept.kid, private_key.public_key())
    return signer_of(private_key)


def _in_token(kept: KeptKey, access: KeyAccess) -> Signer:
    public_key = public_from_pem(kept.public_pem)
    _check_name(kept.kid, public_key)
    found = _TOKEN_URI.fullmatch(str(kept.kept_at))
    token, label = (unquote(part) for part in found.groups()) if found else ("", "")
    return token_signer(access.token.of(token), label, public_key)


def _check_name(kid: str, public_key: PublicKey) -> None:
    found = thumbprint(public_key)
    if found != kid:
        raise KeyMisnamed(kid, found)
