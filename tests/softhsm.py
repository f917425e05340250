"""Real PKCS #11 tokens for the tests: SoftHSM's, from Debian's package softhsm2, each in files of its own.

A pair of keys is made by another process (this module, run), since a module knows one login in a process.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism
from pkcs11.types import Session
from pkcs11.util.ec import encode_named_curve_parameters

from store.kept_keys import KeyAccess
from store.key_tokens import TokenAccess

PIN = "canary-4711"
_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
)
MODULE = next((each for each in _MODULES if Path(each).exists()), "")


def missing() -> str:
    """Why there can be no token here; nothing when there can."""
    if shutil.which("softhsm2-util") and MODULE:
        return ""
    return "SoftHSM is not installed (Debian's package softhsm2)"


@dataclass(frozen=True)
class Token:
    """A token of its own among SoftHSM's files in `folder`."""

    label: str
    folder: Path

    @property
    def access(self) -> KeyAccess:
        """What opens it."""
        return KeyAccess(token=TokenAccess(MODULE, self.label, PIN))

    @property
    def settings(self) -> dict[str, str]:
        """The settings that open it."""
        return {"key_token_module": MODULE, "key_token_label": self.label, "key_token_pin": PIN}

    def make_pair(self, label: str, kind: str = "ES256") -> None:
        """Make a pair of keys in it: `ES256`, `EdDSA`, `leavable`, or on another curve."""
        line = [sys.executable, "-m", "tests.softhsm", self.label, label, kind]
        subprocess.run(line, check=True, cwd=Path(__file__).parents[1])

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take all tokens out, and put them back in."""
        elsewhere = self.folder.with_name("elsewhere")
        self.folder.rename(elsewhere)
        try:
            yield
        finally:
            elsewhere.rename(self.folder)


def new_token(folder: Path) -> Token:
    """Make a token; `folder` holds SoftHSM's files, and its configuration is set for this process and its children."""
    tokens = folder / "tokens"
    tokens.mkdir(exist_ok=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    token = Token(f"desk {uuid4().hex[:8]}", tokens)
    line = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        token.label,
        "--so-pin",
        "0000-so",
        "--pin",
        PIN,
    ]
    subprocess.run(line, check=True, capture_output=True)
    return token


def _make(session: Session, label: str, kind: str) -> None:
    curve = {"EdDSA": "1.3.101.112", "P-384": "secp384r1"}.get(kind, "secp256r1")
    key_type = KeyType.EC_EDWARDS if kind == "EdDSA" else KeyType.EC
    parameters = session.create_domain_parameters(
        key_type, {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}, local=True
    )
    how = Mechanism.EC_EDWARDS_KEY_PAIR_GEN if kind == "EdDSA" else None
    leavable = {Attribute.EXTRACTABLE: True} if kind == "leavable" else {}
    parameters.generate_keypair(mechanism=how, store=True, label=label, private_template=leavable)


if __name__ == "__main__":
    token_label, key_label, wanted = sys.argv[1:]
    with pkcs11.lib(MODULE).get_token(token_label=token_label).open(rw=True, user_pin=PIN) as opened:
        _make(opened, key_label, wanted)
